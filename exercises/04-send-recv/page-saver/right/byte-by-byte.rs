//! One byte at a time, with socket2's own calls.

use std::io::{Error, ErrorKind, Read, Result};
use std::net::ToSocketAddrs;

use socket2::{Domain, Socket, Type};

fn main() -> Result<()> {
    let args: Vec<_> = std::env::args().collect();
    let none = || Error::other("no address");
    let address = args[1].to_socket_addrs()?.next().ok_or_else(none)?;
    let mut server = Socket::new(Domain::for_address(address), Type::STREAM, None)?;
    server.connect(&address.into())?;
    for line in [
        format!("GET {} HTTP/1.1", args[2]),
        format!("Host: {}", args[1]),
    ] {
        server.send(format!("{line}\r\n").as_bytes())?;
    }
    server.send(b"Connection: close\r\n\r\n")?;
    let mut header = Vec::new();
    while !header.ends_with(b"\r\n\r\n") {
        header.push(next(&mut server)?.ok_or(ErrorKind::UnexpectedEof)?);
    }
    let header = String::from_utf8_lossy(&header).to_ascii_uppercase();
    let length = header
        .lines()
        .find_map(|line| line.strip_prefix("CONTENT-LENGTH:"));
    let length: Option<usize> = length.map(|text| text.trim().parse().unwrap());
    let mut body = Vec::new();
    while length.is_none_or(|length| body.len() < length) {
        match next(&mut server)? {
            Some(byte) => body.push(byte),
            None if length.is_none() => break,
            None => return Err(ErrorKind::UnexpectedEof.into()),
        }
    }
    std::fs::write(&args[3], body)
}

fn next(server: &mut Socket) -> Result<Option<u8>> {
    let mut byte = [0];
    let count = server.read(&mut byte)?;
    Ok((count == 1).then_some(byte[0]))
}
