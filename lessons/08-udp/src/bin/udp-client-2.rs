//! Lesson 08, step 2: a client that waits for a second, and not longer.
//!
//!     cargo run -p udp --bin udp-client-2        (start the server first)
//!
//! What it cannot do: get an answer to what was lost. Step 3 asks again.

use std::env;
use std::io;
use std::net::UdpSocket;
use std::time::Duration;

fn main() -> io::Result<()> {
    let server = env::args().nth(1).unwrap_or("127.0.0.1:9000".to_string());
    let socket = UdpSocket::bind("127.0.0.1:0")?; // any free port is ours
    socket.set_read_timeout(Some(Duration::from_secs(1)))?; // SO_RCVTIMEO

    let mut buffer = [0; 65_535];
    for line in io::stdin().lines() {
        socket.send_to(line?.as_bytes(), &server)?;
        match socket.recv_from(&mut buffer) {
            Ok((length, _)) => println!("{}", String::from_utf8_lossy(&buffer[..length])),
            Err(error) => println!("[no answer: {error}]"),
        }
    }
    Ok(())
}
