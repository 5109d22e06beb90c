//! All chunks are expected before the end of the stream.

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
    let mut all = Vec::new();
    server.read_to_end(&mut all)?;
    let mut body = Vec::new();
    let mut rest = &all[..];
    while let Some(end) = rest.iter().position(|&byte| byte == b'\n') {
        let digits = String::from_utf8_lossy(&rest[..end]);
        let size = usize::from_str_radix(digits.trim(), 16).map_err(io::Error::other)?;
        if size == 0 {
            break;
        }
        body.extend_from_slice(&rest[end + 1..end + 1 + size]);
        rest = &rest[end + 3 + size..];
    }
    Ok(body)
}
