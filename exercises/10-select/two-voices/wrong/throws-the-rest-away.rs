//! Prints the first line of what has come, and forgets the others.

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

fn voice(name: usize, mut peer: TcpStream) {
    let (mut chunk, mut line) = ([0; 4096], Vec::new());
    while let Ok(count @ 1..) = peer.read(&mut chunk) {
        line.extend(&chunk[..count]);
        if let Some(end) = line.iter().position(|byte| *byte == b'\n') {
            let line = [format!("{name}: ").as_bytes(), &line[..=end]].concat();
            io::stdout().write_all(&line).unwrap();
        }
        if line.contains(&b'\n') {
            line.clear();
        }
    }
}
