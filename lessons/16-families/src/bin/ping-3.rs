//! Lesson 16, step 3: a raw socket, where the other kind is refused.
//!
//!     cargo run -p families --bin ping-3 -- example.com
//!
//! What it cannot do: say why nothing comes, speak IPv6, or sum up on Ctrl+C. The
//! lesson's program can.

use std::env;
use std::io::{self, ErrorKind};
use std::net::UdpSocket;
use std::process;
use std::thread;
use std::time::{Duration, Instant};

use socket2::{Domain, Protocol, Socket, Type};

fn main() -> io::Result<()> {
    let host = env::args().nth(1).unwrap_or("127.0.0.1".to_string());
    let icmp = Some(Protocol::ICMPV4);
    let (socket, raw) = match Socket::new(Domain::IPV4, Type::DGRAM, icmp) {
        Err(error) if error.kind() == ErrorKind::PermissionDenied => {
            (Socket::new(Domain::IPV4, Type::RAW, icmp)?, true)
        }
        socket => (socket?, false),
    };
    let socket = UdpSocket::from(socket); // for its recv; there is no UDP in it
    socket.connect((host.as_str(), 0))?; // ICMP has no ports
    socket.set_read_timeout(Some(Duration::from_secs(1)))?;

    for number in 1..=4 {
        let start = Instant::now();
        socket.send(&request(number))?;
        match answer(&socket, number, raw) {
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
    request[4..6].copy_from_slice(&identifier()); // a raw socket sends ours
    request[6..8].copy_from_slice(&number.to_be_bytes());
    let sum = checksum(&request);
    request[2..4].copy_from_slice(&sum.to_be_bytes());
    request
}

/// Who asks: two programs with raw sockets hear each other's answers.
fn identifier() -> [u8; 2] {
    (process::id() as u16).to_be_bytes()
}

/// Waits for the answer to this number, and passes over those that come late.
fn answer(socket: &UdpSocket, number: u16, raw: bool) -> io::Result<usize> {
    let mut packet = [0; 2048];
    loop {
        let length = socket.recv(&mut packet)?;
        // A raw socket gets the IP header, too. Its length is in its first byte.
        let start = if raw {
            (packet[0] & 0x0f) as usize * 4
        } else {
            0
        };
        let answer = &packet[start..];
        let ours = !raw || (answer[0] == 0 && answer[4..6] == identifier());
        if ours && answer[6..8] == number.to_be_bytes() {
            return Ok(length - start);
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
