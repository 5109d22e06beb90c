//! Collects the header rightly, and takes one more recv for the page.

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
    let (mut all, mut chunk) = (Vec::new(), [0; 4096]);
    let end = loop {
        let count = server.read(&mut chunk)?;
        if count == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        all.extend(&chunk[..count]);
        if let Some(end) = all.windows(4).position(|four| four == b"\r\n\r\n") {
            break end + 4;
        }
    };
    if all.len() == end {
        let count = server.read(&mut chunk)?;
        all.extend(&chunk[..count]);
    }
    std::io::stdout().write_all(&all[end..])
}
