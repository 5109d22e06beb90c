//! Lesson 12, step 1: a recv that is to wait not at all.
//!
//!     cargo run -p options --bin options-blocking-1
//!
//! What it cannot do: that. A timeout of 0 means something else (the last step).

use std::io::{self, Read};
use std::net::{TcpListener, TcpStream};
use std::time::Duration;

fn main() -> io::Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let mut client = TcpStream::connect(listener.local_addr()?)?;
    let (_server, _) = listener.accept()?;
    client.set_read_timeout(Some(Duration::ZERO))?;
    let read = client.read(&mut [0; 100]);
    println!("{read:?}");
    Ok(())
}
