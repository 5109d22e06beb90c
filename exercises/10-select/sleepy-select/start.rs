//! Exercise sleepy-select (repair): a go-between that falls asleep.
//!
//! The program is a client of two peers, and passes on to each what the other one says.
//! Its users complain: "Whoever speaks first is passed on, also later. The other one can
//! say what he likes: nothing of it arrives. No error, no load, the program just sleeps."
//!
//! Its two arguments are addresses, such as 127.0.0.1:7101 and 127.0.0.1:7102. Every byte
//! of one peer goes to the other, unchanged and at once, also while both speak. When one
//! peer has ended its sending, or was reset, the other sees the end of the stream; it may
//! go on speaking. When both have ended, the program ends with exit code 0. While nobody
//! speaks, it sleeps. (What is said to a peer that was reset is lost; with it the other
//! one's sending may count as ended. A peer that does not read makes the other wait, too.
//! That may stay so.)
//!
//! Check it:      cargo run -- check sleepy-select
//! Try it:        nc -l 127.0.0.1 7101, and in another terminal nc -l 127.0.0.1 7102, then
//!                cargo run -p mine --example sleepy-select -- 127.0.0.1:7101 127.0.0.1:7102

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
        match select(None, &mut watched, None, None, None) {
            Err(Errno::EINTR) => continue, // a signal came: ask again
            result => result?,
        };
        for (from, to) in [(&peers[0], &peers[1]), (&peers[1], &peers[0])] {
            if watched.contains(from.as_fd()) && !pass_on(from, to) {
                watched.remove(from.as_fd()); // or it would be readable for ever
                speakers -= 1;
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
