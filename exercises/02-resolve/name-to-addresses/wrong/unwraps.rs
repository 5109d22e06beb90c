//! Panics when the resolver has no answer.

use std::net::ToSocketAddrs;

fn main() {
    let question = std::env::args().nth(1).unwrap();
    let found: std::collections::BTreeSet<_> =
        question.to_socket_addrs().unwrap().collect();
    for address in found {
        println!("{address}");
    }
}
