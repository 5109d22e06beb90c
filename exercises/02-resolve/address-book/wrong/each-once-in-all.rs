//! Lists an address once in the whole output, and not once for each argument.

use std::io;
use std::net::{SocketAddr, ToSocketAddrs};

fn main() {
    let mut listed = Vec::new();
    for question in std::env::args().skip(1) {
        // An error is no address either: the name is unknown.
        let found = look_up(&question).unwrap_or_default();
        if found.is_empty() {
            println!("{question} unknown");
        }
        for address in found {
            if !listed.contains(&address) {
                println!("{question} {address}");
                listed.push(address);
            }
        }
    }
}

/// The addresses of HOST:PORT, each once.
fn look_up(question: &str) -> io::Result<Vec<SocketAddr>> {
    let mut found = Vec::new();
    for address in question.to_socket_addrs()? {
        if !found.contains(&address) {
            found.push(address);
        }
    }
    Ok(found)
}
