//! Looks at the answer, and not at its sender.

use std::net::UdpSocket;
use std::time::{Duration, Instant};

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let (server, text) = (arguments[1].as_str(), arguments[2].as_str());
    let wait = Duration::from_millis(arguments[3].parse().unwrap());
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    let mut buffer = [0; 65_535];
    for _ in 0..5 {
        socket.send_to(text.as_bytes(), server).unwrap();
        let end = Instant::now() + wait;
        while Instant::now() < end {
            let left = end.saturating_duration_since(Instant::now());
            socket
                .set_read_timeout(Some(left.max(Duration::from_millis(1))))
                .unwrap();
            let Ok(count) = socket.recv(&mut buffer) else {
                continue;
            };
            if buffer[..count] == *text.to_ascii_uppercase().as_bytes() {
                println!("{}", String::from_utf8_lossy(&buffer[..count]));
                return;
            }
        }
    }
    std::process::exit(1);
}
