//! Turns an IPv6 address that holds one of IPv4 into that.

use std::io;
use std::net::{SocketAddr, ToSocketAddrs};

fn main() {
    for question in std::env::args().skip(1) {
        // An error is no address either: the name is unknown.
        let found = look_up(&question).unwrap_or_default();
        if found.is_empty() {
            println!("{question} unknown");
        }
        for address in found {
            println!("{question} {address}");
        }
    }
}

/// The addresses of HOST:PORT, each once.
fn look_up(question: &str) -> io::Result<Vec<SocketAddr>> {
    let mut found = Vec::new();
    for mut address in question.to_socket_addrs()? {
        address.set_ip(address.ip().to_canonical());
        if !found.contains(&address) {
            found.push(address);
        }
    }
    Ok(found)
}
