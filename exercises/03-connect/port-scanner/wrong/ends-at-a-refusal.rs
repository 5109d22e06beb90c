//! Ends at the first port that is closed.

use std::net::{IpAddr, SocketAddr, TcpStream};
use std::time::Duration;

fn main() {
    let args: Vec<String> = std::env::args().collect();
    let host: IpAddr = args[1].parse().unwrap();
    let (first, last): (u16, u16) = (args[2].parse().unwrap(), args[3].parse().unwrap());
    let time = Duration::from_millis(200);
    for port in first..=last {
        TcpStream::connect_timeout(&SocketAddr::new(host, port), time).unwrap();
        println!("{port}");
    }
}
