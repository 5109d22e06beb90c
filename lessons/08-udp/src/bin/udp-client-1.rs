//! Lesson 08, step 1: a client that asks, and waits for the answer.
//!
//!     cargo run -p udp --bin udp-client-1        (start the server first)
//!
//! What it cannot do: lose a datagram. Then it waits for ever. Step 2 mends it.

use std::env;
use std::io;
use std::net::UdpSocket;

fn main() -> io::Result<()> {
    let server = env::args().nth(1).unwrap_or("127.0.0.1:9000".to_string());
    let socket = UdpSocket::bind("127.0.0.1:0")?; // any free port is ours

    let mut buffer = [0; 65_535];
    for line in io::stdin().lines() {
        socket.send_to(line?.as_bytes(), &server)?;
        let (length, _) = socket.recv_from(&mut buffer)?;
        println!("{}", String::from_utf8_lossy(&buffer[..length]));
    }
    Ok(())
}
