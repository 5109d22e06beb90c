//! Lists eight addresses of a name, and no more.

use std::io;
use std::net::{SocketAddr, ToSocketAddrs};

fn main() {
    for question in std::env::args().skip(1) {
        // An error is no address either: the name is unknown.
        let found = look_up(&question).unwrap_or_default();
        if found.is_empty() {
            println!("{question} unknown");
        }
        for address in found.into_iter().take(8) {
            println!("{question} {address}");
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
