//! Lesson 02, step 3: a hint what the address is for.
//!
//!     cargo run -p resolve --bin resolve-3 -- localhost:http
//!
//! What it cannot do: the way back, from an address to its name; and show the bytes as
//! they go over the wire. The last step, `resolve`, does both.

use std::env;
use std::io;

use dns_lookup::{AddrInfoHints, SockType, getaddrinfo};

fn main() -> io::Result<()> {
    let question = env::args().nth(1).unwrap_or("localhost:http".to_string());
    let (name, service) = question.split_once(':').unwrap_or((&question, "0"));
    let hints = AddrInfoHints {
        socktype: SockType::Stream.into(), // for TCP, please
        ..AddrInfoHints::default()
    };
    for found in getaddrinfo(Some(name), Some(service), Some(hints))? {
        println!("{}", found?.sockaddr);
    }
    Ok(())
}
