//! Lesson 03, step 3: try each address of a name.
//!
//!     cargo run -p connect --bin connect-3 -- localhost:8000
//!
//! What it cannot do: tell a connection to itself from one to a server, and say in words
//! what an error means. The last step, `connect`, does.

use std::env;
use std::io;
use std::net::{SocketAddr, ToSocketAddrs};
use std::time::Duration;

use socket2::{Domain, Socket, Type};

fn main() -> io::Result<()> {
    let server = env::args().nth(1).unwrap_or("localhost:8000".to_string());
    for address in server.to_socket_addrs()? {
        match connect(address) {
            Ok(socket) => {
                println!("own address:  {:?}", socket.local_addr()?.as_socket());
                println!("peer address: {:?}", socket.peer_addr()?.as_socket());
                return Ok(());
            }
            Err(error) => println!("{address}: {error}"),
        }
    }
    Err(io::Error::other("no address answers"))
}

fn connect(address: SocketAddr) -> io::Result<Socket> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, None)?;
    socket.connect_timeout(&address.into(), Duration::from_secs(2))?;
    Ok(socket)
}
