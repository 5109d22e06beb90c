//! Turns IPv4 addresses into IPv6 addresses.

use std::net::{SocketAddr, ToSocketAddrs};

fn main() {
    for question in std::env::args().skip(1) {
        let found = question.to_socket_addrs().into_iter().flatten();
        let mut found: Vec<SocketAddr> = found.collect();
        found.sort();
        found.dedup();
        if found.is_empty() {
            println!("{question} unknown");
        }
        for address in found {
            let ip = match address.ip() {
                std::net::IpAddr::V4(ip) => ip.to_ipv6_mapped(),
                std::net::IpAddr::V6(ip) => ip,
            };
            println!("{question} {}", SocketAddr::from((ip, address.port())));
        }
    }
}
