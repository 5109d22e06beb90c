//! Waits half as long as it was told.

use std::net::{SocketAddr, UdpSocket};
use std::time::{Duration, Instant};

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let (server, text): (SocketAddr, _) = (arguments[1].parse().unwrap(), &arguments[2]);
    let wait = Duration::from_millis(arguments[3].parse().unwrap());
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    let answer = text.to_ascii_uppercase().into_bytes();
    let mut buffer = vec![0; 65_535];
    for _ in 0..5 {
        socket.send_to(text.as_bytes(), server).unwrap();
        let end = Instant::now() + wait / 2;
        while Instant::now() < end {
            let left = end.saturating_duration_since(Instant::now());
            socket
                .set_read_timeout(Some(left.max(Duration::from_millis(1))))
                .unwrap();
            let Ok((count, from)) = socket.recv_from(&mut buffer) else {
                continue;
            };
            let came = &buffer[..count];
            if from == server && came == answer {
                println!("{}", String::from_utf8_lossy(&answer));
                return;
            }
        }
    }
    eprintln!("no answer");
    std::process::exit(1);
}
