//! Fails without a word.

use std::net::ToSocketAddrs;

fn main() {
    let question = std::env::args().nth(1).unwrap();
    let Ok(found) = question.to_socket_addrs() else {
        std::process::exit(1)
    };
    let found: std::collections::BTreeSet<_> = found.collect();
    found.iter().for_each(|address| println!("{address}"));
}
