//! Trusts the peer to send UTF-8.

use std::io::{Read, Write};
use std::net::TcpListener;

fn main() {
    let listener = TcpListener::bind(std::env::args().nth(1).unwrap()).unwrap();
    for client in listener.incoming() {
        let mut client = client.unwrap();
        let mut chunk = [0; 4096];
        while let Ok(count @ 1..) = client.read(&mut chunk) {
            let text = std::str::from_utf8(&chunk[..count]).unwrap();
            client.write_all(text.as_bytes()).ok();
        }
    }
}
