//! Connects to every address, and keeps the last connection.

use std::io::{self, ErrorKind};
use std::net::{SocketAddr, TcpStream, ToSocketAddrs};
use std::time::Duration;

fn main() -> io::Result<()> {
    let server = std::env::args().nth(1).unwrap();
    let addresses: Vec<SocketAddr> = server.to_socket_addrs()?.collect();
    let time = Duration::from_millis(200);
    let mut last = io::Error::other("no address");
    let mut found = Err(last);
    for address in &addresses {
        if let Ok(stream) = TcpStream::connect_timeout(address, time) {
            found = Ok(stream);
        }
    }
    println!("connected to {}", found?.peer_addr()?);
    Ok(())
}
