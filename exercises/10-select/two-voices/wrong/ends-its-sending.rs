//! Has nothing to say, and so ends its sending at once.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::thread;

fn main() {
    let addresses = std::env::args().skip(1).take(2);
    let peers: Vec<_> = addresses.map(|a| TcpStream::connect(a).unwrap()).collect();
    for peer in &peers {
        peer.shutdown(std::net::Shutdown::Write).unwrap();
    }
    let start = |(name, peer)| thread::spawn(move || voice(name, peer));
    let threads: Vec<_> = (1..).zip(peers).map(start).collect();
    threads.into_iter().for_each(|one| one.join().unwrap());
}

fn voice(name: usize, peer: TcpStream) {
    let mut peer = BufReader::new(peer);
    loop {
        let mut line = format!("{name}: ").into_bytes();
        let nothing = line.len();
        peer.read_until(b'\n', &mut line).ok();
        if line.len() == nothing {
            return;
        }
        if !line.ends_with(b"\n") {
            line.push(b'\n');
        }
        io::stdout().write_all(&line).unwrap();
    }
}
