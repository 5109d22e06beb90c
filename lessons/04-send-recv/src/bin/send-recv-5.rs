//! Lesson 04, step 5: silence comes to an end.
//!
//!     python3 -m http.server 8000 --bind 127.0.0.1        (in a second terminal)
//!     cargo run -p send-recv --bin send-recv-5 > copy
//!
//! What it cannot do: bear an interruption. Press Ctrl+Z while it waits, type fg, and it
//! ends with an error. And a send may now take a part of the bytes. Step 6 mends both.

use std::env;
use std::io::ErrorKind::UnexpectedEof;
use std::io::{self, Read, Write};
use std::net::SocketAddr;
use std::time::Duration;

use socket2::{Domain, Socket, Type};

const TIMEOUT: Duration = Duration::from_secs(5); // for one send, and for one recv

fn main() -> io::Result<()> {
    let address = env::args().nth(1).unwrap_or("127.0.0.1:8000".to_string());
    let server: SocketAddr = address.parse().map_err(io::Error::other)?;
    let mut socket = Socket::new(Domain::for_address(server), Type::STREAM, None)?;
    socket.connect(&server.into())?;
    socket.set_write_timeout(Some(TIMEOUT))?;
    socket.set_read_timeout(Some(TIMEOUT))?;

    let request = format!(
        "GET /LICENSE-MIT HTTP/1.1\r\n\
         Host: {address}\r\n\
         Connection: close\r\n\
         \r\n"
    );
    socket.send(request.as_bytes())?;

    let mut answer = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        let count = socket.read(&mut buffer)?; // the system call is recv
        if count == 0 {
            break; // the server has closed: no more bytes will come
        }
        answer.extend_from_slice(&buffer[..count]);
    }

    let (header, body) = split(&answer)?;
    eprint!("{header}");
    let promised = content_length(&header)?.unwrap_or(body.len());
    if body.len() < promised {
        let what = format!("{} of {promised} bytes came", body.len());
        return Err(io::Error::new(UnexpectedEof, what));
    }
    io::stdout().write_all(&body[..promised])
}

/// The header as text, and the body as it is. A blank line stands between them.
fn split(answer: &[u8]) -> io::Result<(String, &[u8])> {
    // A piece may end anywhere, also between these four bytes: look at all that has come.
    let blank_line = answer.windows(4).position(|four| four == b"\r\n\r\n");
    let Some(start) = blank_line else {
        return Err(io::Error::new(UnexpectedEof, "no blank line came"));
    };
    let (header, body) = answer.split_at(start + 4);
    Ok((String::from_utf8_lossy(header).to_string(), body))
}

/// How long the body will be. None: it goes on until the server closes.
fn content_length(header: &str) -> io::Result<Option<usize>> {
    for line in header.lines() {
        let Some((name, value)) = line.split_once(':') else {
            continue;
        };
        if name.eq_ignore_ascii_case("content-length") {
            let length = value.trim().parse().map_err(io::Error::other)?;
            return Ok(Some(length));
        }
    }
    Ok(None)
}
