//! Says something before it has read anything, and closes.

use std::io::Write;
use std::net::TcpListener;

fn main() {
    let listener = TcpListener::bind(std::env::args().nth(1).unwrap()).unwrap();
    for client in listener.incoming() {
        client.unwrap().write_all(b"hello\n").ok();
    }
}
