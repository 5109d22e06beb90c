// ANCHOR: all
//! select: one thread waits for all clients in one call (lesson 10). Every call takes the
//! whole list to the kernel, and the answer has to be searched.

use std::io;
use std::os::fd::{AsFd, AsRawFd};
use std::time::Instant;

use nix::errno::Errno;
use nix::sys::select::{FD_SETSIZE, FdSet, select};
use nix::sys::time::{TimeVal, TimeValLike};

use super::client::{Acceptor, Client, TICK, Turn};
use crate::server::Server;

pub fn serve(server: &Server) -> io::Result<()> {
    shared::fits_fd_set(&server.listener)?; // a set has no place for a number over 1023
    let mut acceptor = Acceptor::new(server)?;
    let (mut clients, mut ready) = (Vec::<Client>::new(), Vec::new());
    let (mut buffer, mut now, mut looked) = ([0; 16_384], Instant::now(), Instant::now());
    loop {
        let listener = server.listener.as_fd();
        let (mut readable, mut writable) = (FdSet::new(), FdSet::new());
        let mut highest = listener.as_raw_fd();
        if acceptor.is_open(now) {
            readable.insert(listener);
        }
        for client in &clients {
            let set = if client.wants_room() {
                &mut writable
            } else {
                &mut readable
            };
            set.insert(client.stream.as_fd());
            highest = highest.max(client.stream.as_raw_fd());
        }
        let mut tick = TimeVal::milliseconds(TICK.as_millis() as i64);
        match select(highest + 1, &mut readable, &mut writable, None, &mut tick) {
            Err(Errno::EINTR) => continue,
            result => result?,
        };
        now = Instant::now();
        let arrived = acceptor.accept_all(readable.contains(listener), now)?;
        let descriptors = clients.iter().map(|client| client.stream.as_fd());
        ready.clear();
        ready
            .extend(descriptors.map(|fd| readable.contains(fd) || writable.contains(fd)));
        let mut ready = ready.iter();
        clients.retain_mut(|client| {
            let is_ready = ready.next() == Some(&true);
            !is_ready || !matches!(client.turn(&mut buffer, now), Turn::Gone)
        });
        for stream in arrived {
            // The sets of select(2) have 1024 places. A higher number has none in them.
            if stream.as_raw_fd() >= FD_SETSIZE as i32 {
                server.send_away(stream);
            } else {
                clients.push(acceptor.add(stream, now));
            }
        }
        if now - looked > TICK {
            clients.retain(|client| !client.was_silent(now, server.patience));
            looked = now;
        }
    }
}
// ANCHOR_END: all
