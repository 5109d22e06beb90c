//! With a buffer that grows by each chunk.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::TcpStream;

fn main() -> io::Result<()> {
    let missing = || io::Error::other("type HOST:PORT");
    let address = std::env::args().nth(1).ok_or_else(missing)?;
    let mut server = TcpStream::connect(&address)?;
    write!(server, "GET / HTTP/1.1\r\nHost: {address}\r\n\r\n")?;
    let mut server = BufReader::new(server);
    while !line(&mut server)?.is_empty() {} // the head: we know what it says
    let body = body(&mut server)?;
    io::stdout().write_all(&body)
}

/// The next line, without its end.
fn line(server: &mut BufReader<TcpStream>) -> io::Result<String> {
    let mut line = String::new();
    server.read_line(&mut line)?;
    match line.strip_suffix('\n') {
        Some(line) => Ok(line.trim_end_matches('\r').to_string()),
        None => Err(io::ErrorKind::UnexpectedEof.into()),
    }
}

/// Receives all chunks, and returns what is in them.
fn body(server: &mut BufReader<TcpStream>) -> io::Result<Vec<u8>> {
    const LIMIT: usize = 10_000_000;
    let mut body = Vec::new();
    loop {
        let head = line(server)?;
        let digits = head.split(';').next().unwrap_or_default();
        let size = usize::from_str_radix(digits, 16).map_err(io::Error::other)?;
        if digits.starts_with('+') || size > LIMIT - body.len() {
            return Err(io::Error::other("no size, or more than ten million bytes"));
        }
        if size == 0 {
            break;
        }
        let start = body.len();
        body.resize(start + size, 0);
        server.read_exact(&mut body[start..])?;
        if !line(server)?.is_empty() {
            return Err(io::Error::other("a chunk is longer than its size"));
        }
    }
    while !line(server)?.is_empty() {} // fields after the last chunk
    Ok(body)
}
