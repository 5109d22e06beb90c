//! Sends back what came, as it came.

use std::net::UdpSocket;

fn main() {
    let socket = UdpSocket::bind(std::env::args().nth(1).unwrap()).unwrap();
    let mut buffer = [0; 65_535];
    loop {
        let (count, sender) = socket.recv_from(&mut buffer).unwrap();
        socket.send_to(&buffer[..count], sender).ok();
    }
}
