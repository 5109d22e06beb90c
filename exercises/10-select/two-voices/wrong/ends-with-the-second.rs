//! A thread for each peer; main waits for that of the second alone.

use std::io::{self, BufRead, BufReader, Write};
use std::net::TcpStream;
use std::thread;

fn main() {
    let addresses = std::env::args().skip(1).take(2);
    let peers: Vec<_> = addresses.map(|a| TcpStream::connect(a).unwrap()).collect();
    let start = |(name, peer)| thread::spawn(move || voice(name, peer));
    let threads: Vec<_> = (1..).zip(peers).map(start).collect();
    threads.into_iter().last().unwrap().join().unwrap();
}

fn voice(name: usize, peer: TcpStream) {
    let mut reader = BufReader::new(peer);
    loop {
        let mut line = Vec::new();
        let read = reader.read_until(b'\n', &mut line);
        if line.is_empty() {
            return;
        }
        if !line.ends_with(b"\n") {
            line.push(b'\n');
        }
        let line = [format!("{name}: ").as_bytes(), &line].concat();
        io::stdout().write_all(&line).unwrap();
        if read.is_err() {
            return;
        }
    }
}
