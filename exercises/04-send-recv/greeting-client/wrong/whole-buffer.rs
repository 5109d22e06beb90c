//! Prints all of its buffer, with the bytes that have never come.

use std::io::{self, Read, Write};
use std::net::TcpStream;

fn main() -> io::Result<()> {
    let args: Vec<_> = std::env::args().collect();
    if args[2].contains(['\n', '\r']) {
        return Err(io::ErrorKind::InvalidInput.into());
    }
    let mut server = TcpStream::connect(&args[1])?;
    server.write_all(format!("{}\n", args[2]).as_bytes())?;
    let mut line = [0; 1024];
    server.read(&mut line)?;
    io::stdout().write_all(&line)
}
