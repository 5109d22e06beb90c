//! Two sets, one for each family, the newer family first.

use std::collections::BTreeSet;
use std::net::{SocketAddr, ToSocketAddrs};

fn main() {
    for question in std::env::args().skip(1) {
        let (mut four, mut six) = (BTreeSet::new(), BTreeSet::new());
        match question.to_socket_addrs() {
            Err(_) => println!("{question} unknown"),
            Ok(list) => {
                for address in list {
                    match address {
                        SocketAddr::V4(address) => four.insert(SocketAddr::V4(address)),
                        SocketAddr::V6(address) => six.insert(SocketAddr::V6(address)),
                    };
                }
            }
        }
        for address in six.iter().chain(&four) {
            println!("{question} {address}");
        }
    }
}
