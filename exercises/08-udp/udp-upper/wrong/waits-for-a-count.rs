//! The loop runs as long as there is something in a datagram.

use std::net::UdpSocket;

fn main() {
    let socket = UdpSocket::bind(std::env::args().nth(1).unwrap()).unwrap();
    let mut buffer = [0; 65_535];
    while let Ok((count @ 1.., sender)) = socket.recv_from(&mut buffer) {
        let answer = buffer[..count].to_ascii_uppercase();
        socket.send_to(&answer, sender).ok();
    }
}
