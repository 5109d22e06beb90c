//! Receives until a piece ends with the end of a line, and prints all of them.

use std::io::{self, Read, Write};
use std::net::TcpStream;

fn main() -> io::Result<()> {
    let args: Vec<_> = std::env::args().collect();
    if args[2].contains(['\n', '\r']) {
        return Err(io::ErrorKind::InvalidInput.into());
    }
    let mut server = TcpStream::connect(&args[1])?;
    server.write_all(format!("{}\n", args[2]).as_bytes())?;
    let (mut line, mut chunk) = (Vec::new(), [0; 1024]);
    while line.last() != Some(&b'\n') {
        match server.read(&mut chunk)? {
            0 => break,
            count => line.extend(&chunk[..count]),
        }
    }
    if !line.ends_with(b"\n") {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    io::stdout().write_all(&line)
}
