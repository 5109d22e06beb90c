//! Lesson 05, step 1: the client says `Hello, server!` and prints the answer.
//!
//!     cargo run -p bind-listen-accept --bin bind-listen-accept-client-1
//!
//! What it cannot do: wait for the rest of the answer. One recv is maybe a part of it.
//! Step 2 mends it.

use std::env;
use std::io::{self, Read, Write};
use std::net::TcpStream;

fn main() -> io::Result<()> {
    let address = env::args().nth(1).unwrap_or("127.0.0.1:8888".to_string());
    let mut server = TcpStream::connect(address)?;
    server.write_all(b"Hello, server!\n")?;
    let mut buffer = [0; 100];
    let count = server.read(&mut buffer)?;
    println!("it says: {:?}", String::from_utf8_lossy(&buffer[..count]));
    Ok(())
}
