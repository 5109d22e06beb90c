//! Takes the name for UTF-8, and loses what is none.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;

fn main() {
    let listener = TcpListener::bind(std::env::args().nth(1).unwrap()).unwrap();
    for client in listener.incoming() {
        let mut client = client.unwrap();
        let mut line = Vec::new();
        BufReader::new(&client).read_until(10, &mut line).ok();
        let name = String::from_utf8_lossy(&line);
        write!(client, "Hello, {}!\n", name.trim_end()).ok();
    }
}
