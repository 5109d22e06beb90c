//! Help for lesson 17: the design select, which is step 4 with the clients of client.rs.

use std::io;
use std::os::fd::{AsFd, AsRawFd};
use std::time::Instant;

use nix::errno::Errno;
use nix::sys::select::{FD_SETSIZE, FdSet, select};
use nix::sys::time::{TimeVal, TimeValLike};

use super::acceptor::Acceptor;
use super::client::{Client, TICK, take_turns};
use crate::program::server::Server;

pub fn serve(server: &Server) -> io::Result<()> {
    shared::fits_fd_set(&server.listener)?; // a set has no place for a number over 1023
    let mut acceptor = Acceptor::new(server)?;
    let mut clients: Vec<Client> = Vec::new();
    let mut buffer = [0; 16_384];
    let (mut now, mut looked) = (Instant::now(), Instant::now());
    loop {
        let listener = server.listener.as_fd();
        let (mut readable, mut writable) = sets(&clients);
        if acceptor.is_open(now) {
            readable.insert(listener);
        }
        let numbers = clients.iter().map(|client| client.stream.as_raw_fd());
        let highest = numbers.fold(listener.as_raw_fd(), i32::max);
        let mut tick = TimeVal::milliseconds(TICK.as_millis() as i64);
        match select(highest + 1, &mut readable, &mut writable, None, &mut tick) {
            Err(Errno::EINTR) => continue,
            result => result?,
        };
        now = Instant::now();
        let newcomers = readable.contains(listener);
        let is_ready = |client: &Client| {
            let stream = client.stream.as_fd();
            readable.contains(stream) || writable.contains(stream)
        };
        let ready: Vec<bool> = clients.iter().map(is_ready).collect();
        let before = clients.len();
        take_turns(&mut clients, &ready, &mut buffer, now);
        if now - looked > TICK {
            clients.retain(|client| !client.was_silent(now, server.patience));
            looked = now;
        }
        if clients.len() < before {
            acceptor.has_room(now);
        }
        for stream in acceptor.accept_all(newcomers, now)? {
            // The sets of select(2) have 1024 places. A higher number has none in them.
            if stream.as_raw_fd() >= FD_SETSIZE as i32 {
                server.send_away(stream);
            } else {
                clients.push(acceptor.add(stream, now));
            }
        }
    }
}

/// Who is to be read from, and who has something left to be written.
fn sets(clients: &[Client]) -> (FdSet<'_>, FdSet<'_>) {
    let (mut readable, mut writable) = (FdSet::new(), FdSet::new());
    for client in clients {
        match client.wants_room() {
            true => writable.insert(client.stream.as_fd()),
            false => readable.insert(client.stream.as_fd()),
        }
    }
    (readable, writable)
}
