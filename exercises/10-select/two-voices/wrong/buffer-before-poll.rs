//! Reads one line from a BufReader after poll: the other lines in its buffer wait.

use std::io::{self, BufRead, BufReader, Write};
use std::net::TcpStream;
use std::os::fd::AsFd;

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};

fn main() {
    let addresses = std::env::args().skip(1).take(2);
    let connect = |address| BufReader::new(TcpStream::connect(address).unwrap());
    let mut peers: Vec<_> = (1..).zip(addresses.map(connect)).collect();
    while !peers.is_empty() {
        let mut asked: Vec<_> = peers
            .iter()
            .map(|(_, peer)| PollFd::new(peer.get_ref().as_fd(), PollFlags::POLLIN))
            .collect();
        poll(&mut asked, PollTimeout::NONE).unwrap();
        let ready: Vec<_> = asked.iter().map(|one| one.any() == Some(true)).collect();
        let mut ready = ready.into_iter();
        peers.retain_mut(|(name, peer)| {
            if ready.next() != Some(true) {
                return true;
            }
            let mut line = format!("{name}: ").into_bytes();
            let count = peer.read_until(b'\n', &mut line).unwrap_or(0);
            if count > 0 {
                io::stdout().write_all(&line).unwrap();
            }
            count > 0
        });
    }
}
