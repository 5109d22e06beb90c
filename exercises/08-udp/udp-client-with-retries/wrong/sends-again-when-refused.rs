//! Where it was refused it sends again a moment later, and does not count that.

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
    for _ in 0..5 {
        socket.send(text.as_bytes()).ok();
        let end = Instant::now() + wait;
        loop {
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                break;
            }
            socket.set_read_timeout(Some(left)).unwrap();
            let heard = socket.recv(&mut buffer);
            if heard
                .as_ref()
                .is_ok_and(|count| buffer[..*count] == *answer.as_bytes())
            {
                println!("{answer}");
                return;
            }
            if heard
                .is_err_and(|error| error.kind() == std::io::ErrorKind::ConnectionRefused)
            {
                std::thread::sleep(Duration::from_millis(5));
                socket.send(text.as_bytes()).ok();
            }
        }
    }
    eprintln!("no answer");
    std::process::exit(1);
}
