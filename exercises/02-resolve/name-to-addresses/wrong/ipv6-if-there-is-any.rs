//! Prints IPv4 addresses only where there are no IPv6 addresses.

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
    let six = found.iter().any(|address| address.is_ipv6());
    for address in found.iter().filter(|address| address.is_ipv6() == six) {
        println!("{address}");
    }
}
