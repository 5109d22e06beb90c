//! A BufReader has the loop inside; the line is sent with \r\n.

use std::io::{self, BufRead, BufReader, ErrorKind, Read, Write};
use std::net::TcpStream;

fn main() -> io::Result<()> {
    let args: Vec<_> = std::env::args().collect();
    if args[2].contains(['\n', '\r']) {
        return Err(ErrorKind::InvalidInput.into());
    }
    let mut server = TcpStream::connect(&args[1])?;
    write!(server, "{}\r\n", args[2])?;
    let mut line = Vec::new();
    BufReader::new(server)
        .take(1 << 20)
        .read_until(b'\n', &mut line)?;
    if line.last() != Some(&b'\n') {
        return Err(ErrorKind::UnexpectedEof.into());
    }
    io::stdout().write_all(&line)
}
