//! Does not close, and greets the next line, too.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;

fn main() {
    let listener = TcpListener::bind(std::env::args().nth(1).unwrap()).unwrap();
    for client in listener.incoming() {
        let mut client = client.unwrap();
        let mut lines = BufReader::new(client.try_clone().unwrap());
        let mut line = Vec::new();
        while lines.read_until(10, &mut line).is_ok_and(|count| count > 0) {
            let answer = [b"Hello, ", line.trim_ascii_end(), b"!\n"].concat();
            client.write_all(&answer).ok();
            line.clear();
        }
    }
}
