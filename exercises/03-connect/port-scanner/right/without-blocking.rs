//! Thirty sockets at a time, none of which blocks.

use socket2::{Domain, Socket, Type};
use std::collections::BTreeSet;
use std::net::{IpAddr, SocketAddr};
use std::time::{Duration, Instant};
fn main() {
    let a: Vec<String> = std::env::args().skip(1).collect();
    let host: IpAddr = a[0].parse().unwrap();
    let all: Vec<u16> = (a[1].parse().unwrap()..=a[2].parse().unwrap()).collect();
    let mut open = BTreeSet::new();
    for group in all.chunks(30) {
        let until = Instant::now() + Duration::from_millis(200);
        let mut v: Vec<(u16, Socket)> = group
            .iter()
            .map(|&p| {
                let at = SocketAddr::new(host, p);
                let s = Socket::new(Domain::for_address(at), Type::STREAM, None).unwrap();
                s.set_nonblocking(true).unwrap();
                let _ = s.connect(&at.into());
                (p, s)
            })
            .collect();
        while !v.is_empty() && Instant::now() < until {
            v.retain(|(p, s)| {
                if s.take_error().unwrap().is_some() {
                    return false;
                }
                if s.peer_addr().is_ok() {
                    open.insert(*p);
                    return false;
                }
                true
            });
            std::thread::sleep(Duration::from_millis(2));
        }
    }
    for p in open {
        println!("{p}")
    }
}
