//! Prints pieces of lines: two voices get into one line.

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::thread;

fn main() {
    let addresses = std::env::args().skip(1).take(2);
    let peers: Vec<_> = addresses.map(|a| TcpStream::connect(a).unwrap()).collect();
    let hear = |(name, mut peer): (usize, TcpStream)| {
        thread::spawn(move || {
            let (mut chunk, mut new) = ([0; 4096], true);
            while let Ok(count @ 1..) = peer.read(&mut chunk) {
                for piece in chunk[..count].split_inclusive(|byte| *byte == b'\n') {
                    let start = if new {
                        format!("{name}: ")
                    } else {
                        String::new()
                    };
                    let out = [start.as_bytes(), piece].concat();
                    io::stdout().write_all(&out).unwrap();
                    io::stdout().flush().unwrap();
                    new = piece.ends_with(b"\n");
                }
            }
        })
    };
    let threads: Vec<_> = (1..).zip(peers).map(hear).collect();
    threads.into_iter().for_each(|one| one.join().unwrap());
}
