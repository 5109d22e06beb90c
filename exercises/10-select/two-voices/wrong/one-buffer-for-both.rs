//! There is one buffer for both peers.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::thread;

static LINE: std::sync::Mutex<Vec<u8>> = std::sync::Mutex::new(Vec::new());

fn main() {
    let addresses = std::env::args().skip(1).take(2);
    let peers: Vec<_> = addresses.map(|a| TcpStream::connect(a).unwrap()).collect();
    let start = |(name, peer)| thread::spawn(move || voice(name, peer));
    let threads: Vec<_> = (1..).zip(peers).map(start).collect();
    threads.into_iter().for_each(|one| one.join().unwrap());
}

fn voice(name: usize, mut peer: TcpStream) {
    let mut chunk = [0; 4096];
    while let Ok(count @ 1..) = peer.read(&mut chunk) {
        let mut line = LINE.lock().unwrap();
        line.extend(&chunk[..count]);
        while let Some(end) = line.iter().position(|byte| *byte == b'\n') {
            let mut whole = format!("{name}: ").into_bytes();
            whole.extend(line.drain(..=end));
            io::stdout().write_all(&whole).unwrap();
        }
    }
}
