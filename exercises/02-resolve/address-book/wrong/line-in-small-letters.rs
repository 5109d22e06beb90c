//! Prints the argument in small letters, and not as it came.

use std::collections::BTreeSet;
use std::net::{SocketAddr, ToSocketAddrs};
fn ask(q: &str) -> BTreeSet<SocketAddr> {
    q.to_socket_addrs()
        .map(Iterator::collect)
        .unwrap_or_default()
}
fn main() {
    let qs: Vec<String> = std::env::args().skip(1).collect();
    for q in &qs {
        let found = ask(q);
        if found.is_empty() {
            println!("{q} unknown");
        }
        for a in &found {
            println!("{} {a}", q.to_lowercase());
        }
    }
}
