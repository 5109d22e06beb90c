//! Takes the name of a service for a port, as C programs do.

use dns_lookup::{AddrInfoHints, SockType, getaddrinfo};
use std::collections::BTreeSet;
use std::net::SocketAddr;
fn main() {
    for q in std::env::args().skip(1) {
        let mut v = BTreeSet::new();
        if let Ok(a) = q.parse::<SocketAddr>() {
            v.insert(a);
        } else if let Some((h, p)) = q.rsplit_once(':') {
            let hints = AddrInfoHints {
                socktype: SockType::Stream.into(),
                ..AddrInfoHints::default()
            };
            if let Ok(found) = getaddrinfo(Some(h), Some(p), Some(hints)) {
                for i in found {
                    v.insert(i.unwrap().sockaddr);
                }
            }
        }
        if v.is_empty() {
            println!("{q} unknown")
        }
        for a in v {
            println!("{q} {a}")
        }
    }
}
