//! Reads from the one, then from the other, and so on.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};

fn main() {
    let mut args = std::env::args().skip(1);
    let mut connect = || TcpStream::connect(args.next().unwrap()).unwrap();
    let mut peers = [connect(), connect()];
    let mut ended = [false; 2];
    while ended != [true; 2] {
        for (from, to) in [(0, 1), (1, 0)] {
            let mut chunk = [0; 4096];
            let count = peers[from].read(&mut chunk).unwrap_or(0);
            peers[to].write_all(&chunk[..count]).ok();
            if count == 0 {
                ended[from] = true;
                peers[to].shutdown(Shutdown::Write).ok();
            }
        }
    }
}
