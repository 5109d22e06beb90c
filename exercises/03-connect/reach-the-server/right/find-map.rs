//! An iterator that ends with the first success.

use std::net::{TcpStream, ToSocketAddrs};
use std::process::ExitCode;
use std::time::Duration;

fn main() -> ExitCode {
    let server = std::env::args().nth(1).unwrap();
    let addresses = server.to_socket_addrs().into_iter().flatten();
    let time = Duration::from_millis(200);
    let found = addresses
        .map(|address| TcpStream::connect_timeout(&address, time))
        .inspect(|tried| {
            if let Err(error) = tried {
                eprintln!("{error}");
            }
        })
        .find_map(Result::ok);
    match found.and_then(|stream| stream.peer_addr().ok()) {
        Some(peer) => {
            println!("connected to {peer}");
            ExitCode::SUCCESS
        }
        None => {
            eprintln!("{server} cannot be reached");
            ExitCode::FAILURE
        }
    }
}
