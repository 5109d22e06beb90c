//! Lesson 08, step 3: a client that asks again.
//!
//!     cargo run -p udp --bin udp-client-3        (start the server first)
//!
//! What it cannot do: know its answer when it sees it. An answer that comes too late is
//! taken for the answer to the next line. Step 4 mends it.

use std::env;
use std::io;
use std::net::UdpSocket;
use std::time::Duration;

const TRIES: u32 = 3;

fn main() -> io::Result<()> {
    let server = env::args().nth(1).unwrap_or("127.0.0.1:9000".to_string());
    let socket = UdpSocket::bind("127.0.0.1:0")?; // any free port is ours
    socket.set_read_timeout(Some(Duration::from_secs(1)))?; // SO_RCVTIMEO

    for line in io::stdin().lines() {
        match ask(&socket, &server, line?.as_bytes()) {
            Ok(answer) => println!("{}", String::from_utf8_lossy(&answer)),
            Err(error) => println!("[no answer: {error}]"),
        }
    }
    Ok(())
}

fn ask(socket: &UdpSocket, server: &str, question: &[u8]) -> io::Result<Vec<u8>> {
    let mut buffer = [0; 65_535];
    for _ in 0..TRIES {
        socket.send_to(question, server)?;
        match socket.recv_from(&mut buffer) {
            Ok((length, _)) => return Ok(buffer[..length].to_vec()),
            Err(error) => println!("[nothing came: {error}]"),
        }
    }
    Err(io::ErrorKind::TimedOut.into())
}
