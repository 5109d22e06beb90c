//! Looks in the last two pieces, and forgets those before.

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
    let (mut chunk, mut last) = ([0; 4096], Vec::new());
    let mut page = loop {
        let count = server.read(&mut chunk)?;
        if count == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        let piece = [&last[..], &chunk[..count]].concat();
        if let Some(end) = piece.windows(4).position(|four| four == b"\r\n\r\n") {
            break piece[end + 4..].to_vec();
        }
        last = chunk[..count].to_vec();
    };
    server.read_to_end(&mut page)?;
    std::io::stdout().write_all(&page)
}
