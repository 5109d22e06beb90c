//! After poll it reads until the line has ended, and sleeps in that.

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::os::fd::AsFd;

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};

fn main() {
    let addresses = std::env::args().skip(1).take(2);
    let mut peers: Vec<_> = (1..)
        .zip(addresses.map(|address| TcpStream::connect(address).unwrap()))
        .collect();
    while !peers.is_empty() {
        let mut asked: Vec<_> = peers
            .iter()
            .map(|(_, peer)| PollFd::new(peer.as_fd(), PollFlags::POLLIN))
            .collect();
        poll(&mut asked, PollTimeout::NONE).unwrap();
        let ready: Vec<_> = asked.iter().map(|one| one.any() == Some(true)).collect();
        let mut ready = ready.into_iter();
        peers.retain_mut(|(name, peer)| {
            if ready.next() != Some(true) {
                return true;
            }
            let (mut line, mut byte) = (format!("{name}: ").into_bytes(), [0]);
            while byte != *b"\n" {
                if !matches!(peer.read(&mut byte), Ok(1)) {
                    return false;
                }
                line.push(byte[0]);
            }
            io::stdout().write_all(&line).is_ok()
        });
    }
}
