//! The rest of a line is printed at the end, also when there is none.

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
    let mut reader = BufReader::new(peer);
    loop {
        let mut line = format!("{name}: ").into_bytes();
        reader.read_until(b'\n', &mut line).ok();
        let more = line.ends_with(b"\n");
        if !more {
            line.push(b'\n');
        }
        io::stdout().write_all(&line).unwrap();
        if !more {
            return;
        }
    }
}
