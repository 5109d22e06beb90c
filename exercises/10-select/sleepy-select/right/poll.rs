//! poll, in which the answer stands beside the question.

use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::os::fd::AsFd;

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};

fn main() -> io::Result<()> {
    let mut args = std::env::args().skip(1);
    let mut connect = || TcpStream::connect(args.next().expect("two addresses"));
    let peers = [connect()?, connect()?];
    let mut speakers = vec![0, 1];
    while !speakers.is_empty() {
        let mut asked: Vec<_> = speakers
            .iter()
            .map(|index: &usize| PollFd::new(peers[*index].as_fd(), PollFlags::POLLIN))
            .collect();
        poll(&mut asked, PollTimeout::NONE)?;
        let mut ready = asked.iter().map(|one| one.any().unwrap_or(true));
        speakers.retain(|&index| {
            let (mut from, mut to) = (&peers[index], &peers[1 - index]);
            if ready.next() == Some(false) {
                return true;
            }
            let mut chunk = [0; 1000];
            let count = from.read(&mut chunk).unwrap_or(0);
            let more = count > 0 && to.write_all(&chunk[..count]).is_ok();
            if !more {
                to.shutdown(Shutdown::Write).ok();
            }
            more
        });
    }
    Ok(())
}
