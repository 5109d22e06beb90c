//! Prints an address as often as the resolver gives it.

use std::net::ToSocketAddrs;

fn main() {
    let question = std::env::args().nth(1).unwrap();
    match question.to_socket_addrs() {
        Ok(found) => found.for_each(|address| println!("{address}")),
        Err(error) => {
            eprintln!("{error}");
            std::process::exit(1);
        }
    }
}
