//! Help for lesson 17: the design poll, which is step 5 with the clients of client.rs.

use std::io;
use std::os::fd::AsFd;
use std::time::Instant;

use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, poll};

use super::acceptor::Acceptor;
use super::client::{Client, TICK, take_turns};
use crate::program::server::Server;

pub fn serve(server: &Server) -> io::Result<()> {
    let mut acceptor = Acceptor::new(server)?;
    let mut clients: Vec<Client> = Vec::new();
    let mut buffer = [0; 16_384];
    let (mut now, mut looked) = (Instant::now(), Instant::now());
    loop {
        let mut list: Vec<_> = clients.iter().map(wish).collect();
        if acceptor.is_open(now) {
            list.push(PollFd::new(server.listener.as_fd(), PollFlags::POLLIN));
        }
        match poll(&mut list, TICK.as_millis() as u16) {
            Err(Errno::EINTR) => continue,
            result => result?,
        };
        now = Instant::now();
        // An error, or a peer that has gone, counts as ready, too: the read will say.
        let is_ready = |entry: &PollFd| entry.any().unwrap_or(true);
        let ready: Vec<bool> = list.iter().map(is_ready).collect();
        let before = clients.len();
        let newcomers = ready.get(before) == Some(&true);
        take_turns(&mut clients, &ready, &mut buffer, now);
        if now - looked > TICK {
            clients.retain(|client| !client.was_silent(now, server.patience));
            looked = now;
        }
        if clients.len() < before {
            acceptor.has_room(now);
        }
        for stream in acceptor.accept_all(newcomers, now)? {
            clients.push(acceptor.add(stream, now));
        }
    }
}

/// What poll is to look for with this client.
fn wish(client: &Client) -> PollFd<'_> {
    let wish = match client.wants_room() {
        true => PollFlags::POLLOUT,
        false => PollFlags::POLLIN,
    };
    PollFd::new(client.stream.as_fd(), wish)
}
