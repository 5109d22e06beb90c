//! Copies the one way to its end, and then the other.

use std::io;
use std::net::{Shutdown, TcpStream};

fn main() -> io::Result<()> {
    let mut args = std::env::args().skip(1);
    let mut connect = || TcpStream::connect(args.next().unwrap_or_default());
    let peers = [connect()?, connect()?];
    for (mut from, mut to) in [(&peers[0], &peers[1]), (&peers[1], &peers[0])] {
        io::copy(&mut from, &mut to).ok();
        to.shutdown(Shutdown::Write).ok();
    }
    Ok(())
}
