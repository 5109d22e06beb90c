//! Prints each byte as it comes, and knows too late that the end is missing.

use std::io::{self, Read, Write};
use std::net::TcpStream;

fn main() -> io::Result<()> {
    let args: Vec<_> = std::env::args().collect();
    if args[2].contains(['\n', '\r']) {
        return Err(io::ErrorKind::InvalidInput.into());
    }
    let mut server = TcpStream::connect(&args[1])?;
    server.write_all(format!("{}\n", args[2]).as_bytes())?;
    for byte in server.bytes() {
        let byte = byte?;
        io::stdout().write_all(&[byte])?;
        if byte == b'\n' {
            return Ok(());
        }
    }
    Err(io::ErrorKind::UnexpectedEof.into())
}
