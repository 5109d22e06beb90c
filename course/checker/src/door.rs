//! The checker as a server: a listener that the learner's client comes to, and one that
//! answers nobody.

use std::io;
use std::net::{SocketAddr, TcpStream};
use std::thread;
use std::time::{Duration, Instant};

use socket2::{Domain, Socket, Type};

use crate::clock::Clock;
use crate::failure::Failure;
use crate::peer::{Peer, is_late};
use crate::program::{Program, said};
use crate::wire_log::WireLog;

/// A listener of the checker, for exercises in which the learner writes the client.
#[derive(Debug)]
pub struct Door {
    listener: Socket,
    address: SocketAddr,
    opened: Instant,
    wire_log: WireLog,
    clock: Clock,
}

impl Door {
    /// Listens on a port of 127.0.0.1 that the kernel chooses.
    ///
    /// # Errors
    /// A checker error.
    pub(crate) fn open(wire_log: &WireLog, clock: Clock) -> Result<Self, Failure> {
        Self::at(SocketAddr::from(([127, 0, 0, 1], 0)), wire_log, clock)
    }

    /// Listens on this very address.
    ///
    /// # Errors
    /// A checker error.
    pub(crate) fn at(
        address: SocketAddr,
        wire_log: &WireLog,
        clock: Clock,
    ) -> Result<Self, Failure> {
        Self::of(listen(address, 16), wire_log, clock)
    }

    /// A port of 127.0.0.1 whose connections have small segments, and little room for what
    /// comes: so the kernel keeps little for a peer that does not receive.
    ///
    /// # Errors
    /// A checker error.
    pub(crate) fn open_narrowly(
        wire_log: &WireLog,
        clock: Clock,
    ) -> Result<Self, Failure> {
        let listens = || {
            let listener = listen(SocketAddr::from(([127, 0, 0, 1], 0)), 16)?;
            // Whoever is let in inherits both (tcp(7)).
            listener.set_recv_buffer_size(8 * 1024)?;
            #[cfg(unix)]
            listener.set_tcp_mss(536)?;
            Ok(listener)
        };
        Self::of(listens(), wire_log, clock)
    }

    fn of(
        listener: io::Result<Socket>,
        wire_log: &WireLog,
        clock: Clock,
    ) -> Result<Self, Failure> {
        let opened = || {
            let listener = listener?;
            let address = listener.local_addr()?.as_socket();
            let address = address.ok_or_else(|| io::Error::other("no address"))?;
            Ok(Self {
                listener,
                address,
                opened: Instant::now(), // a moment before the program is started
                wire_log: wire_log.clone(),
                clock,
            })
        };
        opened().map_err(|error: io::Error| Failure::checker("to listen", &error))
    }

    /// How many have connected and were not let in yet: all of them are sent away.
    pub fn sends_away(&self) -> usize {
        if self.listener.set_nonblocking(true).is_err() {
            return 0;
        }
        std::iter::from_fn(|| self.listener.accept().ok()).count()
    }

    /// Where the program is to connect to.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Waits for the program to connect. One that has ended is not waited for.
    ///
    /// # Errors
    /// A failure, when it ended and had not come; a time-out.
    pub fn lets_in(&self, program: &mut Program) -> Result<Peer, Failure> {
        let expected = format!("a connection to {}", self.address);
        let now = Instant::now();
        let mut wait = self.clock.waits_for_the_first_sign(self.opened);
        while !wait.is_over() {
            let ended = program.ended(); // before the look: it may connect and end
            if let Some(peer) = self.lets_in_who_waits()? {
                return Ok(peer);
            }
            if let Some(status) = ended {
                let seen =
                    format!("the program ended with {}, and had not come", said(status));
                return Err(Failure::new(expected, seen));
            }
            thread::sleep(Duration::from_millis(1)); // between two looks
        }
        let seen = format!("nobody connected for {:.0?}", now.elapsed());
        Err(Failure::timeout(expected, seen))
    }

    /// Lets in who has connected already; none, when nobody has.
    ///
    /// # Errors
    /// A checker error.
    pub fn lets_in_who_waits(&self) -> Result<Option<Peer>, Failure> {
        let accepted = || {
            self.listener.set_nonblocking(true)?;
            let (socket, _) = self.listener.accept()?;
            socket.set_nonblocking(false)?;
            Peer::new(socket.into(), &self.wire_log, self.clock)
        };
        match accepted() {
            Ok(peer) => Ok(Some(peer)),
            Err(error) if is_late(&error) => Ok(None),
            Err(error) => Err(Failure::checker("to accept", &error)),
        }
    }
}

/// A port that does not answer, as behind a firewall: its queue is full, and nobody is
/// ever let in. Linux drops each further SYN.
#[derive(Debug)]
pub struct Silence {
    _listener: Socket,
    _waiting: Vec<TcpStream>,
}

impl Silence {
    /// Fills the shortest queue there is, until one finds no place in it.
    ///
    /// # Errors
    /// A checker error.
    pub(crate) fn at(address: SocketAddr) -> Result<Self, Failure> {
        const MOST: usize = 8; // a queue of 0 takes one client, on other systems a few
        let moment = Duration::from_millis(20);
        let filled = || {
            let listener = listen(address, 0)?;
            let mut waiting = vec![TcpStream::connect(address)?];
            while waiting.len() < MOST
                && let Ok(next) = TcpStream::connect_timeout(&address, moment)
            {
                waiting.push(next);
            }
            Ok(Self {
                _listener: listener,
                _waiting: waiting,
            })
        };
        filled().map_err(|error: io::Error| Failure::checker("to fill a queue", &error))
    }
}

fn listen(address: SocketAddr, queue: i32) -> io::Result<Socket> {
    let listener = Socket::new(Domain::for_address(address), Type::STREAM, None)?;
    listener.bind(&address.into())?;
    listener.listen(queue)?;
    Ok(listener)
}
