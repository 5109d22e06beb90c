//! Trusts everybody to send UTF-8.

use std::net::UdpSocket;

fn main() {
    let socket = UdpSocket::bind(std::env::args().nth(1).unwrap()).unwrap();
    let mut buffer = [0; 65_535];
    loop {
        let (count, sender) = socket.recv_from(&mut buffer).unwrap();
        let text = std::str::from_utf8(&buffer[..count]).unwrap();
        let text = text.to_ascii_uppercase();
        socket.send_to(text.as_bytes(), sender).ok();
    }
}
