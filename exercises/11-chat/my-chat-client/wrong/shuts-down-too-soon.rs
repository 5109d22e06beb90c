//! Shuts down at the end of the keyboard, also while its queue is not empty.

use std::fs::File;
use std::io::{self, ErrorKind, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::os::fd::AsFd;

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};

fn main() -> io::Result<()> {
    let address = std::env::args().nth(1).expect("an address");
    let mut server = TcpStream::connect(address)?;
    server.set_nonblocking(true)?;
    let mut keys = File::from(io::stdin().as_fd().try_clone_to_owned()?);
    let (mut queue, mut open, mut chunk) = (Vec::new(), true, [0; 4096]);
    loop {
        let mut what = PollFlags::POLLIN;
        what.set(PollFlags::POLLOUT, !queue.is_empty());
        let mut asked = vec![PollFd::new(server.as_fd(), what)];
        if open {
            asked.push(PollFd::new(keys.as_fd(), PollFlags::POLLIN));
        }
        poll(&mut asked, PollTimeout::NONE)?;
        let typed = asked.get(1).is_some_and(|one| one.any() == Some(true));
        match server.read(&mut chunk) {
            Err(error) if error.kind() == ErrorKind::WouldBlock => {}
            Ok(0) if open => return Err(io::Error::other("the server has gone")),
            Ok(0) => return Ok(()),
            count => {
                io::stdout().write_all(&chunk[..count?])?;
                io::stdout().flush()?;
            }
        }
        if typed {
            let count = keys.read(&mut chunk)?;
            queue.extend(&chunk[..count]);
            open = count > 0;
        }
        if !queue.is_empty() {
            match server.write(&queue) {
                Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                count => drop(queue.drain(..count?)),
            }
        }
        if !open {
            server.shutdown(Shutdown::Write).ok(); // the second time it says nothing new
        }
    }
}
