//! Tells each peer that its line has come.

use std::io::{self, BufRead, BufReader, Write};
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
    for line in BufReader::new(&peer).split(b'\n').map_while(Result::ok) {
        let line = [format!("{name}: ").as_bytes(), &line, b"\n"].concat();
        io::stdout().write_all(&line).unwrap();
        (&peer).write_all(b"thanks\n").ok();
    }
}
