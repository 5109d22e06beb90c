//! The checker as a peer over UDP.

use std::io::{self, ErrorKind};
use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::time::{Duration, Instant};

use crate::ANSWER;
use crate::clock::Clock;
use crate::failure::{Failure, quoted};
use crate::wire_log::{What, WireLog};

/// A UDP socket of the checker's, on a port of 127.0.0.1 that the kernel chose. It takes
/// datagrams from everybody, and says from whom they are.
#[derive(Debug)]
pub struct Datagrams {
    socket: UdpSocket,
    address: SocketAddr,
    wire_log: WireLog,
    number: usize,
    clock: Clock,
}

impl Datagrams {
    pub(crate) fn open(wire_log: &WireLog, clock: Clock) -> Result<Self, Failure> {
        Self::at((Ipv4Addr::LOCALHOST, 0).into(), wire_log, clock)
    }

    /// The same on this very address.
    pub(crate) fn at(
        address: SocketAddr,
        wire_log: &WireLog,
        clock: Clock,
    ) -> Result<Self, Failure> {
        let opened = || {
            let socket = UdpSocket::bind(address)?;
            let address = socket.local_addr()?;
            let (wire_log, number) = (wire_log.clone(), wire_log.next_peer());
            wire_log.add(number, What::Happened("has a UDP socket"));
            Ok(Self {
                socket,
                address,
                wire_log,
                number,
                clock,
            })
        };
        opened().map_err(|error: io::Error| Failure::checker("a UDP socket", &error))
    }

    /// Where datagrams reach it.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Sends a datagram.
    ///
    /// # Errors
    /// A checker error. That nobody is there to receive it is none.
    pub fn says(&self, bytes: impl AsRef<[u8]>, to: SocketAddr) -> Result<(), Failure> {
        let bytes = bytes.as_ref();
        self.wire_log.add(self.number, What::Said(bytes.to_vec()));
        loop {
            match self.socket.send_to(bytes, to) {
                // The answer of the kernel to an earlier datagram; that one was told.
                Err(error) if error.kind() == ErrorKind::ConnectionRefused => {}
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(Failure::checker("to send a datagram", &error)),
                Ok(_) => return Ok(()),
            }
        }
    }

    /// The next datagram, and from whom it is; none, when none comes in time.
    pub fn hears_any(&self, within: Duration) -> Option<(Vec<u8>, SocketAddr)> {
        let end = self.clock.within(within);
        self.hears_while(|| end.saturating_duration_since(Instant::now()))
    }

    fn hears_while(
        &self,
        mut left: impl FnMut() -> Duration,
    ) -> Option<(Vec<u8>, SocketAddr)> {
        loop {
            let left = left();
            if left.is_zero() || self.socket.set_read_timeout(Some(left)).is_err() {
                return None;
            }
            let heard = self.receives();
            if heard.is_some() {
                return heard;
            }
        }
    }

    /// The datagram that has come, and from whom it is; none, when none is there. A timeout of
    /// a socket is longer than it says, by a tick of the kernel's clock or two: who has to know
    /// the moment looks again and again.
    pub fn hears_now(&self) -> Option<(Vec<u8>, SocketAddr)> {
        self.socket.set_nonblocking(true).ok()?;
        let heard = self.receives();
        self.socket.set_nonblocking(false).ok()?;
        heard
    }

    fn receives(&self) -> Option<(Vec<u8>, SocketAddr)> {
        let mut buffer = vec![0; 65_536];
        let (count, from) = self.socket.recv_from(&mut buffer).ok()?;
        buffer.truncate(count);
        self.wire_log
            .add(self.number, What::Happened("receives a datagram:"));
        self.wire_log.add(self.number, What::Heard(buffer.clone()));
        Some((buffer, from))
    }

    /// Expects exactly this datagram next, and returns from whom it is.
    ///
    /// # Errors
    /// Failure, when another comes, or none.
    pub fn hears(&self, expected: impl AsRef<[u8]>) -> Result<SocketAddr, Failure> {
        let expected = expected.as_ref();
        let want = match expected {
            [] => "an empty datagram".to_string(),
            bytes => format!("the datagram {}", quoted(bytes)),
        };
        let mut wait = self.clock.waits(ANSWER);
        match self.hears_while(|| wait.left()) {
            Some((bytes, from)) if bytes == expected => Ok(from),
            Some((bytes, _)) => {
                let failure = Failure::new(want, quoted(&bytes));
                Err(Failure {
                    bytes: Some((expected.to_vec(), bytes)),
                    ..failure
                })
            }
            None => Err(Failure::timeout(
                want,
                format!("no datagram for {ANSWER:?}"),
            )),
        }
    }
}
