//! std's own listener sets SO_REUSEADDR on Unix.

use std::io::Write;
use std::net::TcpListener;

fn main() {
    let listener = TcpListener::bind(std::env::args().nth(1).unwrap()).unwrap();
    for mut client in listener.incoming().flatten() {
        client.write_all(b"Hello, client!\n").ok();
    }
}
