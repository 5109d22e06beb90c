//! Leaves out what is unknown.

use std::collections::BTreeSet;
use std::net::ToSocketAddrs;

fn main() {
    for question in std::env::args().skip(1) {
        let found = question.to_socket_addrs().into_iter().flatten();
        for address in found.collect::<BTreeSet<_>>() {
            println!("{question} {address}");
        }
    }
}
