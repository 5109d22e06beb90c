// ANCHOR: all
//! epoll: the kernel keeps the list. A client is put on it once, and the answer names
//! only those that are ready. Through mio, which takes kqueue on macOS and the BSDs.

use std::io::{self, ErrorKind};
use std::os::fd::AsRawFd;
use std::time::Instant;

use mio::unix::SourceFd;
use mio::{Events, Interest, Poll, Token};

use super::client::{Acceptor, Client, TICK, Turn};
use crate::server::Server;

const LISTENER: Token = Token(usize::MAX);

pub fn serve(server: &Server) -> io::Result<()> {
    let mut acceptor = Acceptor::new(server)?;
    // A client's token is its place here, so that an answer finds it without a search.
    let (mut clients, mut free) = (Vec::<Option<Client>>::new(), Vec::new());
    let (mut buffer, mut looked) = ([0; 16_384], Instant::now());
    let (mut poll, mut events) = (Poll::new()?, Events::with_capacity(1024));
    let wishes = Interest::READABLE | Interest::WRITABLE;
    let listener = &mut SourceFd(&server.listener.as_raw_fd());
    poll.registry()
        .register(listener, LISTENER, Interest::READABLE)?;
    loop {
        match poll.poll(&mut events, Some(TICK)) {
            Err(ref error) if error.kind() == ErrorKind::Interrupted => continue,
            result => result?,
        };
        let now = Instant::now();
        let mut readable = false;
        for event in &events {
            let Token(place) = event.token();
            let Some(Some(client)) = clients.get_mut(place) else {
                readable |= event.token() == LISTENER;
                continue;
            };
            // mio tells each change once ("edge-triggered"). Where we stop before the
            // socket is empty, we have to ask to be told again.
            match client.turn(&mut buffer, now) {
                Turn::Wait if !event.is_read_closed() => {}
                Turn::Wait | Turn::More => {
                    let source = &mut SourceFd(&client.stream.as_raw_fd());
                    poll.registry().reregister(source, Token(place), wishes)?;
                }
                Turn::Gone => {
                    clients[place] = None; // closed, and so off the kernel's list
                    free.push(place);
                }
            }
        }
        for stream in acceptor.accept_all(readable, now)? {
            let place = free.pop().unwrap_or(clients.len());
            let source = &mut SourceFd(&stream.as_raw_fd());
            poll.registry().register(source, Token(place), wishes)?;
            clients.resize_with(clients.len().max(place + 1), || None);
            clients[place] = Some(acceptor.add(stream, now));
        }
        if now - looked > TICK {
            looked = now;
            for (place, client) in clients.iter_mut().enumerate() {
                if client
                    .as_ref()
                    .is_some_and(|it| it.was_silent(now, server.patience))
                {
                    *client = None;
                    free.push(place);
                }
            }
        }
    }
}
// ANCHOR_END: all
