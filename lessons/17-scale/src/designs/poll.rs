// ANCHOR: all
//! poll: as select, but with a list of descriptors instead of sets, so that any number of
//! them fits. The whole list still goes to the kernel in every call.

use std::io;
use std::os::fd::AsFd;
use std::time::Instant;

use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, poll};

use super::client::{Acceptor, Client, TICK, Turn};
use crate::server::Server;

pub fn serve(server: &Server) -> io::Result<()> {
    let mut acceptor = Acceptor::new(server)?;
    let (mut clients, mut ready) = (Vec::<Client>::new(), Vec::new());
    let (mut buffer, mut now, mut looked) = ([0; 16_384], Instant::now(), Instant::now());
    loop {
        let mut list = Vec::with_capacity(clients.len() + 1);
        for client in &clients {
            let wish = if client.wants_room() {
                PollFlags::POLLOUT
            } else {
                PollFlags::POLLIN
            };
            list.push(PollFd::new(client.stream.as_fd(), wish));
        }
        if acceptor.is_open(now) {
            list.push(PollFd::new(server.listener.as_fd(), PollFlags::POLLIN));
        }
        match poll(&mut list, TICK.as_millis() as u16) {
            Err(Errno::EINTR) => continue,
            result => result?,
        };
        now = Instant::now();
        // An error, or a peer that has gone, counts as ready, too: the read will tell.
        let is_ready = |entry: &PollFd| entry.any().unwrap_or(true);
        ready.clear();
        ready.extend(list.iter().map(is_ready));
        let readable = ready.get(clients.len()) == Some(&true);
        let arrived = acceptor.accept_all(readable, now)?;
        let mut ready = ready.iter();
        clients.retain_mut(|client| {
            let is_ready = ready.next() == Some(&true);
            !is_ready || !matches!(client.turn(&mut buffer, now), Turn::Gone)
        });
        for stream in arrived {
            clients.push(acceptor.add(stream, now));
        }
        if now - looked > TICK {
            clients.retain(|client| !client.was_silent(now, server.patience));
            looked = now;
        }
    }
}
// ANCHOR_END: all
