//! Lesson 12, step 1: how much send takes while nobody reads.
//!
//!     cargo run -p options --bin options-buffers-1
//!
//! What it cannot do: choose how much that is (the last step).

use std::io::{self, ErrorKind, Write};
use std::net::{TcpListener, TcpStream};

fn main() -> io::Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let mut sender = TcpStream::connect(listener.local_addr()?)?;
    let (_reader, _) = listener.accept()?;
    sender.set_nonblocking(true)?; // where send would wait, it says WouldBlock
    let mut taken = 0;
    loop {
        match sender.write(&[b'x'; 1000]) {
            Ok(length) => taken += length,
            Err(error) if error.kind() == ErrorKind::WouldBlock => break,
            Err(error) => return Err(error),
        }
    }
    println!("send took {taken} bytes, and nobody has read one");
    Ok(())
}
