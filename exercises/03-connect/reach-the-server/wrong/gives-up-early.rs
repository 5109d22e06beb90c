//! Waits 2 milliseconds for an address.

use std::io;
use std::net::{TcpStream, ToSocketAddrs};
use std::time::Duration;

/// How long an address may take to answer.
const TIMEOUT: Duration = Duration::from_millis(2);

fn main() -> io::Result<()> {
    let server = std::env::args().nth(1).unwrap_or("localhost:8003".into());
    let stream = connect(&server)?;
    println!("connected to {}", stream.peer_addr()?);
    Ok(())
}

/// A connection to HOST:PORT. The first address that answers wins; when none does, the
/// error of the last one is the result.
fn connect(server: &str) -> io::Result<TcpStream> {
    let mut last = io::Error::other("the name has no address");
    for address in server.to_socket_addrs()? {
        match TcpStream::connect_timeout(&address, TIMEOUT) {
            Ok(stream) => return Ok(stream),
            Err(error) => last = error,
        }
    }
    Err(last)
}
