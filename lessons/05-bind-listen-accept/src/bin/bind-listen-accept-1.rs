//! Lesson 05, step 1: a server for one client.
//!
//!     cargo run -p bind-listen-accept --bin bind-listen-accept-1
//!     nc 127.0.0.1 8888                       (in a second terminal)
//!
//! What it cannot do: start again at once. The kernel keeps the port for a minute. Step 2
//! mends it.

use std::env;
use std::io::{self, Read, Write};
use std::net::SocketAddr;

use socket2::{Domain, Socket, Type};

fn main() -> io::Result<()> {
    let address = env::args().nth(1).unwrap_or("127.0.0.1:8888".to_string());
    let address: SocketAddr = address.parse().map_err(io::Error::other)?;
    let listener = Socket::new(Domain::for_address(address), Type::STREAM, None)?;
    listener.bind(&address.into())?; // from here on the address is ours,
    listener.listen(10)?; // and from here on the kernel answers clients for us
    let own = listener.local_addr()?.as_socket().expect("an IP address");
    println!("Listening on {own}");

    let (mut client, peer) = listener.accept()?; // sleeps until somebody comes
    println!("{} is connected", peer.as_socket().expect("an IP address"));
    let mut buffer = [0; 100];
    let count = client.read(&mut buffer)?;
    println!("it says: {:?}", String::from_utf8_lossy(&buffer[..count]));
    client.write_all(b"Hello, client!\n")
}
