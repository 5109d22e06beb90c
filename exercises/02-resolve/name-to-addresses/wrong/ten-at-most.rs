//! Prints ten addresses of a name, and no more.

use std::io;
use std::net::{SocketAddr, ToSocketAddrs};

fn main() -> io::Result<()> {
    let question = std::env::args().nth(1).unwrap_or("localhost:80".into());
    // An error is returned from main: it is printed, and the exit code is 1.
    for address in addresses(&question)?.into_iter().take(10) {
        println!("{address}");
    }
    Ok(())
}

/// Every address of HOST:PORT, each once.
fn addresses(question: &str) -> io::Result<Vec<SocketAddr>> {
    let mut found = Vec::new();
    for address in question.to_socket_addrs()? {
        // A name may have two lines with one address in /etc/hosts.
        if !found.contains(&address) {
            found.push(address);
        }
    }
    Ok(found)
}
