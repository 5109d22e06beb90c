//! Exercise two-voices (build): two peers speak, and you hear whoever speaks first.
//!
//! Your program is a client. Its two arguments are addresses, such as 127.0.0.1:7101 and
//! 127.0.0.1:7102. It connects to both, says nothing (no end of its sending, either, while
//! a peer is there), and prints each line as soon as its end has come: `1: ` in front of a
//! line of the first peer, `2: ` for the second. A line is bytes up to `\n`; they are
//! printed unchanged, whatever they are. So half a line waits, and meanwhile the other peer
//! is heard.
//!
//! A peer's end or its reset ends that peer only. If its last line has no end, print it
//! with one, also after a reset. When both peers have ended, the program ends with exit
//! code 0. While nobody speaks, it sleeps. `select`, `poll` or threads: that is up to you.
//!
//! Check it:      cargo run -- check two-voices
//! Try it:        nc -l 127.0.0.1 7101, and in another terminal nc -l 127.0.0.1 7102, then
//!                cargo run -p mine --example two-voices -- 127.0.0.1:7101 127.0.0.1:7102

use std::io;
use std::net::TcpStream;

struct Peer {
    name: usize,       // 1 or 2
    stream: TcpStream, // what it says
    line: Vec<u8>,     // the beginning of a line whose end has not come yet
}

fn main() -> io::Result<()> {
    let mut peers = Vec::new();
    for (name, address) in (1..=2).zip(std::env::args().skip(1)) {
        let stream = TcpStream::connect(&address)?;
        let line = Vec::new();
        peers.push(Peer { name, stream, line });
    }
    while !peers.is_empty() {
        let mut ready = wait(&peers)?.into_iter();
        peers.retain_mut(|peer| !ready.next().unwrap_or(false) || peer.hear());
    }
    Ok(())
}

/// Sleeps until a peer has something for us. Says for each peer whether it is one of them.
fn wait(_peers: &[Peer]) -> io::Result<Vec<bool>> {
    todo!("ask select or poll for all peers at once")
}

impl Peer {
    /// Takes what has come, and prints the lines that are whole now. False: it has ended.
    fn hear(&mut self) -> bool {
        let Self { name, stream, line } = self;
        todo!("{name}: {stream:?} {line:?}: read once, append, print whole lines")
    }
}
