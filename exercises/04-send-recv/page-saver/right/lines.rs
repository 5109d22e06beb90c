//! The header by lines, and a file with another name until all is there.

use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, ErrorKind, Read, Write};
use std::net::TcpStream;

fn main() -> io::Result<()> {
    let args: Vec<_> = std::env::args().collect();
    let part = format!("{}.part", args[3]);
    fetch(&args[1], &args[2], File::create(&part)?)
        .and_then(|()| fs::rename(&part, &args[3]))
        .inspect_err(|_| drop(fs::remove_file(&part)))
}

fn fetch(host: &str, path: &str, mut file: File) -> io::Result<()> {
    let mut server = BufReader::new(TcpStream::connect(host)?);
    let request =
        format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
    server.get_mut().write_all(request.as_bytes())?;
    let mut length = None;
    loop {
        let mut line = Vec::new();
        if server.read_until(b'\n', &mut line)? == 0 {
            return Err(ErrorKind::UnexpectedEof.into());
        }
        let line = String::from_utf8_lossy(&line).to_ascii_lowercase();
        if line.trim_end().is_empty() {
            break;
        }
        if let Some(value) = line.strip_prefix("content-length:") {
            length = value.trim().parse::<u64>().ok();
        }
    }
    let copied = io::copy(&mut server.take(length.unwrap_or(u64::MAX)), &mut file)?;
    match length {
        Some(length) if copied < length => Err(ErrorKind::UnexpectedEof.into()),
        _ => Ok(()),
    }
}
