use std::fmt;
use std::io::{self, ErrorKind, Read, Write};
use std::time::{Duration, Instant};

use socket2::Socket;

use crate::stop_signal::{STOP, StopSignal};
use crate::{close_gracefully, display_addr};

/// A connection with one deadline for the whole of what is read or written next. When the
/// program is asked to end, a read sees the end of the stream, and a write fails. For
/// programs after lesson 06, which builds the deadline by hand.
///
/// The kernel's own timeouts (SO_RCVTIMEO, SO_SNDTIMEO) start anew with every call, so a
/// peer that sends one byte now and then would never meet them. They serve here only to
/// wake the thread ten times a second, to look at the clock and at [`StopSignal`]. A
/// server with very many clients would rather wait for all of them in one call (lesson
/// 10).
pub struct DeadlineStream {
    stream: Socket,
    end: Instant,
    stop: &'static StopSignal,
}

impl DeadlineStream {
    const SLICE: Duration = Duration::from_millis(100);

    /// A connection without patience: say how long with [`within`](Self::within).
    ///
    /// What is written goes out at once (TCP_NODELAY): a second small write would
    /// otherwise wait for the peer's acknowledgement of the first, which takes 40 ms
    /// (lesson 12).
    pub fn new(stream: impl Into<Socket>) -> Self {
        let stream = stream.into();
        // It fails where the peer has gone: the first read or write says so, too. And a
        // Unix-domain stream has no such option, because it does not wait.
        stream.set_tcp_nodelay(true).ok();
        Self {
            stream,
            end: Instant::now(),
            stop: &STOP,
        }
    }

    /// From now on, everything together may take so long.
    pub fn within(&mut self, patience: Duration) -> &mut Self {
        self.end = Instant::now() + patience;
        self
    }

    /// The socket itself, for what only a socket can tell: addresses, credentials.
    pub fn socket(&self) -> &Socket {
        &self.stream
    }

    /// Ends the connection as [`close_gracefully`] does, a third of a second at most.
    pub fn close_gracefully(self) {
        close_gracefully(self.stream, Duration::from_millis(300));
    }

    fn patiently<T>(
        &self,
        at_the_end: fn() -> io::Result<T>,
        mut call: impl FnMut() -> io::Result<T>,
    ) -> io::Result<T> {
        loop {
            let left = self.end.saturating_duration_since(Instant::now());
            if self.stop.requested() {
                self.stop.wait_for_the_exit();
                return at_the_end();
            }
            if left.is_zero() {
                return Err(ErrorKind::TimedOut.into());
            }
            let slice = Some(left.min(Self::SLICE));
            self.stream.set_read_timeout(slice)?;
            self.stream.set_write_timeout(slice)?;
            match call() {
                Err(ref error) if not_now(error) => {}
                result => return result,
            }
        }
    }
}

/// The peer's address, for messages. After a reset there is none (ENOTCONN).
impl fmt::Display for DeadlineStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.stream.peer_addr() {
            Ok(address) => f.write_str(&display_addr(&address)),
            Err(_) => f.write_str("a client that has gone"),
        }
    }
}

/// Whether an error of a read or a write only says "not now": its timeout is over (EAGAIN
/// on Unix, `TimedOut` on Windows), or a signal came (EINTR).
fn not_now(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::Interrupted | ErrorKind::TimedOut | ErrorKind::WouldBlock
    )
}

impl Read for DeadlineStream {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.patiently(|| Ok(0), || (&self.stream).read(buffer))
    }
}

impl Write for DeadlineStream {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let at_the_end = || Err(io::Error::other("this program was asked to end"));
        self.patiently(at_the_end, || (&self.stream).write(bytes))
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::{TcpListener, TcpStream};
    use std::thread;

    fn pair(stop: &'static StopSignal) -> (TcpStream, DeadlineStream) {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a listener");
        let address = listener.local_addr().expect("its address");
        let client = TcpStream::connect(address).expect("a connection");
        let (server, _) = listener.accept().expect("the client");
        let mut stream = DeadlineStream::new(server);
        stream.stop = stop;
        (client, stream)
    }

    #[test]
    fn a_byte_now_and_then_does_not_move_the_deadline() {
        let (mut client, mut patient) = pair(Box::leak(Box::new(StopSignal::new())));
        let dripping = thread::spawn(move || {
            while client.write_all(b"x").is_ok() {
                thread::sleep(Duration::from_millis(10));
            }
        });
        let start = Instant::now();
        let error = patient
            .within(Duration::from_millis(250))
            .read_exact(&mut [0; 100_000])
            .expect_err("a deadline");
        assert_eq!(error.kind(), ErrorKind::TimedOut);
        assert!(start.elapsed() >= Duration::from_millis(250));
        drop(patient);
        dripping.join().expect("it ends when nobody reads");
    }

    #[test]
    fn the_end_of_the_program_ends_a_read_and_a_write() {
        let stop: &'static StopSignal = Box::leak(Box::new(StopSignal::new()));
        let (_client, mut patient) = pair(stop);
        let waiting = thread::spawn(move || {
            let patient = patient.within(Duration::from_secs(60));
            let read = patient.read(&mut [0]).map_err(|error| error.kind());
            let write = patient.write_all(b"x").map_err(|error| error.kind());
            (read, write)
        });
        stop.request();
        let (read, write) = waiting.join().expect("no panic");
        assert_eq!(read, Ok(0));
        assert_eq!(write, Err(ErrorKind::Other));
    }
}
