//! Lesson 05, step 2: a line of the talk is a line, in however many pieces it comes.
//!
//!     cargo run -p bind-listen-accept --bin talk-2
//!
//! and in a second terminal: cargo run -p bind-listen-accept --bin talk-client-1
//!
//! What it cannot do: protect its terminal. The caller can clear it. Step 3 mends it.

use std::env;
use std::io::{self, BufRead, BufReader, Write};
use std::net::TcpListener;

fn main() -> io::Result<()> {
    let address = env::args().nth(1).unwrap_or("127.0.0.1:8888".to_string());
    let listener = TcpListener::bind(address)?; // socket, SO_REUSEADDR, bind, listen
    println!("Listening on {}", listener.local_addr()?);
    let (mut caller, peer) = listener.accept()?;
    println!("{peer} is on the line and speaks first");

    let mut reader = BufReader::new(caller.try_clone()?); // keeps what comes after a line
    loop {
        let mut heard = Vec::new();
        let count = reader.read_until(b'\n', &mut heard)?; // their turn
        if count == 0 {
            println!("They hung up.");
            return Ok(());
        }
        println!("them: {}", String::from_utf8_lossy(&heard).trim_end());

        let mut line = String::new();
        if io::stdin().read_line(&mut line)? == 0 {
            return Ok(()); // Ctrl+D
        }
        caller.write_all(line.as_bytes())?; // our turn
    }
}
