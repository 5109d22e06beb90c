//! Connects the socket to its first client: the kernel then drops all others' datagrams.

use std::net::UdpSocket;

fn main() {
    let socket = UdpSocket::bind(std::env::args().nth(1).unwrap()).unwrap();
    let mut buffer = [0; 65_535];
    let (mut count, sender) = socket.recv_from(&mut buffer).unwrap();
    socket.connect(sender).unwrap();
    loop {
        let answer = buffer[..count].to_ascii_uppercase();
        socket.send(&answer).ok();
        count = socket.recv(&mut buffer).unwrap_or(0);
    }
}
