//! Lesson 17: a client of a design that never waits for one client.

use std::io::{self, ErrorKind, Read, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::time::{Duration, Instant};

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
    /// There may be more to do, now.
    More,
    /// It has closed, reset or failed.
    Gone,
}

impl Client {
    pub fn new(stream: Arc<TcpStream>, now: Instant) -> Self {
        let unsent = Vec::new();
        Self {
            stream,
            heard: now,
            unsent,
        }
    }

    /// Whether to wait for room to write. Then it is not read from: a client that does
    /// not take its answers can't fill our memory with more of them.
    pub fn wants_room(&self) -> bool {
        !self.unsent.is_empty()
    }

    pub fn was_silent(&self, now: Instant, patience: Duration) -> bool {
        now - self.heard > patience
    }
}
// ANCHOR_END: client

// ANCHOR: turn
impl Client {
    /// One step, and what it means for the next wait. The buffer is everybody's.
    pub fn turn(&mut self, buffer: &mut [u8], now: Instant) -> Turn {
        match self.step(buffer, now) {
            Ok(0) => Turn::Gone,
            Ok(_) => Turn::More,
            Err(error) => match error.kind() {
                ErrorKind::WouldBlock => Turn::Wait,
                ErrorKind::Interrupted => Turn::More,
                _ => Turn::Gone,
            },
        }
    }

    /// What is left to write, then one read, and its write. 0: the end of the stream.
    fn step(&mut self, buffer: &mut [u8], now: Instant) -> io::Result<usize> {
        let mut stream = &*self.stream;
        while self.wants_room() {
            let count = stream.write(&self.unsent)?;
            self.unsent.drain(..count);
            self.heard = now;
        }
        let count = stream.read(buffer)?;
        self.heard = now;
        let sent = match stream.write(&buffer[..count]) {
            Err(error) if shared::would_block(&error) => 0,
            // Our half is shut down: somebody has pressed Ctrl+C. Read to the end.
            Err(error) if error.kind() == ErrorKind::BrokenPipe => count,
            sent => sent?,
        };
        self.unsent = buffer[sent..count].to_vec(); // takes no memory when it is empty
        Ok(count)
    }
}
// ANCHOR_END: turn

/// Each client that is ready has its turn, and who has gone by then is let go.
pub fn take_turns(
    clients: &mut Vec<Client>,
    ready: &[bool],
    buffer: &mut [u8],
    now: Instant,
) {
    let mut ready = ready.iter();
    clients.retain_mut(|client| {
        let is_ready = ready.next() == Some(&true);
        !is_ready || !matches!(client.turn(buffer, now), Turn::Gone)
    });
}
