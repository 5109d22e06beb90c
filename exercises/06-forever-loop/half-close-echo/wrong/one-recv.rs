//! Takes one recv for all that the client says.

use std::io::{Read, Write};
use std::net::TcpListener;

fn main() {
    let listener = TcpListener::bind(std::env::args().nth(1).unwrap()).unwrap();
    for client in listener.incoming() {
        let mut client = client.unwrap();
        let mut chunk = [0; 4096];
        if let Ok(count) = client.read(&mut chunk) {
            client.write_all(&chunk[..count]).ok();
        }
    }
}
