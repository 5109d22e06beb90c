//! Everything first, then its parts.

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

    let blank = all.windows(4).position(|four| four == b"\r\n\r\n");
    let end = blank.ok_or(std::io::ErrorKind::InvalidData)? + 4;
    let header = String::from_utf8_lossy(&all[..end]).to_lowercase();
    let length = header.split("\r\ncontent-length:").nth(1);
    let length = length.map(|rest| {
        rest.lines()
            .next()
            .unwrap()
            .trim()
            .parse::<usize>()
            .unwrap()
    });

    if length.is_some_and(|length| all.len() - end < length) {
        return Err(std::io::Error::other("too short"));
    }

    let body = &all[end..];
    std::fs::write(&args[3], &body[..length.unwrap_or(body.len())])
}
