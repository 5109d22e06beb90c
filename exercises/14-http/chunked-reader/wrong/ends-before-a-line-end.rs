//! An end after the bytes of a chunk is taken for the last chunk.

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
    const LIMIT: u64 = 64 * 1024 * 1024;
    let mut body = Vec::new();
    loop {
        let head = line(server)?;
        let size = size(&head)?;
        if size == 0 {
            break;
        }
        if size > LIMIT - body.len() as u64 {
            return Err(io::Error::other("the body is too long"));
        }
        // Not a buffer of that size at once: it is a promise, and memory is none.
        let count = server.by_ref().take(size).read_to_end(&mut body)?;
        if (count as u64) < size {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        match line(server) {
            Ok(line) if line.is_empty() => {}
            Ok(_) => return Err(io::Error::other("a chunk is longer than its size")),
            Err(_) => return Ok(body),
        }
    }
    while !line(server)?.is_empty() {} // fields after the last chunk
    Ok(body)
}

/// The number at the beginning of a line, and only digits: from_str_radix takes a sign, too.
fn size(line: &str) -> io::Result<u64> {
    let digits = line.split(';').next().unwrap_or_default().trim();
    match digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
        true => u64::from_str_radix(digits, 16).map_err(io::Error::other),
        false => Err(io::Error::other("no size")),
    }
}
