//! Exercise udp-client-with-retries, a solution: a connected socket, and a deadline for
//! each try.

use std::io::{self, ErrorKind};
use std::net::UdpSocket;
use std::time::{Duration, Instant};

/// How often the text is sent at most.
const TRIES: usize = 5;

fn main() -> io::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [server, text, wait] = &arguments[..] else {
        return Err(io::Error::other("usage: HOST:PORT TEXT MILLISECONDS"));
    };
    let wait = Duration::from_millis(wait.parse().map_err(io::Error::other)?);
    // An error that main returns is printed on standard error; the exit code is 1.
    println!("{}", ask(server, text, wait)?);
    Ok(())
}

/// Sends the text up to `TRIES` times, and returns the answer.
fn ask(server: &str, text: &str, wait: Duration) -> io::Result<String> {
    let socket = UdpSocket::bind("0.0.0.0:0")?;
    // No byte is sent here. From now on the kernel drops what strangers send us.
    socket.connect(server)?;
    let answer = text.to_ascii_uppercase();
    let mut buffer = vec![0; 65_535];
    for _ in 0..TRIES {
        match socket.send(text.as_bytes()) {
            Err(error) if error.kind() == ErrorKind::ConnectionRefused => {}
            sent => drop(sent?),
        }
        // One deadline for the whole try. A timeout of a single recv begins anew with
        // each datagram, also with one that is no answer.
        let end = Instant::now() + wait;
        loop {
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                break; // as a timeout, 0 would mean: wait for ever
            }
            socket.set_read_timeout(Some(left))?;
            match socket.recv(&mut buffer) {
                Ok(count) if &buffer[..count] == answer.as_bytes() => return Ok(answer),
                Ok(_) => {} // late, or a mistake: we go on waiting
                Err(error) if is_late(&error) => {}
                Err(error) => return Err(error),
            }
        }
    }
    Err(io::Error::new(ErrorKind::TimedOut, "no answer"))
}

/// The time is up: Unix says WouldBlock, Windows TimedOut. Or a signal came, or nobody had
/// the port when the text arrived.
fn is_late(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::WouldBlock
            | ErrorKind::TimedOut
            | ErrorKind::Interrupted
            | ErrorKind::ConnectionRefused
    )
}
