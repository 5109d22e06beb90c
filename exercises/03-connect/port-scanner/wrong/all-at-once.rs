//! Makes all sockets first.

use std::net::{IpAddr, SocketAddr, TcpStream};
use std::time::Duration;

fn main() {
    let args: Vec<String> = std::env::args().collect();
    let host: IpAddr = args[1].parse().unwrap();
    let (first, last): (u16, u16) = (args[2].parse().unwrap(), args[3].parse().unwrap());
    let time = Duration::from_millis(200);
    use socket2::{Domain, Socket, Type};
    let attempts: Vec<_> = (first..=last)
        .map(|port| {
            let address = SocketAddr::new(host, port);
            let socket = Socket::new(Domain::for_address(address), Type::STREAM, None);
            (port, address, socket.unwrap())
        })
        .collect();
    for (port, address, socket) in &attempts {
        if socket.connect_timeout(&(*address).into(), time).is_ok() {
            println!("{port}");
        }
    }
}
