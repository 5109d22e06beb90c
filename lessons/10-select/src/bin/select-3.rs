//! Lesson 10, step 3: a new set for each question.
//!
//!     cargo run -p select --bin select-3        (start the two nc first)
//!
//! What it cannot do: let you say something. Step 4 waits for the keyboard, too.

use std::env;
use std::io::{self, Read};
use std::net::TcpStream;
use std::os::fd::AsFd;

use nix::sys::select::{FdSet, select};

pub fn main() -> io::Result<()> {
    let first = env::args().nth(1).unwrap_or("127.0.0.1:9999".to_string());
    let second = env::args().nth(2).unwrap_or("127.0.0.1:8888".to_string());
    let first = TcpStream::connect(first)?;
    let second = TcpStream::connect(second)?;

    let mut buffer = [0; 1024];
    loop {
        let mut readable = FdSet::new(); // select changes the set: a new one each time
        readable.insert(first.as_fd());
        readable.insert(second.as_fd());
        select(None, &mut readable, None, None, None)?; // sleeps until one has something
        for (name, mut peer) in [("first", &first), ("second", &second)] {
            if readable.contains(peer.as_fd()) {
                let count = peer.read(&mut buffer)?;
                print!("{name}: {}", String::from_utf8_lossy(&buffer[..count]));
            }
        }
    }
}
