// ANCHOR: all
//! Lesson 14, a part of `cargo run -p http`: a connection that serves several requests.

use std::io::{self, BufRead, BufReader, ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use shared::{Address, Context, eprintln, visible};

pub struct Connection {
    to: Address,
    pub reader: BufReader<DeadlineStream>,
}

/// Sends a request, over the kept connection if that will do, and waits for the first
/// byte of its answer. The connection is the caller's, until the answer is read.
pub fn ask(
    kept: Option<Connection>,
    to: &Address,
    request: &str,
    timeout: Duration,
) -> shared::Result<Connection> {
    if let Some(mut same) = kept.filter(|kept| kept.to == *to && kept.is_quiet()) {
        eprintln!("* the same connection again");
        match same.send(request, timeout) {
            // The server closed while our request was under way, and answered nothing.
            // GET and HEAD change nothing there: they may be sent twice (RFC 9110 9.2.2).
            Err(ref error) if is_gone(error) => eprintln!("* the server has closed it"),
            result => return result.context("cannot get an answer").and(Ok(same)),
        }
    }
    let mut connection = Connection::open(to, timeout)?;
    connection
        .send(request, timeout)
        .context("cannot get an answer")?;
    Ok(connection)
}

fn is_gone(error: &io::Error) -> bool {
    use ErrorKind::{BrokenPipe, ConnectionAborted, ConnectionReset, UnexpectedEof};
    matches!(
        error.kind(),
        BrokenPipe | ConnectionAborted | ConnectionReset | UnexpectedEof
    )
}

impl Connection {
    fn open(to: &Address, timeout: Duration) -> shared::Result<Self> {
        let socket = to.connect(timeout)?;
        socket.set_nodelay(true).context("cannot set TCP_NODELAY")?;
        let (peer, own) = (socket.peer_addr(), socket.local_addr());
        if let (Ok(peer), Ok(own)) = (peer, own) {
            eprintln!("* connected to {peer} from {own}");
        }
        let stream = DeadlineStream {
            socket,
            end: Instant::now(),
        };
        Ok(Self {
            to: to.clone(),
            reader: BufReader::new(stream),
        })
    }

    fn send(&mut self, request: &str, timeout: Duration) -> io::Result<()> {
        for line in visible(request).lines() {
            eprintln!("{}", format!("> {line}").trim_end());
        }
        let stream = self.reader.get_mut();
        stream.end = Instant::now() + timeout;
        stream.socket.set_write_timeout(Some(timeout))?;
        stream.socket.write_all(request.as_bytes())?;
        if self.reader.fill_buf()?.is_empty() {
            let what = "the server closed without an answer";
            return Err(io::Error::new(ErrorKind::UnexpectedEof, what));
        }
        Ok(())
    }

    /// Nothing has come since the last answer: no end, and no bytes that nobody asked
    /// for, which would be taken for the beginning of the next answer.
    fn is_quiet(&self) -> bool {
        let socket = &self.reader.get_ref().socket;
        let look = || {
            socket.set_nonblocking(true)?; // recv is not to wait
            let found = socket.peek(&mut [0]); // recv that leaves what it finds
            socket.set_nonblocking(false)?;
            found
        };
        let nothing = look().is_err_and(|error| error.kind() == ErrorKind::WouldBlock);
        nothing && self.reader.buffer().is_empty()
    }
}

/// A socket with one deadline for all that is read. The kernel's timeout (SO_RCVTIMEO)
/// begins anew with each recv: a byte now and then would keep us for ever.
pub struct DeadlineStream {
    socket: TcpStream,
    end: Instant,
}

impl Read for DeadlineStream {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            let left = self.end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                let what = "the answer takes too long";
                return Err(io::Error::new(ErrorKind::TimedOut, what));
            }
            self.socket.set_read_timeout(Some(left))?;
            let result = self.socket.read(buffer);
            use ErrorKind::{Interrupted, TimedOut, WouldBlock};
            match result.as_ref().map_err(io::Error::kind) {
                // A signal came, or the time is over: look at the clock.
                Err(Interrupted | WouldBlock | TimedOut) => {}
                _ => return result,
            }
        }
    }
}
