//! Lesson 09, step 1: a prompt whose commands run on the server.
//!
//!     cargo run -p framing --bin remote-client-1
//!
//! What it cannot do: find the end of an answer. It takes what one recv returns (step 2).

use std::env;
use std::io::{self, Read, Write};
use std::net::TcpStream;

fn main() -> io::Result<()> {
    let address = env::args().nth(1).unwrap_or("127.0.0.1:9000".to_string());
    let mut server = TcpStream::connect(address)?;
    let mut buffer = [0; 1024];
    loop {
        print!(">>: ");
        io::stdout().flush()?;
        let mut line = String::new();
        if io::stdin().read_line(&mut line)? == 0 {
            return Ok(()); // Ctrl+D
        }
        server.write_all(line.as_bytes())?;
        let count = server.read(&mut buffer)?;
        io::stdout().write_all(&buffer[..count])?;
    }
}
