//! Takes what one read gives for one line.

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::thread;

fn main() {
    let addresses = std::env::args().skip(1).take(2);
    let peers: Vec<_> = addresses.map(|a| TcpStream::connect(a).unwrap()).collect();
    let hear = |(name, mut peer): (usize, TcpStream)| {
        thread::spawn(move || {
            let mut chunk = [0; 4096];
            while let Ok(count @ 1..) = peer.read(&mut chunk) {
                let line = [format!("{name}: ").as_bytes(), &chunk[..count]].concat();
                io::stdout().write_all(&line).unwrap();
            }
        })
    };
    let threads: Vec<_> = (1..).zip(peers).map(hear).collect();
    threads.into_iter().for_each(|one| one.join().unwrap());
}
