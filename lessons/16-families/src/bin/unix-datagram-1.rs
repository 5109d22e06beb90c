//! Lesson 16, step 1: a datagram to a file, and an answer that has nowhere to go.
//!
//!     cargo run -p families --bin unix-datagram-1
//!
//! What it cannot do: get an answer. The client has no name. The lesson's program binds
//! one.

use std::env;
use std::fs;
use std::io;
use std::os::unix::net::UnixDatagram;

pub fn main() -> io::Result<()> {
    let path = env::args().nth(1).unwrap_or("log.sock".to_string());
    let server = UnixDatagram::bind(&path)?;
    let client = UnixDatagram::unbound()?;
    client.send_to(b"hello", &path)?;

    let mut buffer = [0; 100];
    let (length, sender) = server.recv_from(&mut buffer)?;
    println!(
        "{:?} from {sender:?}",
        String::from_utf8_lossy(&buffer[..length])
    );
    fs::remove_file(&path)?;

    server.send_to_addr(b"HELLO", &sender)?;
    println!("it is answered");
    Ok(())
}
