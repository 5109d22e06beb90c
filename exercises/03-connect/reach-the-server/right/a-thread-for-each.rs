//! Each attempt in a thread of its own, which is waited for only so long.

use std::net::{TcpStream, ToSocketAddrs};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

fn main() {
    let server = std::env::args().nth(1).unwrap();
    for address in server.to_socket_addrs().unwrap() {
        let (sender, result) = mpsc::channel();
        thread::spawn(move || sender.send(TcpStream::connect(address)).ok());
        match result.recv_timeout(Duration::from_millis(200)) {
            Ok(Ok(stream)) => {
                println!("connected to {}", stream.peer_addr().unwrap());
                return;
            }
            Ok(Err(error)) => eprintln!("{address}: {error}"),
            Err(_) => eprintln!("{address}: no answer"),
        }
    }
    std::process::exit(1);
}
