//! Trims the name before it is sent.

use std::io::{self, ErrorKind, Read, Write};
use std::net::TcpStream;

fn main() -> io::Result<()> {
    let mut args = std::env::args().skip(1);
    let missing = || io::Error::other("type HOST:PORT NAME");
    let address = args.next().ok_or_else(missing)?;
    let name = args.next().ok_or_else(missing)?;
    let mut server = TcpStream::connect(&address)?;
    server.write_all(line(&name)?.as_bytes())?;
    let greeting = greeting(&mut server)?;
    // Only now: an error above has printed nothing.
    io::stdout().write_all(&greeting)
}

/// The name as a line. A name that would be more than one line is an error.
fn line(name: &str) -> io::Result<String> {
    if name.contains(['\n', '\r']) {
        return Err(io::Error::other("a name with a line end in it is no name"));
    }
    Ok(format!("{}\n", name.trim_matches(' ')))
}

/// Receives the server's line, and returns it with its end.
fn greeting(server: &mut TcpStream) -> io::Result<Vec<u8>> {
    let mut chunk = [0; 1024];
    let mut line = Vec::new();
    // A server that never ends its line must not fill our memory.
    while line.len() < 64 * 1024 {
        let count = match server.read(&mut chunk) {
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            result => result?,
        };
        if count == 0 {
            let what = "the server closed before its line had ended";
            return Err(io::Error::new(ErrorKind::UnexpectedEof, what));
        }
        line.extend_from_slice(&chunk[..count]);
        if let Some(end) = line.iter().position(|byte| *byte == b'\n') {
            // The same recv may have brought more than the line.
            line.truncate(end + 1);
            return Ok(line);
        }
    }
    Err(io::Error::other("the greeting is longer than 64 KiB"))
}
