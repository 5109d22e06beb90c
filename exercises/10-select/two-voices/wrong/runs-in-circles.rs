//! Nonblocking sockets, asked again and again without a wait.

use std::io::{self, ErrorKind, Read, Write};
use std::net::TcpStream;

fn main() {
    let addresses = std::env::args().skip(1).take(2);
    let connect = |address| {
        let stream = TcpStream::connect(address).unwrap();
        stream.set_nonblocking(true).unwrap();
        (stream, Vec::new())
    };
    let mut peers: Vec<_> = (1..).zip(addresses.map(connect)).collect();
    while !peers.is_empty() {
        peers.retain_mut(|(name, (peer, line))| {
            let mut byte = [0];
            match peer.read(&mut byte) {
                Ok(1) => line.push(byte[0]),
                Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                _ => return false,
            }
            if line.ends_with(b"\n") {
                print!("{name}: ");
                io::stdout().write_all(line).unwrap();
                line.clear();
            }
            true
        });
    }
}
