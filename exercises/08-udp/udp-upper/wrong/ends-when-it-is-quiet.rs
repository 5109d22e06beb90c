//! A timeout of the socket ends it without an error.

use std::net::UdpSocket;
use std::time::Duration;

fn main() {
    let socket = UdpSocket::bind(std::env::args().nth(1).unwrap()).unwrap();
    socket
        .set_read_timeout(Some(Duration::from_secs(600)))
        .unwrap();
    let mut buffer = [0; 65_535];
    while let Ok((count, sender)) = socket.recv_from(&mut buffer) {
        buffer[..count].make_ascii_uppercase();
        socket.send_to(&buffer[..count], sender).ok();
    }
}
