//! Lesson 01, step 1: three sockets, and the numbers that the kernel gives them.
//!
//!     cargo run -p create --bin create-1
//!
//! What it cannot do: show you the other kinds of sockets. Step 2 asks for them.

use std::io;
use std::os::fd::AsRawFd; // Unix calls the number a file descriptor: fd

use socket2::{Domain, Socket, Type};

pub fn main() -> io::Result<()> {
    let first = Socket::new(Domain::IPV4, Type::STREAM, None)?;
    println!("the first socket has descriptor {}", first.as_raw_fd());

    let second = Socket::new(Domain::IPV6, Type::DGRAM, None)?;
    println!("the second socket has descriptor {}", second.as_raw_fd());

    drop(first); // close(2): the kernel frees the socket, and its number
    let third = Socket::new(Domain::UNIX, Type::STREAM, None)?;
    println!("the third socket has descriptor {}", third.as_raw_fd());
    Ok(())
} // here the other two go out of scope, and are closed
