//! Answers only when the client has closed.

use std::io::{Read, Write};
use std::net::TcpListener;

fn main() {
    let listener = TcpListener::bind(std::env::args().nth(1).unwrap()).unwrap();
    for client in listener.incoming() {
        let mut client = client.unwrap();
        let mut all = Vec::new();
        client.read_to_end(&mut all).ok();
        client.write_all(&all).ok();
    }
}
