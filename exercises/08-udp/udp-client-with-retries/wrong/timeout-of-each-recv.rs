//! The timeout of each recv is the whole wait, and the clock is looked at in between.

use std::net::UdpSocket;
use std::time::{Duration, Instant};

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let (server, text) = (arguments[1].as_str(), arguments[2].as_str());
    let wait = Duration::from_millis(arguments[3].parse().unwrap());
    let answer = text.to_ascii_uppercase();
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    socket.connect(server).unwrap();
    let mut buffer = [0; 65_535];
    socket.set_read_timeout(Some(wait)).unwrap();
    for _ in 0..5 {
        socket.send(text.as_bytes()).ok();
        let end = Instant::now() + wait;
        while Instant::now() < end {
            let heard = socket.recv(&mut buffer);
            if heard.is_ok_and(|count| buffer[..count] == *answer.as_bytes()) {
                println!("{answer}");
                return;
            }
        }
    }
    eprintln!("no answer");
    std::process::exit(1);
}
