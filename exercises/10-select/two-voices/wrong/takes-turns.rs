//! Reads a line of the first, then one of the second, and so on.

use std::io::{self, BufRead, BufReader, Write};
use std::net::TcpStream;

fn main() {
    let addresses = std::env::args().skip(1).take(2);
    let connect = |address| BufReader::new(TcpStream::connect(address).unwrap());
    let mut peers: Vec<_> = (1..).zip(addresses.map(connect)).collect();
    while !peers.is_empty() {
        peers.retain_mut(|(name, peer)| {
            let mut line = Vec::new();
            let count = peer.read_until(b'\n', &mut line).unwrap_or(0);
            if count > 0 {
                print!("{name}: ");
                io::stdout().write_all(&line).unwrap();
            }
            count > 0
        });
    }
}
