//! Lesson 03, step 1: one address, one connect.
//!
//!     python3 -m http.server 8000 --bind 127.0.0.1        (in a second terminal)
//!     cargo run -p connect --bin connect-1
//!
//! What it cannot do: give up. Where nobody answers, it waits for two minutes. Step 2
//! mends it.

use std::env;
use std::io;
use std::net::SocketAddr;

use socket2::{Domain, Socket, Type};

fn main() -> io::Result<()> {
    let server = env::args().nth(1).unwrap_or("127.0.0.1:8000".to_string());
    let server: SocketAddr = server.parse().map_err(io::Error::other)?;

    let socket = Socket::new(Domain::IPV4, Type::STREAM, None)?;
    socket.connect(&server.into())?;
    println!("own address:  {:?}", socket.local_addr()?.as_socket());
    println!("peer address: {:?}", socket.peer_addr()?.as_socket());
    Ok(())
} // the socket goes out of scope: it is closed, and the peer sees the end
