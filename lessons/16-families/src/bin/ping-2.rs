//! Lesson 16, step 2: requests have numbers, and an answer has a time to come.
//!
//!     cargo run -p families --bin ping-2 -- example.com
//!
//! What it cannot do: run where its user may not have this kind of socket. Step 3 has
//! another one.

use std::env;
use std::io::{self, ErrorKind};
use std::net::UdpSocket;
use std::thread;
use std::time::{Duration, Instant};

use socket2::{Domain, Protocol, Socket, Type};

fn main() -> io::Result<()> {
    let host = env::args().nth(1).unwrap_or("127.0.0.1".to_string());
    let socket = Socket::new(Domain::IPV4, Type::DGRAM, Some(Protocol::ICMPV4))?;
    let socket = UdpSocket::from(socket); // for its recv; there is no UDP in it
    socket.connect((host.as_str(), 0))?; // ICMP has no ports
    socket.set_read_timeout(Some(Duration::from_secs(1)))?;

    for number in 1..=4 {
        let start = Instant::now();
        socket.send(&request(number))?;
        match answer(&socket, number) {
            Ok(length) => {
                println!("number {number}: {length} bytes in {:.1?}", start.elapsed());
                thread::sleep(Duration::from_secs(1));
            }
            Err(error) if error.kind() == ErrorKind::WouldBlock => {
                println!("number {number}: no answer");
            }
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

fn request(number: u16) -> Vec<u8> {
    //                    type, code, checksum, identifier, number
    let mut request = b"\x08\0\0\0\0\0\0\0hello".to_vec();
    request[6..8].copy_from_slice(&number.to_be_bytes());
    let sum = checksum(&request);
    request[2..4].copy_from_slice(&sum.to_be_bytes());
    request
}

/// Waits for the answer to this number, and passes over those that come late.
fn answer(socket: &UdpSocket, number: u16) -> io::Result<usize> {
    let mut answer = [0; 2048];
    loop {
        let length = socket.recv(&mut answer)?;
        if answer[6..8] == number.to_be_bytes() {
            return Ok(length);
        }
    }
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
