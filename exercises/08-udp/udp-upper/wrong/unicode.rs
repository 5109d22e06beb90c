//! Changes all letters of a text, also those that are not ASCII.

use std::net::UdpSocket;

fn main() {
    let socket = UdpSocket::bind(std::env::args().nth(1).unwrap()).unwrap();
    let mut buffer = [0; 65_535];
    loop {
        let (count, sender) = socket.recv_from(&mut buffer).unwrap();
        let answer = match std::str::from_utf8(&buffer[..count]) {
            Ok(text) => text.to_uppercase().into_bytes(),
            Err(_) => buffer[..count].to_ascii_uppercase(),
        };
        socket.send_to(&answer, sender).ok();
    }
}
