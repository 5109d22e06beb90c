//! Takes an empty datagram for an early end, and fails.

use std::io::{self, ErrorKind};
use std::net::UdpSocket;

fn main() -> io::Result<()> {
    let socket = UdpSocket::bind(std::env::args().nth(1).unwrap())?;
    let mut buffer = [0; 65_535];
    loop {
        let (count, sender) = socket.recv_from(&mut buffer)?;
        if count == 0 {
            return Err(ErrorKind::UnexpectedEof.into());
        }
        let answer = buffer[..count].to_ascii_uppercase();
        socket.send_to(&answer, sender)?;
    }
}
