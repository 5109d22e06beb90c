//! Takes bytes for text.

use std::io::{Read, Write};
use std::net::TcpListener;

fn main() {
    let listener = TcpListener::bind(std::env::args().nth(1).unwrap()).unwrap();
    for client in listener.incoming() {
        let mut client = client.unwrap();
        let mut chunk = [0; 4096];
        while let Ok(count @ 1..) = client.read(&mut chunk) {
            let text = String::from_utf8_lossy(&chunk[..count]).into_owned();
            client.write_all(text.as_bytes()).ok();
        }
    }
}
