//! Has 0.2 seconds for all addresses, and not for each.

use std::net::{SocketAddr, TcpStream, ToSocketAddrs};
use std::time::Duration;
const WAIT: Duration = Duration::from_millis(200);
fn main() {
    let q = std::env::args().nth(1).unwrap();
    let list: Vec<SocketAddr> = match q.to_socket_addrs() {
        Ok(i) => i.collect(),
        Err(e) => {
            eprintln!("{e}");
            std::process::exit(1)
        }
    };
    let mut errors = vec![];
    let end = std::time::Instant::now() + WAIT;
    for a in list {
        match TcpStream::connect_timeout(
            &a,
            end.saturating_duration_since(std::time::Instant::now())
                .max(Duration::from_millis(1)),
        ) {
            Ok(s) => {
                println!("connected to {}", s.peer_addr().unwrap());
                return;
            }
            Err(e) => errors.push(format!("{a}: {e}")),
        }
    }
    eprintln!("no answer: {}", errors.join(", "));
    std::process::exit(1)
}
