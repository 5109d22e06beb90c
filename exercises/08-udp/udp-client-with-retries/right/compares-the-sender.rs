//! No connect: recv_from says who has sent it. And a socket that does not block.

use std::net::{SocketAddr, UdpSocket};
use std::process::ExitCode;
use std::thread;
use std::time::{Duration, Instant};

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().collect();
    let server: SocketAddr = arguments[1].parse().unwrap();
    let wait = Duration::from_millis(arguments[3].parse().unwrap());
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    socket.set_nonblocking(true).unwrap();
    let mut buffer = [0; 65_535];
    for _ in 0..5 {
        socket.send_to(arguments[2].as_bytes(), server).unwrap();
        let sent = Instant::now();
        while sent.elapsed() < wait {
            let Ok((count, sender)) = socket.recv_from(&mut buffer) else {
                thread::sleep(Duration::from_millis(1));
                continue;
            };
            let same = buffer[..count] == *arguments[2].to_ascii_uppercase().as_bytes();
            if sender == server && same {
                println!("{}", String::from_utf8_lossy(&buffer[..count]));
                return ExitCode::SUCCESS;
            }
        }
    }
    eprintln!("no answer after 5 tries");
    ExitCode::FAILURE
}
