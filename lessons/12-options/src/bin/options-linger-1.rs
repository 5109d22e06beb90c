//! Lesson 12, step 1: a close that "gets rid of TIME_WAIT".
//!
//!     cargo run -p options --bin options-linger-1
//!
//! What it cannot do: deliver what it has sent (the last step, without the option).

use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::time::Duration;

use socket2::SockRef;

fn main() -> io::Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let mut sender = TcpStream::connect(listener.local_addr()?)?;
    let (mut peer, _) = listener.accept()?;
    SockRef::from(&sender).set_linger(Some(Duration::ZERO))?;
    sender.write_all(&vec![b'x'; 300_000])?;
    drop(sender);
    println!("300000 bytes are sent, without an error");

    let mut bytes = Vec::new();
    let end = peer.read_to_end(&mut bytes);
    println!("the peer reads {} bytes, and then: {end:?}", bytes.len());
    Ok(())
}
