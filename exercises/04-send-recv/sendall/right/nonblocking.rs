//! Nonblocking, with poll(2) before each send.

use std::io;
use std::net::TcpStream;
use std::os::fd::AsFd;

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use socket2::Socket;

fn main() -> io::Result<()> {
    let args: Vec<_> = std::env::args().collect();
    let socket = Socket::from(TcpStream::connect(&args[1])?);
    let count: usize = args[2].parse().unwrap();
    let bytes: Vec<u8> = (0..=250).cycle().take(count).collect();
    socket.set_nonblocking(true)?;
    let mut sent = 0;
    while sent < count {
        match socket.send(&bytes[sent..]) {
            Ok(taken) => sent += taken,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                let mut wait = [PollFd::new(socket.as_fd(), PollFlags::POLLOUT)];
                poll(&mut wait, PollTimeout::NONE).ok();
            }
            Err(error) => return Err(error),
        }
    }
    println!("{count} bytes sent");
    Ok(())
}
