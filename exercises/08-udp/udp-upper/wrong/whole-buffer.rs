//! Sends the whole buffer back, and not what was received.

use std::net::UdpSocket;

fn main() {
    let socket = UdpSocket::bind(std::env::args().nth(1).unwrap()).unwrap();
    let mut buffer = [0; 60_000];
    loop {
        let (_, sender) = socket.recv_from(&mut buffer).unwrap();
        buffer.make_ascii_uppercase();
        socket.send_to(&buffer, sender).ok();
    }
}
