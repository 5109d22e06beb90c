//! Ends when somebody says exit.

use std::net::UdpSocket;

fn main() {
    let socket = UdpSocket::bind(std::env::args().nth(1).unwrap()).unwrap();
    let mut buffer = [0; 65_535];
    loop {
        let (count, sender) = socket.recv_from(&mut buffer).unwrap();
        let answer = buffer[..count].to_ascii_uppercase();
        if answer == b"EXIT" {
            return;
        }
        socket.send_to(&answer, sender).ok();
    }
}
