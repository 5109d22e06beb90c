//! Lesson 17, step 1: iterative, one client after another.
//!
//!     cargo run -p scale --bin scale-1        then: nc 127.0.0.1 7777
//!
//! What it costs: nothing, neither for each client nor for each message.
//! What it cannot do: serve a second client before the first has left. Step 2 gives each
//! client a thread. (And in all seven steps an error of `accept` ends the server, Ctrl+C
//! cuts everybody off: lessons 06 and 07, and the last program.)

use std::env;
use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};

fn main() -> io::Result<()> {
    let address = env::args().nth(1).unwrap_or("127.0.0.1:7777".to_string());
    let listener = TcpListener::bind(address)?;
    println!("Listening on {}", listener.local_addr()?);
    loop {
        let (client, _) = listener.accept()?;
        if let Err(error) = echo(client) {
            println!("a client is lost: {error}");
        }
    }
}

/// What comes goes back, until the end of the stream.
fn echo(mut client: TcpStream) -> io::Result<()> {
    let mut buffer = [0; 4096];
    loop {
        let count = client.read(&mut buffer)?;
        if count == 0 {
            return Ok(());
        }
        client.write_all(&buffer[..count])?;
    }
}
