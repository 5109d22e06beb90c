//! Lesson 17, step 3: a pool, so many threads and not one more.
//!
//!     cargo run -p scale --bin scale-3        then: nc 127.0.0.1 7777
//!
//! What it costs: 64 threads, however many clients there are.
//! What it cannot do: serve client 65, as long as the 64 stay, even if they are silent.
//! Step 4 has one thread for all of them.

use std::env;
use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::thread;

const WORKERS: usize = 64;

fn main() -> io::Result<()> {
    let address = env::args().nth(1).unwrap_or("127.0.0.1:7777".to_string());
    let listener = TcpListener::bind(address)?;
    println!("Listening on {}", listener.local_addr()?);
    thread::scope(|scope| {
        for _ in 0..WORKERS {
            scope.spawn(|| serve(&listener));
        }
    });
    Ok(())
}

/// One worker is the server of step 1. All of them wait in `accept` on one listener.
fn serve(listener: &TcpListener) {
    loop {
        let accepted = listener.accept();
        if let Err(error) = accepted.and_then(|(client, _)| echo(client)) {
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
