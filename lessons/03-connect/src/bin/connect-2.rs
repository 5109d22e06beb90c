//! Lesson 03, step 2: connect, but not for ever.
//!
//!     cargo run -p connect --bin connect-2 -- 127.0.0.1:8000
//!
//! What it cannot do: take a name. A name may have several addresses. Step 3 tries them.

use std::env;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use socket2::{Domain, Socket, Type};

fn main() -> io::Result<()> {
    let server = env::args().nth(1).unwrap_or("127.0.0.1:8000".to_string());
    let server: SocketAddr = server.parse().map_err(io::Error::other)?;

    let socket = Socket::new(Domain::IPV4, Type::STREAM, None)?;
    socket.connect_timeout(&server.into(), Duration::from_secs(2))?;
    println!("own address:  {:?}", socket.local_addr()?.as_socket());
    println!("peer address: {:?}", socket.peer_addr()?.as_socket());
    Ok(())
} // the socket goes out of scope: it is closed, and the peer sees the end
