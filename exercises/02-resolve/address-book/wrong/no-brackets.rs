//! Puts the port behind an IPv6 address without brackets.

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
        for address in found {
            println!("{question} {}:{}", address.ip(), address.port());
        }
    }
}
