//! Lesson 14, step 6: a page that has moved.
//!
//!     python3 lessons/14-http/peers/web.py      (a server, in a second terminal)
//!     cargo run -p http --bin http-6
//!
//! What it cannot do: see that half an answer is not all of it; give up a server that
//! never ends; go to another server; ask again when the server has closed between two
//! pages.
//! The last step, `http`, mends it.

use std::env;
use std::io::{self, BufRead, BufReader, ErrorKind, Read, Write};
use std::net::TcpStream;

const PATHS: [&str; 5] = ["/", "/notes", "/chunked", "/empty", "/old"];

fn main() -> io::Result<()> {
    let address = env::args().nth(1).unwrap_or("127.0.0.1:8000".to_string());
    let mut server = BufReader::new(TcpStream::connect(&address)?);

    for path in PATHS {
        fetch(&mut server, &address, path, 10)?;
    }
    Ok(())
}

/// A page; and where its answer names another place, the page that is there.
fn fetch(
    server: &mut BufReader<TcpStream>,
    address: &str,
    path: &str,
    redirects: u32, // so many may still come
) -> io::Result<()> {
    println!("asking for {path}");
    let request = format!("GET {path} HTTP/1.1\r\nHost: {address}\r\n\r\n");
    server.get_mut().write_all(request.as_bytes())?;
    let answer = receive(server)?;
    io::stdout().write_all(&answer)?;
    match location(&answer) {
        Some(_) if redirects == 0 => Err(io::Error::other("too many redirects")),
        Some(place) => fetch(server, address, &place, redirects - 1),
        None => Ok(()),
    }
}

/// Where the page is instead, on the same server.
fn location(answer: &[u8]) -> Option<String> {
    let answer = String::from_utf8_lossy(answer);
    let head = answer.split("\r\n\r\n").next()?;
    let moved = head.starts_with("HTTP/1.1 3");
    let place = head
        .lines()
        .find_map(|line| line.strip_prefix("Location: "))?;
    moved.then_some(place.to_string())
}

/// The head, line by line to the blank one; then the body, whose end it has announced.
fn receive(server: &mut BufReader<TcpStream>) -> io::Result<Vec<u8>> {
    let mut answer = Vec::new();
    let mut length = u64::MAX; // not announced: all until the server closes
    let mut chunked = false;
    let mut has_body = true;
    while !answer.ends_with(b"\r\n\r\n") {
        let mut line = String::new();
        if server.read_line(&mut line)? == 0 {
            return Err(io::Error::from(ErrorKind::UnexpectedEof));
        }
        let lower = line.to_ascii_lowercase(); // the name of a field has no case
        if lower.starts_with("http/1.1 204") || lower.starts_with("http/1.1 304") {
            has_body = false; // whatever the fields announce
        }
        if let Some(value) = lower.strip_prefix("content-length:") {
            length = value.trim().parse().map_err(io::Error::other)?;
        }
        if let Some(value) = lower.strip_prefix("transfer-encoding:") {
            chunked = value.trim() == "chunked";
        }
        answer.extend_from_slice(line.as_bytes());
    }
    if !has_body {
        return Ok(answer);
    }
    if chunked {
        receive_chunks(server, &mut answer)?;
    } else {
        server.take(length).read_to_end(&mut answer)?;
    }
    Ok(answer)
}

/// A line with the size in hexadecimal, that many bytes, a line end. Size 0 is the last.
fn receive_chunks(
    server: &mut BufReader<TcpStream>,
    answer: &mut Vec<u8>,
) -> io::Result<()> {
    loop {
        let mut line = String::new();
        server.read_line(&mut line)?;
        let size = u64::from_str_radix(line.trim(), 16).map_err(io::Error::other)?;
        server.take(size).read_to_end(answer)?;
        server.read_line(&mut line)?; // the line end after the bytes
        if size == 0 {
            return Ok(());
        }
    }
}
