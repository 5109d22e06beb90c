//! The header by lines, with std's own buffer.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;

fn main() -> std::io::Result<()> {
    let args: Vec<_> = std::env::args().collect();
    let mut server = TcpStream::connect(&args[1]).unwrap();
    let request = format!(
        "GET {} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n",
        args[2], args[1]
    );
    server.write_all(request.as_bytes()).unwrap();
    let mut server = BufReader::new(server).take(64 * 1024);
    let mut line = Vec::new();
    while line != b"\r\n" {
        line.clear();
        if server.read_until(b'\n', &mut line)? == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
    }
    server.set_limit(u64::MAX);
    std::io::copy(&mut server, &mut std::io::stdout()).map(drop)
}
