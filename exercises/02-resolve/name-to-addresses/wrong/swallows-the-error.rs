//! Passes over the error of the resolver.

use std::net::ToSocketAddrs;

fn main() {
    let question = std::env::args().nth(1).unwrap();
    let found: std::collections::BTreeSet<_> =
        question.to_socket_addrs().into_iter().flatten().collect();
    for address in found {
        println!("{address}");
    }
}
