//! Sends the whole buffer back, whatever was read.

use std::io::{Read, Write};
use std::net::TcpListener;

fn main() {
    let listener = TcpListener::bind(std::env::args().nth(1).unwrap()).unwrap();
    for client in listener.incoming() {
        let mut client = client.unwrap();
        let mut chunk = [0; 1024];
        while client.read(&mut chunk).is_ok_and(|count| count > 0) {
            client.write_all(&chunk).ok();
        }
    }
}
