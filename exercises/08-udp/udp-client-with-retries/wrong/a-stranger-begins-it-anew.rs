//! A datagram of a stranger begins the wait anew; one of the server does not.

use std::net::UdpSocket;
use std::time::{Duration, Instant};

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let (server, text) = (arguments[1].as_str(), arguments[2].as_str());
    let wait = Duration::from_millis(arguments[3].parse().unwrap());
    let answer = text.to_ascii_uppercase();
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    let mut buffer = [0; 65_535];
    for _ in 0..5 {
        socket.send_to(text.as_bytes(), server).unwrap();
        let mut end = Instant::now() + wait;
        loop {
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                break;
            }
            socket.set_read_timeout(Some(left)).unwrap();
            let Ok((count, from)) = socket.recv_from(&mut buffer) else {
                continue;
            };
            if from.to_string() != server {
                end = Instant::now() + wait;
            } else if buffer[..count] == *answer.as_bytes() {
                println!("{answer}");
                return;
            }
        }
    }
    eprintln!("no answer");
    std::process::exit(1);
}
