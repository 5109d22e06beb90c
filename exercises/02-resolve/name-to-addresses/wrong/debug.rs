//! Prints the addresses as a debugger shows them.

use std::net::{IpAddr, ToSocketAddrs};

fn main() {
    let question = std::env::args().nth(1).unwrap();
    for address in question.to_socket_addrs().unwrap() {
        match address.ip() {
            IpAddr::V4(ip) => println!("V4({ip}:{})", address.port()),
            IpAddr::V6(ip) => println!("V6([{ip}]:{})", address.port()),
        }
    }
}
