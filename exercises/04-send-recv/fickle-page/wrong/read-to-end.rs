//! Everything first, then the first blank line.

use std::io::{Read, Write};
use std::net::TcpStream;

fn main() -> std::io::Result<()> {
    let args: Vec<_> = std::env::args().collect();
    let mut server = TcpStream::connect(&args[1]).unwrap();
    let request = format!(
        "GET {} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n",
        args[2], args[1]
    );
    server.write_all(request.as_bytes()).unwrap();
    let mut all = Vec::new();
    server.read_to_end(&mut all)?;

    let end = all.windows(4).position(|four| four == b"\r\n\r\n");
    let end = end.ok_or(std::io::ErrorKind::UnexpectedEof)?;
    std::io::stdout().write_all(&all[end + 4..])
}
