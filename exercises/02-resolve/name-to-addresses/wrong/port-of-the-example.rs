//! Prints the port of the example.

use std::net::{SocketAddr, ToSocketAddrs};

fn main() {
    let question = std::env::args().nth(1).unwrap();
    let fail = |error: std::io::Error| -> ! {
        eprintln!("{error}");
        std::process::exit(1)
    };
    let found = question
        .to_socket_addrs()
        .unwrap_or_else(|error| fail(error));
    let mut found: Vec<SocketAddr> = found.collect();
    found.sort();
    found.dedup();
    for address in found {
        println!("{}", SocketAddr::new(address.ip(), 80));
    }
}
