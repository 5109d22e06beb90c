//! Takes every name for a known one.

use std::collections::BTreeSet;
use std::net::ToSocketAddrs;

fn main() {
    for question in std::env::args().skip(1) {
        let found: BTreeSet<_> = question.to_socket_addrs().unwrap().collect();
        for address in found {
            println!("{question} {address}");
        }
    }
}
