//! Panics when nobody answers.

use std::io::{self, ErrorKind};
use std::net::{SocketAddr, TcpStream, ToSocketAddrs};
use std::time::Duration;

fn main() -> io::Result<()> {
    let server = std::env::args().nth(1).unwrap();
    let addresses: Vec<SocketAddr> = server.to_socket_addrs()?.collect();
    let time = Duration::from_millis(200);
    let mut last = io::Error::other("no address");
    let mut tried = addresses
        .iter()
        .map(|one| TcpStream::connect_timeout(one, time));
    let stream = tried.find_map(Result::ok).unwrap();
    println!("connected to {}", stream.peer_addr()?);
    Ok(())
}
