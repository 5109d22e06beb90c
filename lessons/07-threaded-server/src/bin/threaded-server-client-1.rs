//! Lesson 07, step 1: a client that says three names and `exit`.
//!
//!     cargo run -p threaded-server --bin threaded-server-client-1
//!
//! What it cannot do: talk to a server that reads lines. It sends no ends of lines, and
//! takes what one recv returned for a whole answer. Step 2 mends both.

use std::env;
use std::io::{self, Read, Write};
use std::net::TcpStream;

fn main() -> io::Result<()> {
    let address = env::args().nth(1).unwrap_or("127.0.0.1:9999".to_string());
    let mut server = TcpStream::connect(address)?;
    receive(&mut server)?; // Welcome!
    for name in ["Michael", "Tracy", "Sarah"] {
        server.write_all(name.as_bytes())?;
        receive(&mut server)?;
    }
    server.write_all(b"exit")
}

fn receive(server: &mut TcpStream) -> io::Result<()> {
    let mut buffer = [0; 1024];
    let count = server.read(&mut buffer)?;
    print!("{}", String::from_utf8_lossy(&buffer[..count]));
    Ok(())
}
