//! Listens with TCP.

use std::io::{Read, Write};
use std::net::TcpListener;

fn main() {
    let listener = TcpListener::bind(std::env::args().nth(1).unwrap()).unwrap();
    for client in listener.incoming() {
        let mut client = client.unwrap();
        let mut buffer = [0; 65_535];
        let count = client.read(&mut buffer).unwrap();
        client
            .write_all(&buffer[..count].to_ascii_uppercase())
            .unwrap();
    }
}
