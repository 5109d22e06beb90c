//! Lesson 16, step 1: a server on an IPv6 address.
//!
//!     cargo run -p families --bin dual-stack-1               then: nc ::1 4646
//!     cargo run -p families --bin dual-stack-1 -- [::]:4646  (every address)
//!
//! What it cannot do: be sure that IPv4 clients get in, or know one by its address.
//! Step 2 mends both.

use std::env;
use std::io::{self, Write};
use std::net::TcpListener;

fn main() -> io::Result<()> {
    let address = env::args().nth(1).unwrap_or("[::1]:4646".to_string());
    let listener = TcpListener::bind(address)?;
    println!("Listening on {}", listener.local_addr()?);

    loop {
        let (mut client, peer) = listener.accept()?;
        println!("{peer} has come");
        client.write_all(format!("You are {peer}.\n").as_bytes())?;
    }
}
