//! A new set each time, with both in it, also with one that has ended.

use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::os::fd::AsFd;

use nix::errno::Errno;
use nix::sys::select::{FdSet, select};

fn main() -> io::Result<()> {
    let mut args = std::env::args().skip(1);
    let mut connect = || TcpStream::connect(args.next().unwrap_or_default());
    let peers = [connect()?, connect()?];
    let mut speaking = [true; 2];
    while speaking != [false; 2] {
        let mut ready = FdSet::new();
        peers.iter().for_each(|peer| ready.insert(peer.as_fd()));
        match select(None, &mut ready, None, None, None) {
            Err(Errno::EINTR) => continue, // a signal came: ask again
            result => result?,
        };
        for (index, from) in peers.iter().enumerate() {
            let to = &peers[1 - index];
            if ready.contains(from.as_fd()) && !pass_on(from, to) {
                speaking[index] = false;
            }
        }
    }
    Ok(())
}

/// Passes on what has come. False: nothing more will come, and the other one is told.
fn pass_on(mut from: &TcpStream, mut to: &TcpStream) -> bool {
    let mut chunk = [0; 4096];
    match from.read(&mut chunk) {
        Ok(count @ 1..) => to.write_all(&chunk[..count]).is_ok(),
        _ => {
            to.shutdown(Shutdown::Write).ok(); // it may have gone
            false
        }
    }
}
