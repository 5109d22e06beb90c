//! Answers an empty datagram with one byte.

use std::net::UdpSocket;

fn main() {
    let socket = UdpSocket::bind(std::env::args().nth(1).unwrap()).unwrap();
    let mut buffer = [0; 65_535];
    loop {
        let Ok((count, sender)) = socket.recv_from(&mut buffer) else {
            continue;
        };
        buffer[..count].make_ascii_uppercase();
        socket.send_to(&buffer[..count.max(1)], sender).ok();
    }
}
