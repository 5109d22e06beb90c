//! Takes IPv6 addresses for a makeshift.

use std::net::{SocketAddr, ToSocketAddrs};

fn main() {
    for question in std::env::args().skip(1) {
        let found = question.to_socket_addrs().into_iter().flatten();
        let mut found: Vec<SocketAddr> = found.collect();
        found.sort();
        found.dedup();
        if found.is_empty() {
            println!("{question} unknown");
        }
        let four = found.iter().any(|address| address.is_ipv4());
        for address in found.iter().filter(|address| address.is_ipv4() == four) {
            println!("{question} {address}");
        }
    }
}
