//! Any error of recv ends the wait: where nobody is, five tries take no time.

use std::net::UdpSocket;
use std::time::{Duration, Instant};

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let (server, text) = (arguments[1].as_str(), arguments[2].as_str());
    let wait = Duration::from_millis(arguments[3].parse().unwrap());
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    socket.connect(server).unwrap();
    let mut buffer = [0; 65_535];
    for _ in 0..5 {
        socket.send(text.as_bytes()).ok();
        let end = Instant::now() + wait;
        loop {
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                break;
            }
            socket.set_read_timeout(Some(left)).unwrap();
            let Ok(count) = socket.recv(&mut buffer) else {
                break;
            };
            if buffer[..count] == *text.to_ascii_uppercase().as_bytes() {
                println!("{}", String::from_utf8_lossy(&buffer[..count]));
                return;
            }
        }
    }
    eprintln!("no answer");
    std::process::exit(1);
}
