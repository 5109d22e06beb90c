//! Takes the first colon for the one before the port.

use std::net::ToSocketAddrs;

fn main() {
    let question = std::env::args().nth(1).unwrap();
    let (host, port) = question.split_once(':').unwrap();
    let found = (host, port.parse().unwrap_or(0)).to_socket_addrs();
    let found: std::collections::BTreeSet<_> = found.into_iter().flatten().collect();
    for address in found {
        println!("{address}");
    }
}
