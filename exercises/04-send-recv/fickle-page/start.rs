//! Exercise fickle-page (repair): most pages are printed.
//!
//! This program has two arguments: HOST:PORT and PATH. It fetches a page, and prints its
//! body on standard output as it came, and nothing else. A header ends with `\r\n\r\n`.
//! If the server closes or resets in its header, or the header is longer than 64 KiB,
//! there is no output, an error message, and exit code 1. The request stays as it is.
//!
//! Its users say: "Mostly it works. But now and then it says that the server closed in
//! its header, although the page is there: my browser shows it. And once it printed a
//! page whose first half was missing. It is always the servers far away, never my own."
//! Repair it. A page may be as long as it likes, and its server silent for some seconds.
//! (No page of these servers has a Content-Length: it ends where they close.)
//!
//! Check it:      cargo run -- check fickle-page
//! Try it:        cargo run -p mine --example fickle-page -- localhost:8000 /
//!                after, in another terminal: python3 -m http.server 8000 --bind 127.0.0.1

use std::io::{self, ErrorKind, Read, Write};
use std::net::TcpStream;

fn main() -> io::Result<()> {
    let mut args = std::env::args().skip(1);
    let missing = || io::Error::other("type HOST:PORT PATH");
    let address = args.next().ok_or_else(missing)?;
    let path = args.next().ok_or_else(missing)?;
    let mut server = TcpStream::connect(&address)?;
    let request =
        format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    server.write_all(request.as_bytes())?;
    let mut page = skip_header(&mut server)?;
    server.read_to_end(&mut page)?;
    io::stdout().write_all(&page)
}

/// Receives the header, and returns what has come of the page with it.
fn skip_header(server: &mut TcpStream) -> io::Result<Vec<u8>> {
    let mut chunk = [0; 4096];
    let mut length = 0;
    while length < 64 * 1024 {
        let count = match server.read(&mut chunk) {
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            result => result?,
        };
        if count == 0 {
            let what = "the server closed in its header";
            return Err(io::Error::new(ErrorKind::UnexpectedEof, what));
        }
        length += count;
        let piece = &chunk[..count];
        if let Some(end) = piece.windows(4).position(|four| four == b"\r\n\r\n") {
            return Ok(piece[end + 4..].to_vec());
        }
    }
    Err(io::Error::other("the header is longer than 64 KiB"))
}
