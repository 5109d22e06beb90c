// ANCHOR: all
//! A client of a design that never waits for one client: lesson 10. And the acceptor for
//! such designs, which neither blocks nor spins.

use std::io::{self, ErrorKind, Read, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::time::{Duration, Instant};

use shared::Backoff;

use crate::server::Server;

/// How often to look who was silent for too long. Nothing else needs a clock.
pub const TICK: Duration = Duration::from_millis(100);

// ANCHOR: client
pub struct Client {
    pub stream: Arc<TcpStream>,
    heard: Instant,
    unsent: Vec<u8>,
}

/// What a client's turn has come to.
pub enum Turn {
    /// It wants to be waited for: see `wants_room`.
    Wait,
    /// The buffer was full: there may be more to read, now.
    More,
    /// It has closed, reset or failed.
    Gone,
}

impl Client {
    /// Whether to wait for room to write. Then it is not read from: a client that does
    /// not take its answers can't fill our memory with more of them.
    pub fn wants_room(&self) -> bool {
        !self.unsent.is_empty()
    }

    pub fn was_silent(&self, now: Instant, patience: Duration) -> bool {
        now - self.heard > patience
    }

    /// What can be done without waiting: what is left to write, then one read, and its
    /// write. One: the others want their turns, too. The buffer is everybody's.
    pub fn turn(&mut self, buffer: &mut [u8], now: Instant) -> Turn {
        let result = self.try_turn(buffer, now);
        match result {
            Ok(turn) => turn,
            Err(ref error) if error.kind() == ErrorKind::WouldBlock => Turn::Wait,
            Err(ref error) if error.kind() == ErrorKind::Interrupted => Turn::More,
            Err(_) => Turn::Gone,
        }
    }

    fn try_turn(&mut self, buffer: &mut [u8], now: Instant) -> io::Result<Turn> {
        let mut stream = &*self.stream;
        while self.wants_room() {
            let count = stream.write(&self.unsent)?;
            self.unsent.drain(..count);
            self.heard = now;
        }
        let count = match stream.read(buffer)? {
            0 => return Ok(Turn::Gone),
            count => count,
        };
        self.heard = now;
        let sent = match stream.write(&buffer[..count]) {
            Err(ref error) if is_nothing(error) => 0,
            // Our half is shut down: somebody has pressed Ctrl+C. Read to the end.
            Err(ref error) if error.kind() == ErrorKind::BrokenPipe => count,
            sent => sent?,
        };
        self.unsent = buffer[sent..count].to_vec(); // takes no memory when it is empty
        let more = count == buffer.len() && !self.wants_room();
        Ok(if more { Turn::More } else { Turn::Wait })
    }
}
// ANCHOR_END: client

fn is_nothing(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted)
}

// ANCHOR: acceptor
pub struct Acceptor<'a> {
    server: &'a Server,
    backoff: Backoff,
    closed_until: Option<Instant>,
}

impl<'a> Acceptor<'a> {
    pub fn new(server: &'a Server) -> io::Result<Self> {
        server.listener.set_nonblocking(true)?;
        Ok(Self {
            server,
            backoff: Backoff::default(),
            closed_until: None,
        })
    }

    /// Whether to wait for clients. Not for a while after descriptors have run out: the
    /// listener stays readable then, and waiting for it would be a busy loop.
    pub fn is_open(&self, now: Instant) -> bool {
        self.closed_until.is_none_or(|until| until <= now)
    }

    /// Who has come. `ready` says that the listener is readable.
    pub fn accept_all(
        &mut self,
        ready: bool,
        now: Instant,
    ) -> io::Result<Vec<TcpStream>> {
        let mut arrived = Vec::new();
        while self.is_open(now) && (ready || self.closed_until.is_some()) {
            match self.server.listener.accept() {
                Ok((client, _)) => {
                    self.backoff.reset();
                    client.set_nonblocking(true)?;
                    client.set_nodelay(true).ok();
                    arrived.push(client);
                }
                Err(ref error) if error.kind() == ErrorKind::WouldBlock => {
                    self.closed_until = None;
                    break;
                }
                Err(error) => match self.backoff.wait_after(&error)? {
                    Duration::ZERO => {}
                    wait => self.closed_until = Some(now + wait),
                },
            }
        }
        Ok(arrived)
    }

    pub fn add(&self, stream: TcpStream, now: Instant) -> Client {
        let stream = Arc::new(stream);
        self.server.remember(&stream);
        Client {
            stream,
            heard: now,
            unsent: Vec::new(),
        }
    }
}
// ANCHOR_END: acceptor
// ANCHOR_END: all
