//! Lesson 14, step 3: an answer ends where its Content-Length says.
//!
//!     python3 lessons/14-http/peers/web.py      (a server, in a second terminal)
//!     cargo run -p http --bin http-3
//!
//! What it cannot do: find the end of an answer whose server did not know the length.
//! Step 4 mends it.

use std::env;
use std::io::{self, BufRead, BufReader, ErrorKind, Read, Write};
use std::net::TcpStream;

const PATHS: [&str; 3] = ["/", "/notes", "/chunked"];

fn main() -> io::Result<()> {
    let address = env::args().nth(1).unwrap_or("127.0.0.1:8000".to_string());
    let mut server = BufReader::new(TcpStream::connect(&address)?);

    for path in PATHS {
        println!("asking for {path}");
        let request = format!("GET {path} HTTP/1.1\r\nHost: {address}\r\n\r\n");
        server.get_mut().write_all(request.as_bytes())?;
        let answer = receive(&mut server)?;
        io::stdout().write_all(&answer)?;
    }
    Ok(())
}

/// The head, line by line to the blank one; then as many bytes as it has announced.
fn receive(server: &mut BufReader<TcpStream>) -> io::Result<Vec<u8>> {
    let mut answer = Vec::new();
    let mut length = u64::MAX; // not announced: all until the server closes
    while !answer.ends_with(b"\r\n\r\n") {
        let mut line = String::new();
        if server.read_line(&mut line)? == 0 {
            return Err(io::Error::from(ErrorKind::UnexpectedEof));
        }
        let lower = line.to_ascii_lowercase(); // the name of a field has no case
        if let Some(value) = lower.strip_prefix("content-length:") {
            length = value.trim().parse().map_err(io::Error::other)?;
        }
        answer.extend_from_slice(line.as_bytes());
    }
    server.take(length).read_to_end(&mut answer)?;
    Ok(answer)
}
