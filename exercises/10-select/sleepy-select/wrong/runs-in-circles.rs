//! Asks both again and again, and never sleeps.

use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, TcpStream};

fn main() {
    let mut args = std::env::args().skip(1);
    let mut connect = || TcpStream::connect(args.next().unwrap()).unwrap();
    let mut peers = [connect(), connect()];
    peers
        .iter()
        .for_each(|peer| peer.set_nonblocking(true).unwrap());
    let mut ended = [false; 2];
    while ended != [true; 2] {
        for (from, to) in [(0, 1), (1, 0)] {
            let mut chunk = [0; 4096];
            match peers[from].read(&mut chunk) {
                Ok(count @ 1..) => peers[to].write_all(&chunk[..count]).unwrap(),
                Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                _ => {
                    ended[from] = true;
                    peers[to].shutdown(Shutdown::Write).ok();
                }
            }
        }
    }
}
