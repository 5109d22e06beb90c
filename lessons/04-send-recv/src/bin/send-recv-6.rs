//! Lesson 04, step 6: what was interrupted is done once more.
//!
//!     python3 -m http.server 8000 --bind 127.0.0.1        (in a second terminal)
//!     cargo run -p send-recv --bin send-recv-6 > copy
//!
//! What it cannot do: be used by others. It has one page and numeric addresses; it takes
//! an error page (404) for the page; it keeps all in memory, and an answer without an end
//! fills that. The last step, `send-recv`, mends it.

use std::env;
use std::io::ErrorKind::{Interrupted, UnexpectedEof};
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
    send_all(&socket, request.as_bytes())?;

    let mut answer = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        let count = receive(&mut socket, &mut buffer)?;
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

/// send takes what it can, and says how many bytes that were: the rest is sent again.
fn send_all(socket: &Socket, mut bytes: &[u8]) -> io::Result<()> {
    while !bytes.is_empty() {
        match socket.send(bytes) {
            Ok(count) => bytes = &bytes[count..],
            Err(error) if error.kind() == Interrupted => {} // none was taken: again
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// recv, and once more where a signal has interrupted it.
fn receive(socket: &mut Socket, buffer: &mut [u8]) -> io::Result<usize> {
    loop {
        match socket.read(buffer) {
            Err(error) if error.kind() == Interrupted => {}
            result => return result,
        }
    }
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
