//! Takes 80 where no port is given.

use std::io;
use std::net::{SocketAddr, ToSocketAddrs};

fn main() -> io::Result<()> {
    let question = std::env::args().nth(1).unwrap_or("localhost:80".into());
    // An error is returned from main: it is printed, and the exit code is 1.
    for address in addresses(&question)? {
        println!("{address}");
    }
    Ok(())
}

/// Every address of HOST:PORT, each once.
fn addresses(question: &str) -> io::Result<Vec<SocketAddr>> {
    let mut found = Vec::new();
    let question = match question.contains(':') {
        true => question.to_string(),
        false => format!("{question}:80"),
    };
    for address in question.to_socket_addrs()? {
        // A name may have two lines with one address in /etc/hosts.
        if !found.contains(&address) {
            found.push(address);
        }
    }
    Ok(found)
}
