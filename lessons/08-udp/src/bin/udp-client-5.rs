//! Lesson 08, step 5: connect, which sends nothing.
//!
//!     cargo run -p udp --bin udp-client-5        (start the server first)
//!
//! What it cannot do: try the other addresses of a name, and tell you when its buffer was
//! too short. The last step, `udp-client`, can, and has options.

use std::env;
use std::io;
use std::net::UdpSocket;
use std::time::{Duration, Instant};

const TRIES: u32 = 3;
const TIMEOUT: Duration = Duration::from_secs(1);

fn main() -> io::Result<()> {
    let server = env::args().nth(1).unwrap_or("127.0.0.1:9000".to_string());
    let socket = UdpSocket::bind("127.0.0.1:0")?; // any free port is ours
    socket.connect(&server)?; // from now on: send, and recv from this address alone

    for line in io::stdin().lines() {
        match ask(&socket, line?.as_bytes()) {
            Ok(answer) => println!("{}", String::from_utf8_lossy(&answer)),
            Err(error) => println!("[no answer: {error}]"),
        }
    }
    Ok(())
}

fn ask(socket: &UdpSocket, question: &[u8]) -> io::Result<Vec<u8>> {
    let mut buffer = [0; 65_535];
    for _ in 0..TRIES {
        socket.send(question)?;
        let deadline = Instant::now() + TIMEOUT;
        while let Some(left) = deadline.checked_duration_since(Instant::now()) {
            // At least 1 ms: a timeout of 0 would mean "wait for ever".
            socket.set_read_timeout(Some(left.max(Duration::from_millis(1))))?;
            match socket.recv(&mut buffer) {
                // The answer is the question in upper case, so we know it when we see it.
                Ok(length) if buffer[..length] == question.to_ascii_uppercase() => {
                    return Ok(buffer[..length].to_vec());
                }
                Ok(length) => println!("[{length} bytes that do not answer this line]"),
                Err(error) if is_timeout(&error) => println!("[nothing came: {error}]"),
                Err(error) => return Err(error), // it is refused: asking again is no use
            }
        }
    }
    Err(io::ErrorKind::TimedOut.into())
}

/// The timeout of recv has its own name on Unix, and another one on Windows.
fn is_timeout(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut
    )
}
