//! Lesson 12, step 1: wait for the words of a peer that vanishes.
//!
//!     cargo run -p options --bin options-keepalive-1
//!
//! What it cannot do: notice that the peer has vanished (step 2).

use std::io::{self, Read};
use std::net::{TcpListener, TcpStream};
use std::time::Instant;

fn main() -> io::Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let mut client = TcpStream::connect(listener.local_addr()?)?;
    let (_server, _) = listener.accept()?;
    println!("connected; the peer says nothing");
    let start = Instant::now();
    let read = client.read(&mut [0; 100]);
    println!("after {} ms: {read:?}", start.elapsed().as_millis());
    Ok(())
}
