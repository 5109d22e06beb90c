//! Tries a host beyond this machine: an address for documentation (RFC 5737), which is
//! nobody's.

use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

fn main() {
    let outside = SocketAddr::from(([192, 0, 2, 1], 80));
    match TcpStream::connect_timeout(&outside, Duration::from_secs(1)) {
        Ok(_) => println!("reached"),
        Err(error) => println!("not reached: {error}"),
    }
    std::thread::sleep(Duration::from_secs(61));
}
