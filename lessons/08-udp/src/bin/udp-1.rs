//! Lesson 08, step 1: a server without listen and without accept.
//!
//!     cargo run -p udp --bin udp-1        then: nc -u 127.0.0.1 9000
//!
//! What it cannot do: receive more than 1024 bytes. What is longer is cut off, and the
//! rest is gone. Step 2 mends it.

use std::env;
use std::io;
use std::net::UdpSocket;

fn main() -> io::Result<()> {
    let address = env::args().nth(1).unwrap_or("127.0.0.1:9000".to_string());
    let socket = UdpSocket::bind(address)?; // socket, with the type SOCK_DGRAM, and bind
    println!("Listening on {}", socket.local_addr()?);

    let mut buffer = [0; 1024];
    loop {
        let (length, sender) = socket.recv_from(&mut buffer)?; // one call, one datagram
        println!("{sender} sent {length} bytes");
        let datagram = &mut buffer[..length];
        datagram.make_ascii_uppercase();
        socket.send_to(datagram, sender)?;
    }
}
