//! Takes out only the equal addresses that stand side by side.

use std::net::{SocketAddr, ToSocketAddrs};

fn main() {
    let question = std::env::args().nth(1).unwrap();
    match question.to_socket_addrs() {
        Ok(found) => {
            let mut found: Vec<SocketAddr> = found.collect();
            found.dedup();
            found.iter().for_each(|address| println!("{address}"));
        }
        Err(error) => {
            eprintln!("{error}");
            std::process::exit(1);
        }
    }
}
