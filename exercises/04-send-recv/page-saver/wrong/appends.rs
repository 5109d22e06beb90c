//! Appends to what is in the file.

use std::io::{self, ErrorKind, Read, Write};
use std::net::TcpStream;

fn main() -> io::Result<()> {
    let mut args = std::env::args().skip(1);
    let missing = || io::Error::other("type HOST:PORT PATH FILE");
    let address = args.next().ok_or_else(missing)?;
    let path = args.next().ok_or_else(missing)?;
    let file = args.next().ok_or_else(missing)?;
    let mut server = TcpStream::connect(&address)?;
    let request = request(&address, &path);
    server.write_all(request.as_bytes())?;
    let body = body(&mut server)?;
    // Only now: an error above has left no file.
    let mut file_there = std::fs::File::options().create(true).append(true).open(&file)?;
    file_there.write_all(&body)?;
    println!("{file}: {} bytes", body.len());
    Ok(())
}

/// The lines of the request, and the blank line.
fn request(address: &str, path: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n")
}

/// Receives the answer, and returns its body.
fn body(server: &mut TcpStream) -> io::Result<Vec<u8>> {
    let early = |what| io::Error::new(ErrorKind::UnexpectedEof, what);
    let mut bytes = Vec::new();
    let end = loop {
        // In all that has come: the blank line itself may be cut.
        if let Some(start) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            break start + 4;
        }
        if bytes.len() > 64 * 1024 {
            return Err(io::Error::other("the header has no end"));
        }
        if receive(server, &mut bytes)? == 0 {
            return Err(early("the server closed in its header"));
        }
    };
    let mut body = bytes.split_off(end);
    match length(&String::from_utf8_lossy(&bytes))? {
        Some(length) => {
            while body.len() < length {
                if receive(server, &mut body)? == 0 {
                    return Err(early("the server closed in the middle of the page"));
                }
            }
            body.truncate(length);
        }
        None => while receive(server, &mut body)? > 0 {},
    }
    Ok(body)
}

/// Appends what is there, and returns how many bytes that were. 0: no more will come.
fn receive(server: &mut TcpStream, bytes: &mut Vec<u8>) -> io::Result<usize> {
    let mut chunk = [0; 4096];
    loop {
        match server.read(&mut chunk) {
            Ok(count) => {
                bytes.extend_from_slice(&chunk[..count]);
                return Ok(count);
            }
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

/// The promised length of the body, if there is one.
fn length(header: &str) -> io::Result<Option<usize>> {
    for (name, value) in header.lines().filter_map(|line| line.split_once(':')) {
        if name.eq_ignore_ascii_case("content-length") {
            let length = value.trim().parse().map_err(io::Error::other)?;
            return Ok(Some(length));
        }
    }
    Ok(None)
}
