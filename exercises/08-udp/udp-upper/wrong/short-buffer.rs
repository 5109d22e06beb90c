//! Has room for 1,024 bytes, as in many examples for TCP.

use std::net::UdpSocket;

fn main() {
    let socket = UdpSocket::bind(std::env::args().nth(1).unwrap()).unwrap();
    let mut buffer = [0; 1024];
    loop {
        let (count, sender) = socket.recv_from(&mut buffer).unwrap();
        let answer = buffer[..count].to_ascii_uppercase();
        socket.send_to(&answer, sender).ok();
    }
}
