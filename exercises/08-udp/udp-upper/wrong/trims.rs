//! Takes the spaces and line ends off, as if a datagram were a line.

use std::net::UdpSocket;

fn main() {
    let socket = UdpSocket::bind(std::env::args().nth(1).unwrap()).unwrap();
    let mut buffer = [0; 65_535];
    loop {
        let (count, sender) = socket.recv_from(&mut buffer).unwrap();
        let answer = buffer[..count].trim_ascii().to_ascii_uppercase();
        socket.send_to(&answer, sender).ok();
    }
}
