//! Lists one address of each family.

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
        let four = found.iter().find(|address| address.is_ipv4());
        let six = found.iter().find(|address| address.is_ipv6());
        for address in four.into_iter().chain(six) {
            println!("{question} {address}");
        }
    }
}
