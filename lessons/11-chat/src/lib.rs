//! Help for lesson 11: what its server and its client share, lines that arrive in pieces
//! and sockets that never make anybody wait.

use std::io::{self, ErrorKind};
use std::net::{SocketAddr, TcpListener};
use std::time::Duration;

use shared::Context;
use socket2::{SockRef, TcpKeepalive};

/// Puts the pieces of lines together, as they come out of a stream, for programs
/// that cannot wait for the rest of a line, because they serve others meanwhile.
#[derive(Debug)]
pub struct Lines {
    limit: usize,
    start: Vec<u8>,
}

impl Lines {
    /// For lines of at most `limit` bytes, their end (`\n` or `\r\n`) included.
    pub fn up_to(limit: usize) -> Self {
        let start = Vec::new();
        Self { limit, start }
    }

    /// Takes what one read has brought; nothing means the end of the stream.
    ///
    /// Returns the lines that are complete now, byte for byte and without their ends, and
    /// whether it is over: at the end of the stream (the last line may lack its end), or
    /// with an error, where a line is longer than the limit. No more than the limit is
    /// kept.
    pub fn feed(&mut self, bytes: &[u8]) -> (Vec<Vec<u8>>, Option<io::Result<()>>) {
        if bytes.is_empty() {
            let rest = std::mem::take(&mut self.start);
            let last = (!rest.is_empty()).then(|| without_end(&rest).to_vec());
            return (last.into_iter().collect(), Some(Ok(())));
        }
        let mut lines = Vec::new();
        for piece in bytes.split_inclusive(|byte| *byte == b'\n') {
            let whole = piece.ends_with(b"\n");
            // Without an end it would only become longer.
            if self.start.len() + piece.len() + usize::from(!whole) > self.limit {
                self.start = Vec::new();
                let words = format!("a line may have {} bytes at most", self.limit);
                let error = io::Error::new(ErrorKind::InvalidData, words);
                return (lines, Some(Err(error)));
            }
            self.start.extend(piece);
            if whole {
                lines.push(without_end(&self.start).to_vec());
                self.start.clear();
            }
        }
        (lines, None)
    }
}

fn without_end(line: &[u8]) -> &[u8] {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    line.strip_suffix(b"\r").unwrap_or(line)
}

/// Makes a socket ready for a program that waits for several things at once: its calls do
/// not block, what it sends goes out at once (TCP_NODELAY), and its connection fails with
/// ETIMEDOUT when the peer's machine has shown no sign of life for `patience`.
///
/// Silence alone is no fault: the kernel asks a silent peer for a sign of life
/// (SO_KEEPALIVE), after half of `patience`, a second at least. TCP_USER_TIMEOUT counts
/// for what was sent, too, and for a peer that takes nothing any more (tcp(7)).
///
/// # Errors
/// Those of fcntl(2) and setsockopt(2); and where select(2) could not watch it.
pub fn set_options<'a>(
    socket: impl Into<SockRef<'a>>,
    patience: Duration,
) -> io::Result<()> {
    let socket = socket.into();
    #[cfg(unix)]
    shared::fits_fd_set(&*socket)?;
    socket.set_nonblocking(true)?;
    socket.set_tcp_nodelay(true)?;
    let second = Duration::from_secs(1);
    let keepalive = TcpKeepalive::new()
        .with_time((patience / 2).max(second))
        .with_interval((patience / 8).max(second));
    socket.set_tcp_keepalive(&keepalive)?;
    #[cfg(target_os = "linux")]
    socket.set_tcp_user_timeout(Some(patience))?;
    Ok(())
}

/// A nonblocking listener with a long queue, [`set_options`]d: accepted connections
/// inherit its options (Linux, BSD), but on Linux not that they are nonblocking.
///
/// std's listener may take a port that waits in TIME_WAIT, but has a queue of 128 only;
/// to listen again makes it longer.
///
/// # Errors
/// Those of socket, bind, listen and setsockopt.
pub fn listen(address: SocketAddr, patience: Duration) -> shared::Result<TcpListener> {
    let open = || {
        let listener = TcpListener::bind(address)?;
        SockRef::from(&listener).listen(1024)?;
        set_options(&listener, patience)?;
        Ok(listener)
    };
    open().context(format!("cannot listen on {address}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::TcpStream;

    #[test]
    fn lines_arrive_in_pieces_and_together() {
        let mut lines = Lines::up_to(10);
        assert!(lines.feed(b"on").0.is_empty());
        assert!(lines.feed(b"e\r").0.is_empty());
        let (whole, over) = lines.feed(b"\n\ntw\ro\nth");
        assert_eq!(whole, [&b"one"[..], b"", b"tw\ro"]);
        assert!(over.is_none());
        let (whole, over) = lines.feed(b"");
        assert_eq!(whole, [b"th"]);
        assert!(matches!(over, Some(Ok(()))));
        let (whole, over) = lines.feed(b"");
        assert!(whole.is_empty() && over.is_some());
    }

    #[test]
    fn a_line_over_the_limit_is_an_error_and_those_before_it_are_not_lost() {
        let over = |bytes: &[u8]| {
            let mut lines = Lines::up_to(4);
            let (whole, over) = lines.feed(bytes);
            (whole.len(), over.is_some_and(|over| over.is_err()))
        };
        assert_eq!(over(b"abc\n"), (1, false));
        assert_eq!(over(b"abc"), (0, false));
        assert_eq!(over(b"abcd\n"), (0, true));
        assert_eq!(over(b"abcd"), (0, true));
        assert_eq!(over(b"a\nabcd\n"), (1, true));
    }

    #[test]
    fn the_options_of_the_listener_are_inherited() {
        let patience = Duration::from_secs(20);
        let any = "127.0.0.1:0".parse().expect("an address");
        let listener = listen(any, patience).unwrap_or_else(|error| panic!("{error}"));
        let own = listener.local_addr().expect("its address");
        let _client = TcpStream::connect(own).expect("a connection");
        let (accepted, _) = listener.accept().expect("the client");
        let socket = SockRef::from(&accepted);
        assert!(socket.keepalive().expect("SO_KEEPALIVE"));
        assert!(socket.tcp_nodelay().expect("TCP_NODELAY"));
        #[cfg(target_os = "linux")]
        {
            assert_eq!(socket.tcp_user_timeout().expect("set"), Some(patience));
            assert_eq!(socket.tcp_keepalive_time().expect("set"), patience / 2);
        }
    }
}
