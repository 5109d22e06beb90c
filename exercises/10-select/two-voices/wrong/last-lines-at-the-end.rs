//! What has no end of line is printed when both have ended.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::thread;

fn main() {
    let addresses = std::env::args().skip(1).take(2);
    let peers: Vec<_> = addresses.map(|a| TcpStream::connect(a).unwrap()).collect();
    let start = |(name, peer)| thread::spawn(move || voice(name, peer));
    let threads: Vec<_> = (1..).zip(peers).map(start).collect();
    let lines = threads.into_iter().map(|one| one.join().unwrap());
    io::stdout()
        .write_all(&lines.collect::<Vec<_>>().concat())
        .unwrap();
}

fn voice(name: usize, peer: TcpStream) -> Vec<u8> {
    let mut peer = BufReader::new(peer);
    loop {
        let mut line = format!("{name}: ").into_bytes();
        let nothing = line.len();
        peer.read_until(b'\n', &mut line).ok();
        if line.len() == nothing {
            return Vec::new();
        }
        if !line.ends_with(b"\n") {
            line.push(b'\n');
            return line;
        }
        io::stdout().write_all(&line).unwrap();
    }
}
