//! Hears the second peer only when the first one is silent.

use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::os::fd::AsFd;

use nix::errno::Errno;
use nix::sys::select::{FdSet, select};

fn main() -> io::Result<()> {
    let mut args = std::env::args().skip(1);
    let mut connect = || TcpStream::connect(args.next().unwrap_or_default());
    let peers = [connect()?, connect()?];
    let mut watched = FdSet::new();
    for peer in &peers {
        watched.insert(peer.as_fd());
    }
    let mut speakers = 2;
    while speakers > 0 {
        // select answers in the set in which it was asked: so it gets a copy.
        let mut ready = watched;
        match select(None, &mut ready, None, None, None) {
            Err(Errno::EINTR) => continue, // a signal came: ask again
            result => result?,
        };
        for (from, to) in [(&peers[0], &peers[1]), (&peers[1], &peers[0])] {
            if ready.contains(from.as_fd()) {
                if !pass_on(from, to) {
                    watched.remove(from.as_fd()); // or it would be readable for ever
                    speakers -= 1;
                }
                break;
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
