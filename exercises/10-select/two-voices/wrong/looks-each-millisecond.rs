//! It looks each millisecond whether something has come.

use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::os::fd::AsFd;

struct Peer {
    name: usize,
    stream: TcpStream,
    line: Vec<u8>,
}

fn main() -> io::Result<()> {
    let mut peers = Vec::new();
    for (name, address) in (1..=2).zip(std::env::args().skip(1)) {
        let stream = TcpStream::connect(&address)?;
        //C
        let line = Vec::new();
        peers.push(Peer { name, stream, line });
    }
    while !peers.is_empty() {
        let mut ready = wait(&peers)?.into_iter();
        peers.retain_mut(|peer| !ready.next().unwrap_or(false) || peer.hear());
        //G
    }
    //Z
    Ok(())
}

fn wait(peers: &[Peer]) -> io::Result<Vec<bool>> {
    let mut asked: Vec<PollFd> = peers
        .iter()
        .map(|p| PollFd::new(p.stream.as_fd(), PollFlags::POLLIN))
        .collect();
    loop {
        match poll(&mut asked, 1u8) {
            Err(Errno::EINTR) => {}
            result => {
                result?;
                return Ok(asked.iter().map(|a| a.any().unwrap_or(true)).collect());
            }
        }
    }
}

fn say(name: usize, line: &[u8]) {
    let mut out = io::stdout().lock();
    out.write_all(format!("{name}: ").as_bytes()).unwrap();
    out.write_all(line).unwrap();
    out.flush().unwrap();
}

impl Peer {
    fn hear(&mut self) -> bool {
        let Self { name, stream, line } = self;
        let mut chunk = [0; 4096];
        match stream.read(&mut chunk) {
            Ok(count @ 1..) => {
                //R
                line.extend_from_slice(&chunk[..count]);
                while let Some(end) = line.iter().position(|b| *b == b'\n') {
                    let whole: Vec<u8> = line.drain(..=end).collect();
                    //L
                    say(*name, &whole);
                }
                true
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => true,
            _ => {
                //E
                if !line.is_empty() {
                    line.push(b'\n');
                    say(*name, line);
                }
                false
            }
        }
    }
}
