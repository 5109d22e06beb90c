//! Keeps the lowest 16 bits of a large port.

use std::net::ToSocketAddrs;

fn main() {
    let question = std::env::args().nth(1).unwrap();
    let (host, port) = question.rsplit_once(':').unwrap();
    let port: u32 = port.parse().unwrap();
    let host = host.trim_matches(['[', ']']);
    match (host, port as u16).to_socket_addrs() {
        Ok(found) => {
            let found: std::collections::BTreeSet<_> = found.collect();
            found.iter().for_each(|address| println!("{address}"));
        }
        Err(error) => {
            eprintln!("{error}");
            std::process::exit(1);
        }
    }
}
