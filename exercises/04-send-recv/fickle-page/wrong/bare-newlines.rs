//! Two \n without \r are a blank line, too.

use std::io::{self, ErrorKind, Read, Write};
use std::net::TcpStream;
fn main() -> std::process::ExitCode {
    match run() {
        Ok(()) => 0.into(),
        Err(e) => {
            eprintln!("Error: {e}");
            1.into()
        }
    }
}
fn run() -> io::Result<()> {
    let mut args = std::env::args().skip(1);
    let (address, path) = (args.next().unwrap(), args.next().unwrap());
    let mut server = TcpStream::connect(&address)?;
    let request =
        format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    server.write_all(request.as_bytes())?;
    let mut got: Vec<u8> = Vec::new();
    let mut chunk = [0; 4096];
    let end = loop {
        let head = &got[..got.len().min(LIMIT)];
        if let Some(i) = head.windows(4).position(|w| w == b"\r\n\r\n") {
            break i + 4;
        }
        if let Some(i) = head.windows(2).position(|w| w == b"\n\n") {
            break i + 2;
        }
        if got.len() >= LIMIT {
            return Err(io::Error::other("the header is longer than 64 KiB"));
        }
        let n = match server.read(&mut chunk) {
            Err(e) if e.kind() == ErrorKind::Interrupted => continue,
            other => other?,
        };
        if n == 0 {
            return Err(ErrorKind::UnexpectedEof.into());
        }
        got.extend_from_slice(&chunk[..n]);
    };
    let mut page = got.split_off(end);
    server.read_to_end(&mut page)?;
    io::stdout().write_all(&page)
}
const LIMIT: usize = 65536;
