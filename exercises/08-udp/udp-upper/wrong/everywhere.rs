//! Takes the port from its argument, and all addresses.

use std::net::UdpSocket;

fn main() {
    let address = std::env::args().nth(1).unwrap();
    let port: u16 = address.rsplit(':').next().unwrap().parse().unwrap();
    let socket = UdpSocket::bind(("0.0.0.0", port)).unwrap();
    let mut buffer = [0; 65_535];
    loop {
        let (count, sender) = socket.recv_from(&mut buffer).unwrap();
        let answer = buffer[..count].to_ascii_uppercase();
        socket.send_to(&answer, sender).ok();
    }
}
