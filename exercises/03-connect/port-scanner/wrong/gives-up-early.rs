//! Waits 0.1 seconds for a port.

use std::net::{IpAddr, SocketAddr, TcpStream};
use std::time::Duration;

/// How long a port may take to answer.
const TIMEOUT: Duration = Duration::from_millis(100);

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [host, first, last] = &args[..] else {
        println!("usage: port-scanner ADDRESS FIRST LAST");
        std::process::exit(2)
    };
    let host: IpAddr = host.parse().expect("an IP address");
    let first: u16 = first.parse().expect("a port");
    let last: u16 = last.parse().expect("a port");
    scan(host, first, last);
}

/// Prints the open ports.
fn scan(host: IpAddr, first: u16, last: u16) {
    // `..=` includes the last port, and ends there, also when it is 65535.
    for port in first..=last {
        if is_open(SocketAddr::new(host, port)) {
            println!("{port}");
        }
    }
}

/// Whether a connection succeeds. The stream is dropped here, and so closed.
fn is_open(address: SocketAddr) -> bool {
    TcpStream::connect_timeout(&address, TIMEOUT).is_ok()
}
