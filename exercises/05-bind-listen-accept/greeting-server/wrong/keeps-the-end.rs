//! Leaves the end of the line in the name.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;

fn main() {
    let listener = TcpListener::bind(std::env::args().nth(1).unwrap()).unwrap();
    for client in listener.incoming() {
        let mut client = client.unwrap();
        let mut line = Vec::new();
        BufReader::new(&client).read_until(b'\n', &mut line).ok();
        client
            .write_all(&[b"Hello, ", &line[..], b"!\n"].concat())
            .ok();
    }
}
