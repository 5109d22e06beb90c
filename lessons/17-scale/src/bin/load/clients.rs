//! Help for lesson 17: all clients of `load`, in one thread: watched by mio as in the
//! design epoll.

use std::io::{self, ErrorKind};
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use hdrhistogram::Histogram;
use mio::{Events, Interest, Poll, Token, net::TcpStream};

use crate::client::Client;

pub const SOON: Duration = Duration::from_millis(400);

pub struct Clients {
    poll: Poll,
    events: Events,
    ready: Vec<(usize, bool)>,
    clients: Vec<Option<Client>>, // none: it is lost
    message: Vec<u8>,
    buffer: Vec<u8>,
    pub asks_again: bool,
    pub lost: Option<io::Error>, // what the first one was lost by, or what the server said
    pub latency: Histogram<u64>, // of the answers, in microseconds
    pub unanswered: u64,
}

impl Clients {
    pub fn new(size: usize) -> io::Result<Self> {
        Ok(Self {
            poll: Poll::new()?,
            events: Events::with_capacity(1024),
            ready: Vec::new(),
            clients: Vec::new(),
            message: (b'a'..=b'z').cycle().take(size).collect(),
            buffer: vec![0; size.max(4096) + 1],
            asks_again: false,
            lost: None,
            // Three digits are kept, of times up to two minutes: longer than any run.
            latency: Histogram::new_with_max(120_000_000, 3).map_err(io::Error::other)?,
            unanswered: 0,
        })
    }

    pub fn count(&self, which: impl Fn(&Client) -> bool) -> usize {
        let clients = self.clients.iter().flatten();
        clients.filter(|client| which(client)).count()
    }

    pub fn anybody_here(&self) -> bool {
        self.lost.is_none() || self.count(|_| true) > 0
    }
    /// All connect at once, and each says one thing, so that it is accepted. Some may be
    /// left in the server's queue: when nothing happens any more, we go on without them.
    pub fn connect(&mut self, server: SocketAddr, count: usize) -> io::Result<Duration> {
        let (start, wishes) = (Instant::now(), Interest::READABLE | Interest::WRITABLE);
        for place in 0..count {
            let mut stream = TcpStream::connect(server)?;
            self.poll
                .registry()
                .register(&mut stream, Token(place), wishes)?;
            self.clients.push(Some(Client::new(stream)));
        }
        let (mut before, mut last, mut all_after) = ((0, 0), start, Duration::ZERO);
        while self.count(|client| !client.served) > 0 {
            self.turn(SOON)?;
            let connected = self.count(|client| client.connected);
            let now = (connected, self.count(|client| client.served));
            if now.0 > before.0 {
                all_after = start.elapsed();
            }
            // A first packet that was dropped comes again after one second.
            let patience = if connected == count { SOON } else { SOON * 4 };
            if now == before && last.elapsed() > patience {
                break;
            }
            if now != before {
                (before, last) = (now, Instant::now());
            }
        }
        match self.lost.take() {
            Some(error) if before.0 == 0 => Err(error),
            None if before.0 == 0 && count > 0 => Err(ErrorKind::TimedOut.into()),
            lost => {
                self.lost = lost;
                Ok(all_after)
            }
        }
    }

    /// Since when questions have been due that have no answer.
    pub fn open_questions(&self) -> Vec<Instant> {
        let clients = self.clients.iter().flatten();
        clients.flat_map(Client::open_questions).collect()
    }

    pub fn ask(&mut self, place: usize, due: Instant) {
        if let Some(client) = &mut self.clients[place]
            && let Err(error) = client.ask(due, &self.message)
        {
            self.lose(place, error);
        }
    }

    fn lose(&mut self, place: usize, error: io::Error) {
        // The server's own words tell more than the reset of somebody it had no time for.
        let says = |error: &io::Error| error.kind() == ErrorKind::ResourceBusy;
        if self
            .lost
            .as_ref()
            .is_none_or(|lost| says(&error) && !says(lost))
        {
            self.lost = Some(error);
        }
        self.clients[place] = None;
    }

    /// Waits, not longer than this, and gives each client that is ready its step.
    pub fn turn(&mut self, longest: Duration) -> io::Result<()> {
        match self.poll.poll(&mut self.events, Some(longest)) {
            Err(ref error) if error.kind() == ErrorKind::Interrupted => return Ok(()),
            result => result?,
        }
        let mut ready = std::mem::take(&mut self.ready);
        let places = self
            .events
            .iter()
            .map(|it| (it.token().0, it.is_read_closed()));
        ready.extend(places);
        for (place, closed) in ready.drain(..) {
            let Some(client) = &mut self.clients[place] else {
                continue;
            };
            match client.step(&self.message, &mut self.buffer, closed) {
                Ok(None) => {}
                Ok(Some(due)) => {
                    let now = Instant::now();
                    self.latency
                        .saturating_record((now - due).as_micros() as u64);
                    if self.asks_again {
                        self.ask(place, now);
                    }
                }
                Err(error) => self.lose(place, error),
            }
        }
        self.ready = ready;
        Ok(())
    }
}
