//! Lesson 04, step 2: recv until it returns 0.
//!
//!     python3 -m http.server 8000 --bind 127.0.0.1        (in a second terminal)
//!     cargo run -p send-recv --bin send-recv-2
//!
//! What it cannot do: give you the page as it is. The header stands before it, and a
//! letter that comes in two pieces is destroyed. Step 3 mends both.

use std::env;
use std::io::{self, Read};
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

    let mut buffer = [0; 4096];
    loop {
        let count = socket.read(&mut buffer)?; // the system call is recv
        if count == 0 {
            return Ok(()); // the server has closed: no more bytes will come
        }
        print!("{}", String::from_utf8_lossy(&buffer[..count]));
    }
}
