//! Lesson 10, step 1: two sockets, and one call that waits for one of them.
//!
//!     nc -l 127.0.0.1 9999        (in a second terminal)
//!     nc -l 127.0.0.1 8888        (in a third)
//!     cargo run -p select --bin select-1
//!
//! What it cannot do: hear whoever speaks first. It waits for the one, and is deaf to the
//! other. Step 2 asks the kernel which of them has something.

use std::env;
use std::io::{self, Read};
use std::net::TcpStream;

fn main() -> io::Result<()> {
    let first = env::args().nth(1).unwrap_or("127.0.0.1:9999".to_string());
    let second = env::args().nth(2).unwrap_or("127.0.0.1:8888".to_string());
    let mut first = TcpStream::connect(first)?;
    let mut second = TcpStream::connect(second)?;

    let mut buffer = [0; 1024];
    loop {
        let count = first.read(&mut buffer)?; // sleeps until the first one speaks
        print!("first:  {}", String::from_utf8_lossy(&buffer[..count]));
        let count = second.read(&mut buffer)?;
        print!("second: {}", String::from_utf8_lossy(&buffer[..count]));
    }
}
