//! Lesson 05, step 1: two people talk in strict turns. The caller speaks first.
//!
//!     cargo run -p bind-listen-accept --bin talk-1
//!
//! and in a second terminal: cargo run -p bind-listen-accept --bin talk-client-1
//!
//! What it cannot do: tell where a line ends. One recv is taken for one line. Step 2
//! mends it.

use std::env;
use std::io::{self, Read, Write};
use std::net::TcpListener;

fn main() -> io::Result<()> {
    let address = env::args().nth(1).unwrap_or("127.0.0.1:8888".to_string());
    let listener = TcpListener::bind(address)?; // socket, SO_REUSEADDR, bind, listen
    println!("Listening on {}", listener.local_addr()?);
    let (mut caller, peer) = listener.accept()?;
    println!("{peer} is on the line and speaks first");

    loop {
        let mut buffer = [0; 1024];
        let count = caller.read(&mut buffer)?; // their turn
        if count == 0 {
            println!("They hung up.");
            return Ok(());
        }
        println!(
            "them: {}",
            String::from_utf8_lossy(&buffer[..count]).trim_end()
        );

        let mut line = String::new();
        if io::stdin().read_line(&mut line)? == 0 {
            return Ok(()); // Ctrl+D
        }
        caller.write_all(line.as_bytes())?; // our turn
    }
}
