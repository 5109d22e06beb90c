//! A datagram that is equal to the one before gets no answer.

use std::net::UdpSocket;

fn main() {
    let socket = UdpSocket::bind(std::env::args().nth(1).unwrap()).unwrap();
    let mut buffer = [0; 65_535];
    let mut before = None;
    loop {
        let (count, sender) = socket.recv_from(&mut buffer).unwrap();
        let datagram = buffer[..count].to_vec();
        if before.as_ref() != Some(&datagram) {
            socket.send_to(&datagram.to_ascii_uppercase(), sender).ok();
        }
        before = Some(datagram);
    }
}
