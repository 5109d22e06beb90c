//! Lesson 16, step 1: one echo request, and its answer.
//!
//!     cargo run -p families --bin ping-1                   (this machine)
//!     cargo run -p families --bin ping-1 -- example.com
//!
//! What it cannot do: give up. Where no answer comes, it waits for ever. Step 2 mends it.

use std::env;
use std::io;
use std::net::UdpSocket;
use std::time::Instant;

use socket2::{Domain, Protocol, Socket, Type};

fn main() -> io::Result<()> {
    let host = env::args().nth(1).unwrap_or("127.0.0.1".to_string());
    let socket = Socket::new(Domain::IPV4, Type::DGRAM, Some(Protocol::ICMPV4))?;
    let socket = UdpSocket::from(socket); // for its recv; there is no UDP in it
    socket.connect((host.as_str(), 0))?; // ICMP has no ports

    //                type, code, checksum, identifier, number
    let mut request = *b"\x08\0\0\0\0\0\0\x01hello";
    let sum = checksum(&request);
    request[2..4].copy_from_slice(&sum.to_be_bytes());

    let start = Instant::now();
    socket.send(&request)?;
    let mut answer = [0; 2048];
    let length = socket.recv(&mut answer)?;
    println!("{length} bytes from {host} in {:.1?}", start.elapsed());
    Ok(())
}

/// All 16-bit words, added; what overflows is added at the low end; all bits turned.
fn checksum(message: &[u8]) -> u16 {
    let mut sum = 0;
    for pair in message.chunks(2) {
        let low = pair.get(1).unwrap_or(&0); // an odd byte at the end gets a zero
        sum += u32::from(pair[0]) * 256 + u32::from(*low);
    }
    while sum > 0xffff {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    !(sum as u16)
}
