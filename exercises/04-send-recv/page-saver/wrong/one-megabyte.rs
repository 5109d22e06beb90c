//! Takes a page of more than a megabyte for an error.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::TcpStream;
fn main() {
    let a: Vec<String> = std::env::args().collect();
    if let Err(e) = fetch(&a[1], &a[2]).and_then(|b| std::fs::write(&a[3], b)) {
        eprintln!("{e}");
        std::process::exit(1)
    }
}
fn fetch(host: &str, path: &str) -> io::Result<Vec<u8>> {
    let mut s = TcpStream::connect(host)?;
    s.write_all(
        format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n")
            .as_bytes(),
    )?;
    let mut r = BufReader::new(s);
    let mut length: Option<u64> = None;
    loop {
        let mut line = vec![];
        r.read_until(b'\n', &mut line)?;
        if !line.ends_with(b"\n") {
            return Err(io::Error::other("closed in the header"));
        }
        if line == b"\r\n" {
            break;
        }
        let text = String::from_utf8_lossy(&line).to_ascii_lowercase();
        if let Some((key, value)) = text.split_once(':') {
            if key == "content-length" {
                length = Some(value.trim().parse().map_err(io::Error::other)?)
            }
        }
    }
    let mut body = vec![];
    match length {
        None => {
            r.read_to_end(&mut body)?;
        }
        Some(n) => {
            r.take(n).read_to_end(&mut body)?;
            if body.len() as u64 != n {
                return Err(io::Error::other("too short"));
            }
        }
    }
    if body.len() > 1024 * 1024 {
        return Err(io::Error::other("too big"));
    }
    Ok(body)
}
