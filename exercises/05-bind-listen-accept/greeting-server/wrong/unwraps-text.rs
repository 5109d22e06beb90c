//! Trusts every client to send UTF-8.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;

fn main() {
    let listener = TcpListener::bind(std::env::args().nth(1).unwrap()).unwrap();
    for client in listener.incoming() {
        let mut client = client.unwrap();
        let mut line = String::new();
        BufReader::new(&client).read_line(&mut line).unwrap();
        write!(client, "Hello, {}!\n", line.trim_end()).ok();
    }
}
