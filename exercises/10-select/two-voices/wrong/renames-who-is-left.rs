//! Its names are the places in the list of those who are left.

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::os::fd::AsFd;

use nix::errno::Errno;
use nix::sys::select::{FdSet, select};

struct Peer {
    name: usize,       // 1 or 2
    stream: TcpStream, // what it says
    line: Vec<u8>,     // the beginning of a line whose end has not come yet
}

fn main() -> io::Result<()> {
    let mut peers = Vec::new();
    for (name, address) in (1..=2).zip(std::env::args().skip(1)) {
        let stream = TcpStream::connect(&address)?;
        stream.set_nonblocking(true)?; // select may be mistaken: then nothing waits
        let line = Vec::new();
        peers.push(Peer { name, stream, line });
    }
    while !peers.is_empty() {
        let mut ready = wait(&peers)?.into_iter();
        peers.retain_mut(|peer| !ready.next().unwrap_or(false) || peer.hear());
        for (place, peer) in peers.iter_mut().enumerate() {
            peer.name = place + 1;
        }
    }
    Ok(())
}

/// Sleeps until a peer has something for us. Says for each peer whether it is one of them.
fn wait(peers: &[Peer]) -> io::Result<Vec<bool>> {
    // A new set for each call, and in it only those that are still there.
    let mut readable = FdSet::new();
    for peer in peers {
        readable.insert(peer.stream.as_fd());
    }
    match select(None, &mut readable, None, None, None) {
        Err(Errno::EINTR) => return Ok(vec![false; peers.len()]), // the sets say nothing
        result => result?,
    };
    let ready = |peer: &Peer| readable.contains(peer.stream.as_fd());
    Ok(peers.iter().map(ready).collect())
}

impl Peer {
    /// Takes what has come, and prints the lines that are whole now. False: it has ended.
    fn hear(&mut self) -> bool {
        let mut chunk = [0; 4096];
        let count = match self.stream.read(&mut chunk) {
            Ok(count) => count,
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => return true,
            Err(_) => 0, // a reset is an end, too
        };
        self.line.extend(&chunk[..count]);
        if count == 0 && !self.line.is_empty() {
            self.line.push(b'\n');
        }
        let end = self.line.iter().rposition(|byte| *byte == b'\n');
        let whole: Vec<u8> = self.line.drain(..end.map_or(0, |end| end + 1)).collect();
        for line in whole.split_inclusive(|byte| *byte == b'\n') {
            let line = [format!("{}: ", self.name).as_bytes(), line].concat();
            io::stdout().write_all(&line).ok(); // nobody reads it: no reason to panic
        }
        count > 0
    }
}
