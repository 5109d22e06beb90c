//! Tries all ports with one socket.

use std::net::{IpAddr, SocketAddr};

use socket2::{Domain, Socket, Type};

fn main() {
    let args: Vec<String> = std::env::args().collect();
    let host: IpAddr = args[1].parse().unwrap();
    let (first, last): (u16, u16) = (args[2].parse().unwrap(), args[3].parse().unwrap());
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
    for port in first..=last {
        if socket.connect(&SocketAddr::new(host, port).into()).is_ok() {
            println!("{port}");
        }
    }
}
