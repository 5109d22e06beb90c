//! Serves one client to its end, and then the next.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;

fn main() {
    let listener = TcpListener::bind(std::env::args().nth(1).unwrap()).unwrap();
    for client in listener.incoming() {
        let mut client = client.unwrap();
        client.write_all(b"welcome\n").ok();
        for line in BufReader::new(client).lines() {
            println!("{}", line.unwrap());
        }
    }
}
