//! Ends at a port that does not answer.

use std::net::{IpAddr, SocketAddr, TcpStream};
use std::time::Duration;

fn main() {
    let args: Vec<String> = std::env::args().collect();
    let host: IpAddr = args[1].parse().unwrap();
    let (first, last): (u16, u16) = (args[2].parse().unwrap(), args[3].parse().unwrap());
    let time = Duration::from_millis(200);
    for port in first..=last {
        match TcpStream::connect_timeout(&SocketAddr::new(host, port), time) {
            Ok(_) => println!("{port}"),
            Err(error) if error.kind() == std::io::ErrorKind::TimedOut => return,
            Err(_) => {}
        }
    }
}
