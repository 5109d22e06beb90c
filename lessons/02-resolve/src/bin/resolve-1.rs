//! Lesson 02, step 1: the addresses of a name.
//!
//!     cargo run -p resolve --bin resolve-1
//!     cargo run -p resolve --bin resolve-1 -- example.com:80
//!
//! What it cannot do: know a service by its name, as in `localhost:http`. Step 2 can.

use std::env;
use std::io;
use std::net::ToSocketAddrs;

fn main() -> io::Result<()> {
    let name = env::args().nth(1).unwrap_or("localhost:80".to_string());
    for address in name.to_socket_addrs()? {
        println!("{address}");
    }
    Ok(())
}
