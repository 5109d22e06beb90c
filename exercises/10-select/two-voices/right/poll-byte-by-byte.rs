//! poll, and one byte of each peer that has one; then poll again.

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::os::fd::AsFd;

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};

fn main() -> io::Result<()> {
    let mut args = std::env::args().skip(1);
    let mut peers = Vec::new();
    for name in [1, 2] {
        let address = args.next().expect("two addresses");
        peers.push((name, TcpStream::connect(address)?, Vec::new()));
    }
    let mut screen = io::stdout();
    while !peers.is_empty() {
        let mut asked: Vec<_> = peers
            .iter()
            .map(|(_, stream, _)| PollFd::new(stream.as_fd(), PollFlags::POLLIN))
            .collect();
        poll(&mut asked, PollTimeout::NONE)?;
        let ready: Vec<bool> = asked
            .iter()
            .map(|entry| entry.any() == Some(true))
            .collect();
        for (index, _) in ready.iter().enumerate().rev().filter(|(_, ready)| **ready) {
            let (name, stream, line) = &mut peers[index];
            let mut byte = [0];
            let more = matches!(stream.read(&mut byte), Ok(1));
            if more {
                line.push(byte[0]);
            }
            if byte == *b"\n" || (!more && !line.is_empty()) {
                write!(screen, "{name}: ")?;
                screen.write_all(line)?;
                if !more {
                    screen.write_all(b"\n")?;
                }
                line.clear();
            }
            if !more {
                peers.remove(index);
            }
        }
    }
    Ok(())
}
