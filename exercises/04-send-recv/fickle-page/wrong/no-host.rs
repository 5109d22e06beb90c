//! Leaves the line Host out.

use std::io::{self, ErrorKind, Read, Write};
use std::net::TcpStream;

fn main() -> io::Result<()> {
    let mut args = std::env::args().skip(1);
    let missing = || io::Error::other("type HOST:PORT PATH");
    let address = args.next().ok_or_else(missing)?;
    let path = args.next().ok_or_else(missing)?;
    let mut server = TcpStream::connect(&address)?;
    let request =
        format!("GET {path} HTTP/1.1\r\nConnection: close\r\n\r\n");
    server.write_all(request.as_bytes())?;
    let mut page = skip_header(&mut server)?;
    server.read_to_end(&mut page)?;
    io::stdout().write_all(&page)
}

/// Receives the header, and returns what has come of the page with it.
fn skip_header(server: &mut TcpStream) -> io::Result<Vec<u8>> {
    let mut chunk = [0; 4096];
    let mut all = Vec::new();
    while all.len() < 64 * 1024 {
        let count = match server.read(&mut chunk) {
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            result => result?,
        };
        if count == 0 {
            let what = "the server closed in its header";
            return Err(io::Error::new(ErrorKind::UnexpectedEof, what));
        }
        all.extend_from_slice(&chunk[..count]);
        // A piece alone may hold half a blank line: the other half is in the next.
        if let Some(end) = all.windows(4).position(|four| four == b"\r\n\r\n") {
            return Ok(all.split_off(end + 4));
        }
    }
    Err(io::Error::other("the header is longer than 64 KiB"))
}
