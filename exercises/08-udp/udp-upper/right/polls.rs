//! A socket that does not block, asked again and again with a pause.

use std::net::UdpSocket;
use std::thread;
use std::time::Duration;

fn main() {
    let socket = UdpSocket::bind(std::env::args().nth(1).unwrap()).unwrap();
    socket.set_nonblocking(true).unwrap();
    let mut buffer = [0; 65_535];
    loop {
        match socket.recv_from(&mut buffer) {
            Ok((count, sender)) => {
                let answer = buffer[..count].to_ascii_uppercase();
                socket.send_to(&answer, sender).ok();
            }
            Err(_) => thread::sleep(Duration::from_millis(1)),
        }
    }
}
