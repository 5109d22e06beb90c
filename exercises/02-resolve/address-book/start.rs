//! Exercise address-book (repair): the program that does not know our new machine.
//!
//! This program lists the addresses of each HOST:PORT among its arguments: a line for each
//! address, such as `localhost:80 127.0.0.1:80`, each once, or `HOST:PORT unknown`. It has
//! done so for twenty years. Of late it calls some machines unknown, although every browser
//! finds them, and of others it lists fewer addresses than there are. Repair it. A name
//! that is really unknown must still be called so, as is an argument that is no HOST:PORT,
//! and must not keep it from the others. The order is that of the arguments, the addresses
//! of each may stand in any order, and the exit code is 0.
//!
//! Check it:      cargo run -- check address-book
//! Try it:        cargo run -p mine --example address-book -- localhost:80 [::1]:80

use std::io;
use std::net::{SocketAddr, SocketAddrV4, ToSocketAddrs};

fn main() {
    for question in std::env::args().skip(1) {
        let found = look_up(&question).unwrap_or_default();
        if found.is_empty() {
            println!("{question} unknown");
        }
        for address in found {
            println!("{question} {address}");
        }
    }
}

/// The addresses of HOST:PORT, each once.
fn look_up(question: &str) -> io::Result<Vec<SocketAddrV4>> {
    let mut found = Vec::new();
    for address in question.to_socket_addrs()? {
        if let SocketAddr::V4(address) = address
            && !found.contains(&address)
        {
            found.push(address);
        }
    }
    Ok(found)
}
