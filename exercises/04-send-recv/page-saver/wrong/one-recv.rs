//! Takes one recv for the whole answer.

use std::io::{Read, Write};
use std::net::TcpStream;

fn main() {
    let args: Vec<_> = std::env::args().collect();
    let mut server = TcpStream::connect(&args[1]).unwrap();
    let request = format!(
        "GET {} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n",
        args[2], args[1]
    );
    server.write_all(request.as_bytes()).unwrap();
    let mut all = vec![0; 65536];
    let count = server.read(&mut all).unwrap();
    all.truncate(count);
    let end = all.windows(4).position(|four| four == b"\r\n\r\n").unwrap() + 4;

    std::fs::write(&args[3], &all[end..]).unwrap();
}
