//! Takes the first colon for the one before the port.

use std::collections::BTreeSet;
use std::net::ToSocketAddrs;

fn main() {
    for question in std::env::args().skip(1) {
        let (host, port) = question.split_once(':').unwrap();
        let found = (host, port.parse().unwrap_or(0)).to_socket_addrs();
        let found: BTreeSet<_> = found.into_iter().flatten().collect();
        if found.is_empty() {
            println!("{question} unknown");
        }
        for address in found {
            println!("{question} {address}");
        }
    }
}
