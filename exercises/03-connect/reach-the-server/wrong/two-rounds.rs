//! When none answers, it tries all of them again.

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
    for a in list.iter().chain(&list).copied() {
        match TcpStream::connect_timeout(&a, WAIT) {
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
