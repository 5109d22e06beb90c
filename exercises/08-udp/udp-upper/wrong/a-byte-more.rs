//! A zero ends each answer.

use std::net::UdpSocket;

fn main() {
    let socket = UdpSocket::bind(std::env::args().nth(1).unwrap()).unwrap();
    let mut buffer = [0; 65_536];
    loop {
        let (count, sender) = socket.recv_from(&mut buffer[..65_535]).unwrap();
        buffer[..count].make_ascii_uppercase();
        buffer[count] = 0;
        socket.send_to(&buffer[..count + 1], sender).ok();
    }
}
