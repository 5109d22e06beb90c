//! Lesson 04, step 3: the header is text, the body is bytes.
//!
//!     python3 -m http.server 8000 --bind 127.0.0.1        (in a second terminal)
//!     cargo run -p send-recv --bin send-recv-3 > copy
//!
//! What it cannot do: notice that a page is not whole. A server that dies in the middle
//! closes, too. Step 4 mends it.

use std::env;
use std::io::{self, Read, Write};
use std::net::SocketAddr;

use socket2::{Domain, Socket, Type};

fn main() -> io::Result<()> {
    let address = env::args().nth(1).unwrap_or("127.0.0.1:8000".to_string());
    let server: SocketAddr = address.parse().map_err(io::Error::other)?;
    let mut socket = Socket::new(Domain::for_address(server), Type::STREAM, None)?;
    socket.connect(&server.into())?;

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
    io::stdout().write_all(body)
}

/// The header as text, and the body as it is. A blank line stands between them.
fn split(answer: &[u8]) -> io::Result<(String, &[u8])> {
    // A piece may end anywhere, also between these four bytes: look at all that has come.
    let blank_line = answer.windows(4).position(|four| four == b"\r\n\r\n");
    let Some(start) = blank_line else {
        return Err(io::Error::other("no blank line came"));
    };
    let (header, body) = answer.split_at(start + 4);
    Ok((String::from_utf8_lossy(header).to_string(), body))
}
