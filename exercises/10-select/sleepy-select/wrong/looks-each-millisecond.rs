//! It looks each millisecond whether something has come.

use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::os::fd::AsFd;

use nix::errno::Errno;
use nix::sys::select::{FdSet, select};

fn main() -> io::Result<()> {
    let mut args = std::env::args().skip(1);
    let mut connect = || TcpStream::connect(args.next().unwrap_or_default());
    let peers = [connect()?, connect()?];
    let mut open = [true, true];
    //C
    while open[0] || open[1] {
        let mut watched = FdSet::new();
        for (peer, open) in peers.iter().zip(open) {
            if open {
                watched.insert(peer.as_fd());
            }
        }
        match select(
            None,
            &mut watched,
            None,
            None,
            &mut nix::sys::time::TimeVal::new(0, 1_000),
        ) {
            Err(Errno::EINTR) => continue, // a signal came: ask again
            result => result?,
        };
        for i in 0..2 {
            if open[i]
                && watched.contains(peers[i].as_fd())
                && !pass_on(&peers[i], &peers[1 - i])
            {
                open[i] = false;
                //G
            }
        }
    }
    //Z
    Ok(())
}

fn pass_on(mut from: &TcpStream, mut to: &TcpStream) -> bool {
    let mut chunk = [0; 4096];
    match from.read(&mut chunk) {
        Ok(count @ 1..) => {
            //W
            to.write_all(&chunk[..count]).is_ok()
        }
        _ => {
            to.shutdown(Shutdown::Write).ok(); // it may have gone
            false
        }
    }
}
