//! An empty answer goes to whom the answer before went.

use std::net::UdpSocket;

fn main() {
    let socket = UdpSocket::bind(std::env::args().nth(1).unwrap()).unwrap();
    let mut buffer = [0; 65_535];
    let mut client = None;
    loop {
        let (count, sender) = socket.recv_from(&mut buffer).unwrap();
        if count > 0 || client.is_none() {
            client = Some(sender);
        }
        buffer[..count].make_ascii_uppercase();
        socket.send_to(&buffer[..count], client.unwrap()).ok();
    }
}
