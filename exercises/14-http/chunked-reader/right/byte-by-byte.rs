//! Every byte is counted by itself.

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
    let mut body = Vec::new();
    loop {
        let head = line(server)?;
        let digits = head.split(';').next().unwrap_or_default();
        let mut left = digits.chars().try_fold(0_u64, add)?;
        if digits.is_empty() {
            return Err(io::Error::other("no size"));
        }
        if left == 0 {
            break;
        }
        while left > 0 {
            let mut byte = [0];
            server.read_exact(&mut byte)?;
            body.push(byte[0]);
            left -= 1;
        }
        if !line(server)?.is_empty() {
            return Err(io::Error::other("no line end"));
        }
    }
    while line(server)? != "" {}
    Ok(body)
}

/// A number with one digit more.
fn add(number: u64, digit: char) -> io::Result<u64> {
    let longer = number.checked_mul(16);
    let sum = digit.to_digit(16).zip(longer);
    let sum = sum.and_then(|(digit, longer)| longer.checked_add(digit.into()));
    sum.ok_or_else(|| io::Error::other("no size"))
}
