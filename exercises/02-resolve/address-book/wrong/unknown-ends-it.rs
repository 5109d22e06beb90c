//! Ends at a name that is unknown.

use std::collections::BTreeSet;
use std::net::ToSocketAddrs;

fn main() {
    for question in std::env::args().skip(1) {
        let Ok(found) = question.to_socket_addrs() else {
            println!("{question} unknown");
            return;
        };
        for address in found.collect::<BTreeSet<_>>() {
            println!("{question} {address}");
        }
    }
}
