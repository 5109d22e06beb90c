//! Keeps every client, so that nobody sees an end.

use std::io::{Read, Write};
use std::net::TcpListener;

fn main() {
    let listener = TcpListener::bind(std::env::args().nth(1).unwrap()).unwrap();
    let mut kept = Vec::new();
    for client in listener.incoming() {
        let mut client = client.unwrap();
        let mut chunk = [0; 4096];
        while let Ok(count @ 1..) = client.read(&mut chunk) {
            client.write_all(&chunk[..count]).ok();
        }
        kept.push(client);
    }
}
