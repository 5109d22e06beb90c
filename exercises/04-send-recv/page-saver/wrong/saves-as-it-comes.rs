//! Writes into the file what has come so far, and leaves it there after an error.

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
    loop {
        let count = server.read(&mut chunk)?;
        all.extend(&chunk[..count]);
        let Some(end) = all.windows(4).position(|four| four == b"\r\n\r\n") else {
            continue;
        };
        let end = end + 4;
        std::fs::write(&args[3], &all[end..])?;
        let header = String::from_utf8_lossy(&all[..end]).to_lowercase();
        let length = header.split("content-length:").nth(1);
        let length = length.map(|rest| {
            rest.lines()
                .next()
                .unwrap()
                .trim()
                .parse::<usize>()
                .unwrap()
        });

        match (count, length) {
            (_, Some(length)) if all.len() - end >= length => return Ok(()),
            (0, Some(_)) => return Err(std::io::ErrorKind::UnexpectedEof.into()),
            (0, None) => return Ok(()),
            _ => {}
        }
    }
}
