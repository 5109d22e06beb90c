//! Has 0.2 seconds for the whole range, and not for each port.

use std::net::{IpAddr, SocketAddr, TcpStream};
use std::time::Duration;
fn main() {
    let a: Vec<String> = std::env::args().skip(1).collect();
    let host: IpAddr = a[0].parse().unwrap();
    let first: u16 = a[1].parse().unwrap();
    let last: u16 = a[2].parse().unwrap();
    let end = std::time::Instant::now() + Duration::from_millis(200);
    for p in first..=last {
        if let Ok(_s) = TcpStream::connect_timeout(
            &SocketAddr::new(host, p),
            end.saturating_duration_since(std::time::Instant::now())
                .max(Duration::from_millis(1)),
        ) {
            println!("{p}");
        }
    }
}
