//! Exercise reach-the-server (repair): the others get through, this client does not.
//!
//! This client connects to HOST:PORT, its first argument, prints `connected to ADDRESS`
//! with the address and port that it has reached, and closes the connection. With one of
//! our servers it ends with "Connection refused", although nc and every browser reach
//! that server by the same name, from the same machine. Repair it. The addresses of both
//! families have their turn once, one after another, in the resolver's order, until one
//! answers: the others are left alone. Each has 0.2 seconds to answer, no less and not
//! much more. When none answers, the client says why on standard error, and fails, as it
//! does now.
//!
//! Check it:      cargo run -- check reach-the-server
//! Try it:        cargo run -p mine --example reach-the-server -- localhost:8003
//!                while in another terminal: nc -l 127.0.0.1 8003

use std::io;
use std::net::{TcpStream, ToSocketAddrs};
use std::time::Duration;

/// How long an address may take to answer.
const TIMEOUT: Duration = Duration::from_millis(200);

fn main() -> io::Result<()> {
    let server = std::env::args().nth(1).unwrap_or("localhost:8003".into());
    let stream = connect(&server)?;
    println!("connected to {}", stream.peer_addr()?);
    Ok(())
}

/// A connection to HOST:PORT.
fn connect(server: &str) -> io::Result<TcpStream> {
    let mut addresses = server.to_socket_addrs()?;
    let none = || io::Error::other("the name has no address");
    let address = addresses.next().ok_or_else(none)?;
    TcpStream::connect_timeout(&address, TIMEOUT)
}
