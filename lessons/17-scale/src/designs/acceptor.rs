//! Lesson 17: who accepts for a design that never waits for one client.

use std::io::{self, ErrorKind};
use std::net::TcpStream;
use std::sync::Arc;
use std::time::{Duration, Instant};

use shared::Backoff;

use super::client::Client;
use crate::program::server::Server;

pub struct Acceptor<'a> {
    server: &'a Server,
    backoff: Backoff, // of lesson 07
    closed_until: Option<Instant>,
}

// ANCHOR: acceptor
impl Acceptor<'_> {
    /// Whether to wait for clients. Not for a while after descriptors have run out: the
    /// listener stays readable then, and waiting for it would be a busy loop.
    pub fn is_open(&self, now: Instant) -> bool {
        !self.server.is_stopping() && self.closed_until.is_none_or(|until| until <= now)
    }

    /// A client has left, and so a descriptor is free: no need to wait any longer.
    pub fn has_room(&mut self, now: Instant) {
        self.closed_until = self.closed_until.map(|until| until.min(now));
    }

    /// Who has come. `ready` says that the listener is readable.
    pub fn accept_all(
        &mut self,
        ready: bool,
        now: Instant,
    ) -> io::Result<Vec<TcpStream>> {
        let mut arrived = Vec::new();
        while self.is_open(now) && (ready || self.closed_until.is_some()) {
            match self.accept() {
                Ok(client) => arrived.push(client),
                Err(error) if error.kind() == ErrorKind::WouldBlock => {
                    self.closed_until = None;
                    break;
                }
                Err(_) if self.server.is_stopping() => break,
                Err(error) => match self.backoff.wait_after(&error)? {
                    Duration::ZERO => {}
                    wait => self.closed_until = Some(now + wait),
                },
            }
        }
        Ok(arrived)
    }
}
// ANCHOR_END: acceptor

impl<'a> Acceptor<'a> {
    pub fn new(server: &'a Server) -> io::Result<Self> {
        server.listener.set_nonblocking(true)?;
        let backoff = Backoff::default();
        Ok(Self {
            server,
            backoff,
            closed_until: None,
        })
    }

    fn accept(&mut self) -> io::Result<TcpStream> {
        let (client, _) = self.server.listener.accept()?;
        self.backoff.reset();
        // Where this fails, it is this client's affair, as a reset in the queue is.
        client
            .set_nonblocking(true)
            .map_err(|_| ErrorKind::ConnectionAborted)?;
        client.set_nodelay(true).ok();
        Ok(client)
    }

    pub fn add(&self, stream: TcpStream, now: Instant) -> Client {
        let stream = Arc::new(stream);
        self.server.remember(&stream);
        Client::new(stream, now)
    }
}
