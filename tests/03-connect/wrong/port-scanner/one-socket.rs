//! Tries all ports with one socket.

use std::net::{IpAddr, SocketAddr, TcpStream};
use std::time::Duration;

fn main() {
    let args: Vec<String> = std::env::args().collect();
    let host: IpAddr = args[1].parse().unwrap();
    let (first, last): (u16, u16) = (args[2].parse().unwrap(), args[3].parse().unwrap());
    let time = Duration::from_millis(200);
    use socket2::{Domain, Socket, Type};
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
    for port in first..=last {
        if socket
            .connect_timeout(&SocketAddr::new(host, port).into(), time)
            .is_ok()
        {
            println!("{port}");
        }
    }
}
