//! Lesson 08, step 4: a client that knows its answer when it comes.
//!
//!     cargo run -p udp --bin udp-client-4        (start the server first)
//!
//! What it cannot do: notice that nobody listens, and tell the server from a stranger.
//! Step 5 mends both with one call.

use std::env;
use std::io;
use std::net::UdpSocket;
use std::time::{Duration, Instant};

const TRIES: u32 = 3;
const TIMEOUT: Duration = Duration::from_secs(1);

fn main() -> io::Result<()> {
    let server = env::args().nth(1).unwrap_or("127.0.0.1:9000".to_string());
    let socket = UdpSocket::bind("127.0.0.1:0")?; // any free port is ours

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
        let deadline = Instant::now() + TIMEOUT;
        while let Some(left) = deadline.checked_duration_since(Instant::now()) {
            // At least 1 ms: a timeout of 0 would mean "wait for ever".
            socket.set_read_timeout(Some(left.max(Duration::from_millis(1))))?;
            match socket.recv_from(&mut buffer) {
                // The answer is the question in upper case, so we know it when we see it.
                Ok((length, _)) if buffer[..length] == question.to_ascii_uppercase() => {
                    return Ok(buffer[..length].to_vec());
                }
                Ok((length, _)) => {
                    println!("[{length} bytes that do not answer this line]")
                }
                Err(error) => println!("[nothing came: {error}]"),
            }
        }
    }
    Err(io::ErrorKind::TimedOut.into())
}
