//! Believes that a line comes in two pieces at most.

use std::io::{self, Read, Write};
use std::net::TcpStream;

fn main() -> io::Result<()> {
    let args: Vec<_> = std::env::args().collect();
    if args[2].contains(['\n', '\r']) {
        return Err(io::ErrorKind::InvalidInput.into());
    }
    let mut server = TcpStream::connect(&args[1])?;
    server.write_all(format!("{}\n", args[2]).as_bytes())?;
    let mut line = vec![0; 4096];
    let mut count = server.read(&mut line)?;
    if line[count - 1] != b'\n' {
        count += server.read(&mut line[count..])?;
    }
    line.truncate(count);
    io::stdout().write_all(&line)
}
