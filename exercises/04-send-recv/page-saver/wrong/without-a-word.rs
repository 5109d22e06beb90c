//! Fails without a message.

use std::fs;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::exit;
fn main() {
    let args: Vec<String> = std::env::args().collect();
    let [_, server, path, file] = &args[..] else {
        eprintln!("HOST:PORT PATH FILE");
        exit(1)
    };
    match fetch(server, path).and_then(|body| fs::write(file, &body)) {
        Ok(()) => (),
        Err(error) => {
            let _ = error;
            exit(1)
        }
    }
}
fn fetch(server: &str, path: &str) -> io::Result<Vec<u8>> {
    let mut stream = TcpStream::connect(server)?;
    write!(
        stream,
        "GET {path} HTTP/1.1\r\nHost: {server}\r\nConnection: close\r\n\r\n"
    )?;
    let mut reader = BufReader::new(stream);
    let mut promised: Option<u64> = None;
    let mut first = true;
    loop {
        let mut line = Vec::new();
        reader.read_until(b'\n', &mut line)?;
        if !line.ends_with(b"\n") {
            return Err(io::Error::other("the header has no end"));
        }
        if line == b"\r\n" {
            break;
        }
        if !first {
            let text = String::from_utf8_lossy(&line).to_ascii_lowercase();
            if let Some((key, value)) = text.split_once(':')
                && key == "content-length"
            {
                promised = Some(value.trim().parse().map_err(io::Error::other)?);
            }
        }
        first = false;
    }
    let mut body = Vec::new();
    match promised {
        None => {
            reader.read_to_end(&mut body)?;
        }
        Some(length) => {
            reader.take(length).read_to_end(&mut body)?;
            if (body.len() as u64) < length {
                return Err(io::Error::other("the body is too short"));
            }
        }
    }
    Ok(body)
}
