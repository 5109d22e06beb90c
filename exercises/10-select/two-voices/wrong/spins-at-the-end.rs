//! Goes on reading a peer that has ended, until both have.

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
    use std::sync::atomic::{AtomicUsize, Ordering};
    static ENDED: AtomicUsize = AtomicUsize::new(0);
    let (mut peer, mut known) = (BufReader::new(peer), true);
    while ENDED.load(Ordering::Relaxed) < 2 {
        let mut line = Vec::new();
        match peer.read_until(b'\n', &mut line) {
            Ok(1..) => {
                let line = line.strip_suffix(b"\n").unwrap_or(&line);
                let line = [format!("{name}: ").as_bytes(), line, b"\n"].concat();
                io::stdout().write_all(&line).unwrap();
            }
            _ if known => {
                known = false;
                ENDED.fetch_add(1, Ordering::Relaxed);
            }
            _ => {}
        }
    }
}
