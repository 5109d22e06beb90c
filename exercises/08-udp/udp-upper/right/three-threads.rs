//! Three threads share a socket of socket2's: the kernel gives each datagram to one.

use std::net::{SocketAddr, UdpSocket};
use std::thread;

use socket2::{Domain, Protocol, Socket, Type};

fn main() {
    let address: SocketAddr = std::env::args().nth(1).unwrap().parse().unwrap();
    let socket = Socket::new(Domain::IPV4, Type::DGRAM, Some(Protocol::UDP)).unwrap();
    socket.bind(&address.into()).unwrap();
    let socket = &UdpSocket::from(socket);
    thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(move || {
                let mut buffer = vec![0; 70_000];
                while let Ok((count, sender)) = socket.recv_from(&mut buffer) {
                    let upper = buffer[..count].iter().map(u8::to_ascii_uppercase);
                    let upper: Vec<u8> = upper.collect();
                    socket.send_to(&upper, sender).ok();
                }
            });
        }
    });
}
