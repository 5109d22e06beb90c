//! Prints each name before its line has come.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::thread;

fn main() {
    let addresses = std::env::args().skip(1).take(2);
    let peers: Vec<_> = addresses.map(|a| TcpStream::connect(a).unwrap()).collect();
    print!("1: 2: ");
    io::stdout().flush().unwrap();
    let start = |(name, peer)| thread::spawn(move || voice(name, peer));
    let threads: Vec<_> = (1..).zip(peers).map(start).collect();
    threads.into_iter().for_each(|one| one.join().unwrap());
}

fn voice(name: usize, peer: TcpStream) {
    let (mut peer, mut line) = (BufReader::new(peer), Vec::new());
    while let Ok(1..) = peer.read_until(b'\n', &mut line) {
        if !line.ends_with(b"\n") {
            line.push(b'\n');
        }
        line.extend(format!("{name}: ").as_bytes());
        io::stdout().write_all(&line).unwrap();
        io::stdout().flush().unwrap();
        line.clear();
    }
}
