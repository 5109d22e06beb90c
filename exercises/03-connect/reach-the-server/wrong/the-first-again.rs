//! Tries the first address again and again.

use std::io::{self, ErrorKind};
use std::net::{SocketAddr, TcpStream, ToSocketAddrs};
use std::time::Duration;

fn main() -> io::Result<()> {
    let server = std::env::args().nth(1).unwrap();
    let addresses: Vec<SocketAddr> = server.to_socket_addrs()?.collect();
    let time = Duration::from_millis(200);
    let mut last = io::Error::other("no address");
    for _ in &addresses {
        match TcpStream::connect_timeout(&addresses[0], time) {
            Ok(stream) => {
                println!("connected to {}", stream.peer_addr()?);
                return Ok(());
            }
            Err(error) => last = error,
        }
    }
    Err(last)
}
