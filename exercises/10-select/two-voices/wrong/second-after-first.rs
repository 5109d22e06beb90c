//! Hears the first to its end, and only then the second.

use std::io::{self, BufRead, BufReader, Write};
use std::net::TcpStream;

fn main() {
    let addresses = std::env::args().skip(1).take(2);
    let peers: Vec<_> = addresses.map(|a| TcpStream::connect(a).unwrap()).collect();
    for (name, peer) in (1..).zip(peers) {
        for line in BufReader::new(peer).split(b'\n').map_while(Result::ok) {
            let line = [format!("{name}: ").as_bytes(), &line, b"\n"].concat();
            io::stdout().write_all(&line).unwrap();
        }
    }
}
