//! Sends the first line of a name, and forgets the others.

use std::io::{self, BufRead, BufReader, Write};
use std::net::TcpStream;

fn main() -> io::Result<()> {
    let args: Vec<_> = std::env::args().collect();
    let mut server = TcpStream::connect(&args[1])?;
    let name = args[2].lines().next().unwrap_or_default();
    server.write_all(format!("{name}\n").as_bytes())?;
    let mut line = Vec::new();
    BufReader::new(server).read_until(b'\n', &mut line)?;
    if !line.ends_with(b"\n") {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    io::stdout().write_all(&line)
}
