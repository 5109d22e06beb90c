//! Lesson 04: one send of ten million bytes, and nobody reads yet.
//!
//!     python3 lessons/04-send-recv/peers/sleeps.py        (in a second terminal)
//!     cargo run -p send-recv --example short-send
//!
//! What it cannot do: send the rest. Step 6 of `send-recv` has the loop that does.

use std::env;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use socket2::{Domain, Socket, Type};

fn main() -> io::Result<()> {
    let address = env::args().nth(1).unwrap_or("127.0.0.1:8000".to_string());
    let server: SocketAddr = address.parse().map_err(io::Error::other)?;
    let socket = Socket::new(Domain::for_address(server), Type::STREAM, None)?;
    socket.connect(&server.into())?;
    socket.set_write_timeout(Some(Duration::from_millis(500)))?;

    let bytes = vec![b'x'; 10_000_000];
    let count = socket.send(&bytes)?;
    println!("send took {count} of {} bytes", bytes.len());
    Ok(())
}
