//! Asks on after 0, for ever.

use std::io::{self, Read, Write};
use std::net::TcpStream;

fn main() -> io::Result<()> {
    let args: Vec<_> = std::env::args().collect();
    if args[2].contains(['\n', '\r']) {
        return Err(io::ErrorKind::InvalidInput.into());
    }
    let mut server = TcpStream::connect(&args[1])?;
    server.write_all(format!("{}\n", args[2]).as_bytes())?;
    let (mut line, mut chunk) = (Vec::new(), [0; 1]);
    while line.last() != Some(&b'\n') {
        let count = server.read(&mut chunk)?;
        line.extend(&chunk[..count]);
    }
    io::stdout().write_all(&line)
}
