//! Lesson 17, step 2: a thread for each client.
//!
//!     cargo run -p scale --bin scale-2        then: nc 127.0.0.1 7777
//!
//! What it costs: for each client a thread, also for one that says nothing: some pages of
//! its stack here, and a stack in the kernel. For each message a switch to that thread.
//! What it cannot do: say no. Step 3 sets a number.

use std::env;
use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::thread;

fn main() -> io::Result<()> {
    let address = env::args().nth(1).unwrap_or("127.0.0.1:7777".to_string());
    let listener = TcpListener::bind(address)?;
    println!("Listening on {}", listener.local_addr()?);
    loop {
        let (client, _) = listener.accept()?;
        thread::spawn(|| {
            if let Err(error) = echo(client) {
                println!("a client is lost: {error}");
            }
        });
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
