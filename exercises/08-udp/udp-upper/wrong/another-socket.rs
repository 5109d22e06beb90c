//! Answers from a socket of its own for each datagram, and so from another port.

use std::net::UdpSocket;

fn main() {
    let socket = UdpSocket::bind(std::env::args().nth(1).unwrap()).unwrap();
    let mut buffer = [0; 65_535];
    loop {
        let (count, sender) = socket.recv_from(&mut buffer).unwrap();
        let answer = buffer[..count].to_ascii_uppercase();
        let other = UdpSocket::bind("127.0.0.1:0").unwrap();
        other.send_to(&answer, sender).ok();
    }
}
