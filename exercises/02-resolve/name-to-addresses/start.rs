//! Exercise name-to-addresses (build): all addresses of a name, as a client needs them.
//!
//! The argument of your program is HOST:PORT. It prints every address that the resolver
//! knows for the host, each once, with the port, one per line, in any order: 192.0.2.7:80
//! or, with IPv6, [2001:db8::7]:80. The host may be a name, an IPv4 address, or an IPv6
//! address in brackets; a port is a number from 0 to 65535. When the name is unknown, or
//! the port is not one or missing, your program prints no address, says why on standard
//! error without a panic, and ends with an exit code that is not 0.
//!
//! Check it:      cargo run -- check name-to-addresses
//! Try it:        cargo run -p mine --example name-to-addresses -- localhost:80

use std::io;
use std::net::SocketAddr;

fn main() -> io::Result<()> {
    let question = std::env::args().nth(1).unwrap_or("localhost:80".into());
    for address in addresses(&question)? {
        println!("{address}");
    }
    Ok(())
}

/// Every address of HOST:PORT, each once.
fn addresses(_question: &str) -> io::Result<Vec<SocketAddr>> {
    todo!("ask the resolver, and keep each address once")
}
