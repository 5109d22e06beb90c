//! A thread receives; the main thread sends, and waits at a channel.

use std::net::{SocketAddr, UdpSocket};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use socket2::{Domain, Socket, Type};

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let server: SocketAddr = arguments[1].parse().unwrap();
    let wait = Duration::from_millis(arguments[3].parse().unwrap());
    let socket = Socket::new(Domain::IPV4, Type::DGRAM, None).unwrap();
    socket.connect(&server.into()).unwrap();
    let socket = UdpSocket::from(socket);
    let (sender, answers) = mpsc::channel();
    let receiver = socket.try_clone().unwrap();
    let wanted = arguments[2].to_ascii_uppercase();
    thread::spawn(move || {
        let mut buffer = [0; 65_535];
        loop {
            let Ok(count) = receiver.recv(&mut buffer) else {
                continue;
            };
            if &buffer[..count] == wanted.as_bytes() {
                sender.send(wanted.clone()).ok();
            }
        }
    });
    for _ in 0..5 {
        let end = Instant::now() + wait;
        socket.send(arguments[2].as_bytes()).ok();
        if let Ok(answer) = answers.recv_timeout(end - Instant::now()) {
            println!("{answer}");
            return;
        }
    }
    eprintln!("nobody answers");
    std::process::exit(1);
}
