//! Lesson 04, step 1: one send, one recv.
//!
//!     nc -l 127.0.0.1 8000                                (you are the server)
//!     cargo run -p send-recv --bin send-recv-1            (in a second terminal)
//!
//! What it cannot do: receive the whole answer. One recv brings what has come so far.
//! Step 2 mends it.

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
    let count = socket.read(&mut buffer)?; // the system call is recv
    print!("{}", String::from_utf8_lossy(&buffer[..count]));
    Ok(()) // here `socket` goes out of scope, and is closed
}
