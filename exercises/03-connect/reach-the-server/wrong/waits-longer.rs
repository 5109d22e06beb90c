//! Gives each address three times as long as it is to have.

use std::net::{SocketAddr, TcpStream, ToSocketAddrs};
use std::time::Duration;
const WAIT: Duration = Duration::from_millis(600);
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
    for a in list {
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
