//! Has a larger buffer, so that it will surely be enough.

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
    let mut chunk = vec![0; 1 << 20];
    let mut page = loop {
        let count = server.read(&mut chunk)?;
        if count == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        if let Some(end) = chunk[..count]
            .windows(4)
            .position(|four| four == b"\r\n\r\n")
        {
            break chunk[end + 4..count].to_vec();
        }
    };
    server.read_to_end(&mut page)?;
    std::io::stdout().write_all(&page)
}
