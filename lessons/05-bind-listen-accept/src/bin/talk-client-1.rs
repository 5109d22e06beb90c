//! Lesson 05, step 1: the caller of the talk, who speaks first.
//!
//!     cargo run -p bind-listen-accept --bin talk-client-1
//!
//! What it cannot do: tell where a line ends, as `talk-1`. The last step, `talk-client`,
//! mends it.

use std::env;
use std::io::{self, Read, Write};
use std::net::TcpStream;

fn main() -> io::Result<()> {
    let address = env::args().nth(1).unwrap_or("127.0.0.1:8888".to_string());
    let mut stream = TcpStream::connect(address)?;
    println!("Connected. You speak first; Ctrl+D ends the talk.");

    loop {
        let mut line = String::new();
        if io::stdin().read_line(&mut line)? == 0 {
            return Ok(()); // Ctrl+D
        }
        stream.write_all(line.as_bytes())?; // our turn

        let mut buffer = [0; 1024];
        let count = stream.read(&mut buffer)?; // their turn
        if count == 0 {
            println!("They hung up.");
            return Ok(());
        }
        println!(
            "them: {}",
            String::from_utf8_lossy(&buffer[..count]).trim_end()
        );
    }
}
