//! Lesson 10, step 4: the keyboard is a descriptor like others.
//!
//!     cargo run -p select --bin select-4        (start the two nc first)
//!
//! What it cannot do: bear an end. Press Ctrl+D, and it runs in circles. Step 5 mends it.

use std::env;
use std::fs::File;
use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::os::fd::AsFd;

use nix::sys::select::{FdSet, select};

pub fn main() -> io::Result<()> {
    let first = env::args().nth(1).unwrap_or("127.0.0.1:9999".to_string());
    let second = env::args().nth(2).unwrap_or("127.0.0.1:8888".to_string());
    let first = TcpStream::connect(first)?;
    let second = TcpStream::connect(second)?;

    // Not io::stdin(): that has a buffer, and what is in there select cannot see.
    let mut keyboard = File::from(io::stdin().as_fd().try_clone_to_owned()?);

    let mut buffer = [0; 1024];
    loop {
        let mut readable = FdSet::new(); // select changes the set: a new one each time
        readable.insert(first.as_fd());
        readable.insert(second.as_fd());
        readable.insert(keyboard.as_fd());
        select(None, &mut readable, None, None, None)?; // sleeps until one has something
        for (name, mut peer) in [("first", &first), ("second", &second)] {
            if readable.contains(peer.as_fd()) {
                let count = peer.read(&mut buffer)?;
                print!("{name}: {}", String::from_utf8_lossy(&buffer[..count]));
            }
        }
        if readable.contains(keyboard.as_fd()) {
            let count = keyboard.read(&mut buffer)?;
            for mut peer in [&first, &second] {
                peer.write_all(&buffer[..count])?; // what is typed goes to both
            }
        }
    }
}
