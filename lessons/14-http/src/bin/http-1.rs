//! Lesson 14, step 1: one page, received until the server closes.
//!
//!     python3 lessons/14-http/peers/web.py      (a server, in a second terminal)
//!     cargo run -p http --bin http-1
//!
//! What it cannot do: get a second page over the same connection. Step 2 tries to.

use std::env;
use std::io::{self, Read, Write};
use std::net::TcpStream;

fn main() -> io::Result<()> {
    let address = env::args().nth(1).unwrap_or("127.0.0.1:8000".to_string());
    let mut server = TcpStream::connect(&address)?;

    let request = format!(
        "GET / HTTP/1.1\r\n\
         Host: {address}\r\n\
         Connection: close\r\n\
         \r\n"
    );
    server.write_all(request.as_bytes())?;

    let mut answer = Vec::new();
    server.read_to_end(&mut answer)?; // recv, until it returns 0
    io::stdout().write_all(&answer)
}
