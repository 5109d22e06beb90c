//! The checker as a peer: plain sockets that split, join, dawdle, half-close and reset, and
//! say what they saw.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::thread;
use std::time::{Duration, Instant};

use socket2::{Domain, SockRef, Socket, Type};

use crate::ANSWER;
use crate::clock::Clock;
use crate::failure::{Failure, quoted};
use crate::wire_log::{What, WireLog};

/// The pause between two pieces that are to arrive as two: long enough that a program
/// that is waiting has read the first.
pub const PAUSE: Duration = Duration::from_millis(3);

/// So long it is waited for that a piece is received.
const PATIENCE: Duration = Duration::from_secs(2);

/// A connection to the learner's program.
#[derive(Debug)]
pub struct Peer {
    stream: TcpStream,
    wire_log: WireLog,
    number: usize,
    clock: Clock,
    /// What it has said that no expectation has used yet.
    heard: Vec<u8>,
    prompt: bool,
    /// What we said has met a closed socket.
    refused: bool,
    /// What is heard then ends with a reset.
    reset: bool,
}

/// Why a program refuses that was ready before. Where the system does not say whether it
/// listens ([`crate::sockets::listens`]), it may have been bound only.
const NOBODY_LISTENS: &str = match cfg!(target_os = "linux") {
    true => "it listened before: the listener was closed too early",
    false => "nobody listens: listen is missing, or the listener was closed too early",
};

/// What is seen where a connection did not live long enough to be one.
pub const RESET_AT_ONCE: &str = "a reset at once";

/// How a stream of bytes ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    Closed,
    Reset,
    Late,
}

impl Peer {
    /// Connects to a program that listens.
    ///
    /// # Errors
    /// Failure, when it does not let us in.
    pub(crate) fn connect(
        address: SocketAddr,
        wire_log: &WireLog,
        clock: Clock,
    ) -> Result<Self, Failure> {
        Self::of(connected(address, clock), address, wire_log, clock)
    }

    /// The same over segments of 536 bytes, and with room for 8 KiB of what comes. What is
    /// sent has more: a program that sends nothing acknowledges it up to 40 ms later, and
    /// little room would make that seconds.
    ///
    /// # Errors
    /// Failure, when it does not let us in.
    pub(crate) fn connect_narrowly(
        address: SocketAddr,
        wire_log: &WireLog,
        clock: Clock,
    ) -> Result<Self, Failure> {
        let connected = || {
            let socket = Socket::new(Domain::for_address(address), Type::STREAM, None)?;
            socket.set_recv_buffer_size(8 * 1024)?;
            socket.set_send_buffer_size(64 * 1024)?;
            #[cfg(unix)]
            socket.set_tcp_mss(536)?;
            socket.connect_timeout(&address.into(), clock.timeout(ANSWER))?;
            Ok(socket.into())
        };
        Self::of(connected(), address, wire_log, clock)
    }

    fn of(
        tried: io::Result<TcpStream>,
        address: SocketAddr,
        wire_log: &WireLog,
        clock: Clock,
    ) -> Result<Self, Failure> {
        let stream = tried.map_err(|error| {
            let expected = format!("a connection to {address}");
            match error.kind() {
                ErrorKind::ConnectionRefused => {
                    Failure::new(expected, "connection refused").likely(NOBODY_LISTENS)
                }
                // Reset before connect could return, by who closed the listener or by who
                // had accepted.
                ErrorKind::ConnectionReset | ErrorKind::ConnectionAborted => {
                    Failure::new(expected, RESET_AT_ONCE)
                        .likely("it was reset at once: the server closed too early")
                }
                ErrorKind::TimedOut => Failure::timeout(expected, error.to_string())
                    .likely("its queue is full: it has stopped calling accept"),
                _ => Failure::checker(expected, &error),
            }
        })?;
        Self::new(stream, wire_log, clock)
            .map_err(|error| Failure::checker("to prepare a peer", &error))
    }

    /// A connection that is made, by whomever.
    pub(crate) fn new(
        stream: TcpStream,
        wire_log: &WireLog,
        clock: Clock,
    ) -> io::Result<Self> {
        stream.set_nodelay(true)?; // what is written apart is sent apart
        let (wire_log, number) = (wire_log.clone(), wire_log.next_peer());
        wire_log.add(number, What::Happened("is connected"));
        Ok(Self {
            stream,
            wire_log,
            number,
            clock,
            heard: Vec::new(),
            prompt: false,
            refused: false,
            reset: false,
        })
    }

    /// Sends all of it at once. To a program that has gone nothing can be said, and whether
    /// that shows here is a matter of time: it shows in what is heard next.
    ///
    /// # Errors
    /// Failure, when the program does not read.
    pub fn says(&mut self, bytes: impl AsRef<[u8]>) -> Result<(), Failure> {
        let bytes = bytes.as_ref();
        self.wire_log.add(self.number, What::Said(bytes.to_vec()));
        match self.writes(bytes) {
            Ok(()) => Ok(()),
            Err(error) if is_late(&error) => {
                let expected = format!("it to read {}", quoted(bytes));
                Err(Failure::timeout(expected, "it does not read")
                    .likely("its recv is not called again: it waits for something else"))
            }
            Err(error) if is_gone(&error) => {
                // The kernel tells of a reset once, and after that of an end.
                self.reset |= error.kind() != ErrorKind::BrokenPipe;
                self.refused = true;
                Ok(())
            }
            Err(error) => Err(Failure::checker("to send", &error)),
        }
    }

    /// Expects that nothing of what we have said has met a closed socket so far: such a one
    /// answers with a reset.
    ///
    /// # Errors
    /// Failure, when something has.
    pub fn was_let_say_all(&self) -> Result<(), Failure> {
        match self.refused {
            true => Err(has_closed("all that is said")),
            false => Ok(()),
        }
    }

    /// Writes all of it. What is not taken for a while, or at the check's end, is late.
    fn writes(&mut self, mut bytes: &[u8]) -> io::Result<()> {
        while !bytes.is_empty() {
            let timeout = self.clock.timeout(ANSWER);
            self.stream.set_write_timeout(Some(timeout)).ok();
            match self.stream.write(bytes) {
                Ok(_) if self.clock.is_over() => return Err(ErrorKind::TimedOut.into()),
                Ok(count) => bytes = &bytes[count..],
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Sends as much of it as is taken while we receive nothing, and says how much that was:
    /// until nothing was taken for a moment.
    ///
    /// # Errors
    /// Failure, when the program has gone.
    pub fn says_until_full(&mut self, bytes: &[u8]) -> Result<usize, Failure> {
        const MOMENT: Duration = Duration::from_millis(50);
        let mut taken = 0;
        self.stream.set_write_timeout(Some(MOMENT)).ok();
        while taken < bytes.len() {
            // In small pieces: a timeout in the middle of one write gives what it has taken.
            let end = bytes.len().min(taken + 16 * 1024);
            match self.stream.write(&bytes[taken..end]) {
                Ok(count) => taken += count,
                Err(error) if is_late(&error) => break,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) if is_gone(&error) => return Err(has_closed(&quoted(bytes))),
                Err(error) => return Err(Failure::checker("to send", &error)),
            }
        }
        let said = bytes[..taken].to_vec();
        self.wire_log.add(self.number, What::Said(said));
        Ok(taken)
    }

    /// Sends it in pieces that arrive one by one, cut where `sizes` says, then the rest. For
    /// all of them together it waits at most two seconds: a program may sleep before it
    /// receives.
    ///
    /// # Errors
    /// As [`Peer::says`].
    pub fn says_in_pieces(
        &mut self,
        bytes: impl AsRef<[u8]>,
        sizes: impl IntoIterator<Item = usize>,
    ) -> Result<(), Failure> {
        let mut rest = bytes.as_ref();
        let end = self.clock.within(PATIENCE);
        for size in sizes {
            if rest.is_empty() {
                break;
            }
            let (piece, more) = rest.split_at(size.clamp(1, rest.len()));
            self.says_alone(piece, end)?;
            rest = more;
        }
        if rest.is_empty() {
            Ok(())
        } else {
            self.says(rest)
        }
    }

    /// Sends each piece when the program has received the one before, so that they come
    /// apart on the busiest machine. It waits at most two seconds for that: a program that
    /// sleeps before it receives does not get the pieces as one.
    ///
    /// # Errors
    /// As [`Peer::says`].
    pub fn says_apart<'a>(
        &mut self,
        pieces: impl IntoIterator<Item = &'a [u8]>,
    ) -> Result<(), Failure> {
        for piece in pieces {
            self.says_alone(piece, self.clock.within(PATIENCE))?;
        }
        Ok(())
    }

    /// Sends a piece, and waits until it has been received, but not for ever.
    fn says_alone(&mut self, piece: &[u8], end: Instant) -> Result<(), Failure> {
        self.says(piece)?;
        thread::sleep(PAUSE); // not to wait for anything: this is the split
        while self.is_unread() && Instant::now() < end {
            thread::sleep(Duration::from_millis(1)); // between two looks
        }
        Ok(())
    }

    /// Its own address: what the program sees as that of its peer.
    pub(crate) fn here(&self) -> Option<SocketAddr> {
        self.stream.local_addr().ok()
    }

    /// Whether something that we have sent still waits for the program to receive it. Where
    /// the system does not say: no.
    pub fn is_unread(&self) -> bool {
        let ends = self.stream.peer_addr().and_then(|program| {
            let judge = self.stream.local_addr()?;
            Ok(crate::sockets::unread(program, judge))
        });
        matches!(ends, Ok(Some(1..)))
    }

    /// How many bytes that we have sent the program has not received yet: they wait there, or
    /// still here. Where the system does not say: none.
    pub fn not_received(&self) -> usize {
        let ends = self.stream.peer_addr().and_then(|program| {
            let judge = self.stream.local_addr()?;
            Ok(crate::sockets::not_received(program, judge))
        });
        ends.unwrap_or_default()
    }

    /// How many bytes wait in the kernel, in the buffers of either end, because somebody does
    /// not receive. Where the system does not say: nothing.
    pub(crate) fn waiting(&self) -> [Option<(u64, u64)>; 2] {
        let ends = self.stream.peer_addr().and_then(|program| {
            let judge = self.stream.local_addr()?;
            Ok(crate::sockets::waiting(program, judge))
        });
        ends.unwrap_or_default()
    }

    /// Whether the program has the connection open, and has ended neither direction of it.
    /// Where the system does not say: no.
    pub fn is_kept(&self) -> bool {
        let ends = self.stream.peer_addr().and_then(|program| {
            let judge = self.stream.local_addr()?;
            Ok(crate::sockets::is_established(program, judge))
        });
        ends.unwrap_or_default()
    }

    /// From now on what has come is acknowledged at once, and not up to 40 ms later: to a
    /// program whose send buffer is small, that makes seconds.
    pub fn acknowledges_at_once(&mut self) {
        self.prompt = true;
    }

    /// Expects exactly these bytes next.
    ///
    /// # Errors
    /// Failure, at the first byte that differs, at an early end, at the deadline.
    pub fn hears(&mut self, expected: impl AsRef<[u8]>) -> Result<(), Failure> {
        let expected = expected.as_ref();
        let end = self.reads_until(|heard| {
            heard.len() >= expected.len() || !expected.starts_with(heard)
        });
        if self.heard.starts_with(expected) {
            self.heard.drain(..expected.len());
            return Ok(());
        }
        let heard = &self.heard[..self.heard.len().min(expected.len())];
        Err(not_heard(expected, heard, end))
    }

    /// The same of many bytes: piece by piece, so that each has its own deadline.
    ///
    /// # Errors
    /// As [`Peer::hears`].
    pub fn hears_many(&mut self, expected: &[u8]) -> Result<(), Failure> {
        expected
            .chunks(100_000)
            .try_for_each(|part| self.hears(part))
    }

    /// The next bytes, just so many, whatever they are.
    ///
    /// # Errors
    /// Failure, at an early end, at the deadline.
    pub fn hears_just(&mut self, count: usize) -> Result<Vec<u8>, Failure> {
        let end = self.reads_until(|heard| heard.len() >= count);
        if self.heard.len() >= count {
            return Ok(self.heard.drain(..count).collect());
        }
        let (want, got) = (format!("{count} bytes"), quoted(&self.heard));
        Err(match end {
            Some(End::Closed) => {
                Failure::new(want, format!("{got}, then the end of the stream"))
            }
            Some(End::Reset) => Failure::new(want, format!("{got}, then a reset"))
                .likely("the connection was reset: it was closed with unread input"),
            _ => Failure::timeout(want, format!("{got}, and no more for {ANSWER:?}")),
        })
    }

    /// Expects the end of the stream, and nothing more before it.
    ///
    /// # Errors
    /// Failure, when there are more bytes, a reset, or no end until the deadline.
    pub fn hears_the_end(&mut self) -> Result<(), Failure> {
        let end = self.reads_until(|heard| !heard.is_empty());
        let expected = "the end of the stream";
        match end {
            Some(End::Closed) => Ok(()),
            Some(End::Reset) => Err(Failure::new(expected, "a reset").likely(
                "your program closed the socket while input was unread: the kernel then \
                 sends a reset, and no clean end",
            )),
            Some(End::Late) => {
                let seen = format!("the connection is still open after {ANSWER:?}");
                Err(Failure::timeout(expected, seen)
                    .likely("the socket is not closed: somebody still owns it"))
            }
            None => {
                let more = &self.heard[..];
                let failure = Failure::new(expected, quoted(more));
                let failure = failure.likely("your program sent more than its task says");
                Err(Failure {
                    bytes: Some((Vec::new(), more.to_vec())),
                    ..failure
                })
            }
        }
    }

    /// Everything until the end of the stream.
    ///
    /// # Errors
    /// Failure, when it does not end, or ends in a reset.
    pub fn hears_all(&mut self, most: usize) -> Result<Vec<u8>, Failure> {
        let end = self.reads_until(|heard| heard.len() > most);
        let all = std::mem::take(&mut self.heard);
        let expected = "an answer, then the end of the stream";
        match end {
            Some(End::Closed) => Ok(all),
            Some(End::Reset) => Err(Failure::new(
                expected,
                format!("{}, then a reset", quoted(&all)),
            )),
            Some(End::Late) => {
                let seen = format!("{}, and no end for {ANSWER:?}", quoted(&all));
                Err(Failure::timeout(expected, seen))
            }
            None => Err(Failure::new(expected, format!("more than {most} bytes"))),
        }
    }

    /// Everything up to and with the next `mark`, at most `most` bytes.
    ///
    /// # Errors
    /// Failure, when the mark does not come.
    pub fn hears_through(
        &mut self,
        mark: &[u8],
        most: usize,
    ) -> Result<Vec<u8>, Failure> {
        let place =
            |heard: &[u8]| heard.windows(mark.len()).position(|part| part == mark);
        let end = self.reads_until(|heard| place(heard).is_some() || heard.len() > most);
        if let Some(start) = place(&self.heard) {
            return Ok(self.heard.drain(..start + mark.len()).collect());
        }
        let expected = format!("something that ends with {}", quoted(mark));
        let heard = quoted(&self.heard);
        Err(match end {
            Some(End::Late) => {
                let seen = format!("{heard}, and no more for {ANSWER:?}");
                Failure::timeout(expected, seen)
            }
            Some(End::Closed) => {
                Failure::new(expected, format!("{heard}, then the end of the stream"))
            }
            Some(End::Reset) => Failure::new(expected, format!("{heard}, then a reset")),
            None => Failure::new(expected, format!("more than {most} bytes without it")),
        })
    }

    /// Expects that nothing is said for a moment.
    ///
    /// # Errors
    /// Failure, with what was said.
    pub fn hears_nothing_for(&mut self, moment: Duration) -> Result<(), Failure> {
        let end = self.clock.within(moment);
        let left = || end.saturating_duration_since(Instant::now());
        match self.reads_while(left, |heard| !heard.is_empty()) {
            Some(End::Late) => Ok(()),
            Some(_) => Err(Failure::new("nothing yet", "the end of the stream")),
            None => {
                let seen = quoted(&self.heard);
                Err(Failure::new("nothing yet", seen))
            }
        }
    }

    /// Has the kernel delay the acknowledgement of what comes next, by 40 ms, as it does on
    /// a connection on which questions and answers take turns. On other systems than Linux
    /// nothing happens.
    pub fn acknowledges_late(&self) {
        #[cfg(target_os = "linux")]
        SockRef::from(&self.stream).set_tcp_quickack(false).ok();
    }

    /// Ends our sending: the program's next recv gives 0. It can still answer.
    pub fn half_closes(&self) {
        self.wire_log
            .add(self.number, What::Happened("half-closes"));
        self.stream.shutdown(Shutdown::Write).ok(); // it may have gone
    }

    /// Resets the connection, as a machine does that has crashed and is back.
    pub fn resets(self) {
        self.wire_log
            .add(self.number, What::Happened("resets the connection"));
        SockRef::from(&self.stream)
            .set_linger(Some(Duration::ZERO))
            .ok();
    }

    fn reads_until(&mut self, enough: impl Fn(&[u8]) -> bool) -> Option<End> {
        let mut wait = self.clock.waits(ANSWER);
        self.reads_while(|| wait.left(), enough)
    }

    fn reads_while(
        &mut self,
        mut left: impl FnMut() -> Duration,
        enough: impl Fn(&[u8]) -> bool,
    ) -> Option<End> {
        let mut chunk = [0; 16 * 1024];
        while !enough(&self.heard) {
            let left = left();
            if left.is_zero() {
                return Some(End::Late);
            }
            self.stream.set_read_timeout(Some(left)).ok();
            #[cfg(target_os = "linux")]
            if self.prompt {
                // The kernel forgets it (tcp(7)), so it is set each time.
                SockRef::from(&self.stream).set_tcp_quickack(true).ok();
            }
            match self.stream.read(&mut chunk) {
                Ok(0) if self.reset => return self.ends(End::Reset, "is reset"),
                Ok(0) => return self.ends(End::Closed, "sees the end of the stream"),
                Ok(count) => {
                    self.wire_log
                        .add(self.number, What::Heard(chunk[..count].to_vec()));
                    self.heard.extend(&chunk[..count]);
                }
                Err(error) if is_late(&error) => {} // is it, now?
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(_) => return self.ends(End::Reset, "is reset"),
            }
        }
        None
    }

    fn ends(&self, end: End, words: &'static str) -> Option<End> {
        self.wire_log.add(self.number, What::Happened(words));
        Some(end)
    }
}

/// Connects. Where a program counts as ready when it is bound, listen may come a moment
/// later.
fn connected(address: SocketAddr, clock: Clock) -> io::Result<TcpStream> {
    let moment = match cfg!(target_os = "linux") {
        true => Duration::ZERO,
        false => Duration::from_millis(200),
    };
    let end = clock.within(moment);
    loop {
        match TcpStream::connect_timeout(&address, clock.timeout(ANSWER)) {
            Err(error)
                if error.kind() == ErrorKind::ConnectionRefused
                    && Instant::now() < end => {}
            tried => return tried,
        }
        thread::sleep(Duration::from_millis(1)); // between two tries
    }
}

/// Why it was not taken.
fn has_closed(bytes: &str) -> Failure {
    let expected = format!("it to take {bytes}");
    Failure::new(expected, "it has closed the connection")
        .likely("the program closed this connection too early")
}

/// Why these bytes were not heard.
fn not_heard(expected: &[u8], heard: &[u8], end: Option<End>) -> Failure {
    let want = quoted(expected);
    let got = quoted(heard);
    let prefix = expected.starts_with(heard);
    let failure = match end {
        Some(End::Late) if prefix => {
            let seen = format!("{got}, and no more for {ANSWER:?}");
            let failure = Failure::timeout(want, seen);
            if heard.is_empty() {
                failure.likely(
                    "your program waits in recv for more, while the peer waits for \
                     its answer",
                )
            } else {
                failure.likely("only a part of the answer was sent")
            }
        }
        Some(End::Closed) if prefix => {
            let seen = format!("{got}, then the end of the stream");
            Failure::new(want, seen).likely(match expected.strip_prefix(heard) {
                Some(b"\n") => "the end of its line, \\n, is missing",
                _ => "your program closed the connection before all was sent",
            })
        }
        Some(End::Reset) if prefix => {
            let seen = format!("{got}, then a reset");
            Failure::new(want, seen).likely(
                "the connection was reset: your program closed it while input was \
                 unread, and what was on its way got lost",
            )
        }
        _ => Failure::new(want, got),
    };
    Failure {
        bytes: Some((expected.to_vec(), heard.to_vec())),
        ..failure
    }
}

/// Whether nothing has come in time, or nobody.
pub(crate) fn is_late(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut)
}

fn is_gone(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::BrokenPipe | ErrorKind::ConnectionReset | ErrorKind::ConnectionAborted
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::failure::Kind;

    #[test]
    fn that_the_judge_cannot_connect_is_its_own_trouble_and_no_timeout() {
        // The kernel refuses to connect to everybody, and sends nothing.
        let everybody = ([255, 255, 255, 255], 9).into();
        let tried = Peer::connect(everybody, &WireLog::default(), Clock::new(ANSWER));
        assert_eq!(tried.expect_err("nobody").kind, Kind::CheckerError);
    }
}
