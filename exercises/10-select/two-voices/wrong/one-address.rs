//! Connects to the second only when the first has ended.

use std::io::{self, BufRead, BufReader, Write};
use std::net::TcpStream;

fn main() {
    for (name, address) in (1..=2).zip(std::env::args().skip(1)) {
        let peer = TcpStream::connect(address).unwrap();
        for line in BufReader::new(peer).split(b'\n').map_while(Result::ok) {
            let line = [format!("{name}: ").as_bytes(), &line, b"\n"].concat();
            io::stdout().write_all(&line).unwrap();
        }
    }
}
