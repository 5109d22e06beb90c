//! Lesson 17, the design epoll: step 6, and nobody is dropped for being slow.

use std::collections::HashMap;
use std::io::{self, ErrorKind};
use std::os::fd::AsRawFd;
use std::time::Instant;

use mio::unix::SourceFd;
use mio::{Events, Interest, Poll, Registry, Token};

use super::acceptor::Acceptor;
use super::client::{Client, TICK, Turn};
use crate::program::server::Server;

const LISTENER: Token = Token(0);
const WISHES: Interest = Interest::READABLE.add(Interest::WRITABLE);
const TURNS: usize = 2; // of one client, before the others have theirs

// ANCHOR: serve
pub fn serve(server: &Server) -> io::Result<()> {
    let mut acceptor = Acceptor::new(server)?;
    let mut poll = Poll::new()?;
    let list = poll.registry().try_clone()?;
    let listener = server.listener.as_raw_fd();
    list.register(&mut SourceFd(&listener), LISTENER, Interest::READABLE)?;
    let mut events = Events::with_capacity(1024);
    let mut clients: HashMap<Token, Client> = HashMap::new();
    let mut buffer = [0; 16_384];
    let (mut last, mut looked) = (0, Instant::now());
    loop {
        match poll.poll(&mut events, Some(TICK)) {
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            result => result?,
        }
        let now = Instant::now();
        let newcomers = events.iter().any(|event| event.token() == LISTENER);
        for token in events.iter().map(|event| event.token()) {
            if let Some(client) = clients.get_mut(&token)
                && !stays(client, token, &list, &mut buffer, now)
            {
                clients.remove(&token); // closed, and so off the kernel's list
                acceptor.has_room(now);
            }
        }
        for stream in acceptor.accept_all(newcomers, now)? {
            last += 1;
            if is_listed(&list, stream.as_raw_fd(), last) {
                clients.insert(Token(last), acceptor.add(stream, now));
            }
        }
        if now - looked > TICK {
            clients.retain(|_, client| !client.was_silent(now, server.patience));
            looked = now;
        }
    }
}
// ANCHOR_END: serve

// ANCHOR: stays
/// Serves a client as far as that is possible now. `false`: it has left.
fn stays(
    client: &mut Client,
    token: Token,
    list: &Registry,
    buffer: &mut [u8],
    now: Instant,
) -> bool {
    for _ in 0..TURNS {
        match client.turn(buffer, now) {
            Turn::More => {}
            Turn::Wait => return true, // the next change will be reported
            Turn::Gone => return false,
        }
    }
    // There is more to do, but the others wait. Nobody tells us twice: so we ask again.
    let stream = client.stream.as_raw_fd();
    list.reregister(&mut SourceFd(&stream), token, WISHES)
        .is_ok()
}
// ANCHOR_END: stays

/// The kernel's list has a limit, too: then this client is lost, and no other.
fn is_listed(list: &Registry, stream: i32, place: usize) -> bool {
    let listed = list.register(&mut SourceFd(&stream), Token(place), WISHES);
    if let Err(error) = &listed {
        shared::eprintln!("this client is lost: {error}");
    }
    listed.is_ok()
}
