//! Takes one recv for the whole line.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;

fn main() {
    let listener = TcpListener::bind(std::env::args().nth(1).unwrap()).unwrap();
    for client in listener.incoming() {
        let mut client = client.unwrap();
        let mut chunk = [0; 1024];
        let count = client.read(&mut chunk).unwrap_or(0);
        let name = chunk[..count].trim_ascii_end();
        client.write_all(&[b"Hello, ", name, b"!\n"].concat()).ok();
    }
}
