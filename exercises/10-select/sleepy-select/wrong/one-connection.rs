//! Connects to its first argument only, and copies that to itself.

use std::io;
use std::net::TcpStream;

fn main() {
    let peer = TcpStream::connect(std::env::args().nth(1).unwrap()).unwrap();
    io::copy(&mut &peer, &mut &peer).ok();
}
