//! Its output waits in a buffer until the peer has ended.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::thread;

fn main() {
    let addresses = std::env::args().skip(1).take(2);
    let peers: Vec<_> = addresses.map(|a| TcpStream::connect(a).unwrap()).collect();
    let start = |(name, peer)| thread::spawn(move || voice(name, peer));
    let threads: Vec<_> = (1..).zip(peers).map(start).collect();
    threads.into_iter().for_each(|one| one.join().unwrap());
}

fn voice(name: usize, peer: TcpStream) {
    let mut out = io::BufWriter::new(io::stdout());
    for line in BufReader::new(peer).split(b'\n').map_while(Result::ok) {
        out.write_all(format!("{name}: ").as_bytes()).unwrap();
        out.write_all(&line).unwrap();
        out.write_all(b"\n").unwrap();
    }
}
