//! Help for lesson 15: a client of a protocol of lines, shown as it is spoken.

use std::io::{self, BufRead, BufReader, ErrorKind, Read, Write};
use std::net::IpAddr;
use std::time::Duration;

use shared::{Address, Context, DeadlineStream, Error, println, visible};

/// A client's side of a protocol of lines, for the lessons after the one that teaches how
/// lines are received (09): what goes out and what comes in is shown, `C:` and `S:`, but
/// for secrets.
///
/// A line has a limit, and each answer a deadline for the whole of it.
pub struct LineClient {
    stream: BufReader<DeadlineStream>,
    own: IpAddr,
    peer: IpAddr,
    patience: Duration,
    secrets: Vec<String>,
    quiet: bool,
    heard: usize,
}

impl LineClient {
    /// A longer line is refused, its end included. An answer has 512 bytes at most, a
    /// line of a mail 1000 (RFC 5321 section 4.5.3.1); not all that send mails know it.
    pub const LONGEST_LINE: u64 = 65_536;

    /// How many lines of one message are shown, so that a message fills no screen.
    const SHOWN: usize = 20;

    /// Connects, as [`Address::connect`] does. The server may take as long as `patience`
    /// for its greeting, and for each answer.
    ///
    /// # Errors
    /// Those of [`Address::connect`].
    pub fn connect(address: &Address, patience: Duration) -> Result<Self, Error> {
        let stream = address.connect(patience)?;
        let own = stream.local_addr().context("cannot read our address")?;
        let peer = stream
            .peer_addr()
            .context("cannot read the peer's address")?;
        let mut stream = DeadlineStream::new(stream);
        stream.within(patience);
        Ok(Self {
            stream: BufReader::new(stream),
            own: own.ip(),
            peer: peer.ip(),
            patience,
            secrets: Vec::new(),
            quiet: false,
            heard: 0,
        })
    }

    /// Whether nothing shall be shown from now on.
    pub fn be_quiet(&mut self, quiet: bool) {
        self.quiet = quiet;
    }

    /// Our own address as a client of SMTP gives it in place of a name: `[127.0.0.1]` or
    /// `[IPv6:::1]` (RFC 5321 section 4.1.3).
    pub fn own_name(&self) -> String {
        match self.own {
            IpAddr::V4(ip) => format!("[{ip}]"),
            IpAddr::V6(ip) => format!("[IPv6:{ip}]"),
        }
    }

    /// From now on `****` is shown in place of this: in what we say, and in what the
    /// server says, which may repeat it. Call it before the secret goes out.
    ///
    /// # Errors
    /// Exit code 1, when the server is not on this machine (127.0.0.0/8 or ::1): on the
    /// way to another machine everybody could read it.
    pub fn keep_secret(&mut self, secret: &str) -> Result<(), Error> {
        if !self.peer.to_canonical().is_loopback() {
            let what = "this program sends no password to another machine: it has no TLS";
            return Err(Error::new(what).hint(format!(
                "to {} everybody on the way could read it; mail-send-with-library has TLS, \
                 and so have mail readers",
                self.peer
            )));
        }
        self.secrets.push(secret.to_string());
        Ok(())
    }

    /// Sends the words and a line end. From here on the server's patience begins anew.
    ///
    /// # Errors
    /// [`TimedOut`](ErrorKind::TimedOut), and those of send(2).
    pub fn send(&mut self, words: &str) -> Result<(), Error> {
        let count = words.lines().count();
        for line in words.lines().take(Self::SHOWN).filter(|_| !self.quiet) {
            println!("C: {}", self.shown(line));
        }
        if count > Self::SHOWN && !self.quiet {
            println!("C: [{} lines more]", count - Self::SHOWN);
        }
        let patience = self.patience;
        let server = self.stream.get_mut().within(patience);
        let sent = server.write_all(format!("{words}\r\n").as_bytes());
        self.stream.get_mut().within(patience);
        self.heard = 0;
        sent.context("cannot send to the server")
    }

    /// The server's next line, without its end, which is `\r\n`. A `\n` alone ends
    /// nothing: it is a byte of the line (RFC 5321 section 2.3.8). Otherwise a mail with
    /// `\n.\n` in it would end too early, and the rest of it would be taken for the next
    /// answer.
    ///
    /// # Errors
    /// - [`UnexpectedEof`](ErrorKind::UnexpectedEof): the server closed, before the line or
    ///   in the middle of it. A protocol of lines says when it is over: this is no end.
    /// - [`InvalidData`](ErrorKind::InvalidData): the line is longer than
    ///   [`LONGEST_LINE`](Self::LONGEST_LINE). No more than that is kept in memory.
    /// - [`TimedOut`](ErrorKind::TimedOut), and those of recv(2).
    pub fn receive(&mut self) -> Result<Vec<u8>, Error> {
        let line = self.read_line().context("cannot receive an answer")?;
        self.heard += 1;
        if self.heard <= Self::SHOWN && !self.quiet {
            println!("S: {}", self.shown(&line));
        } else if self.heard == Self::SHOWN + 1 && !self.quiet {
            println!("S: [and more]");
        }
        Ok(line)
    }

    fn read_line(&mut self) -> io::Result<Vec<u8>> {
        let mut line = Vec::new();
        let mut limited = self.stream.by_ref().take(Self::LONGEST_LINE);
        while limited.read_until(b'\n', &mut line)? > 0 {
            if line.ends_with(b"\r\n") {
                line.truncate(line.len() - 2);
                return Ok(line);
            }
        }
        let (kind, what) = match line.len() as u64 {
            0 => (ErrorKind::UnexpectedEof, "the server has closed"),
            Self::LONGEST_LINE => (ErrorKind::InvalidData, "a line is too long"),
            _ => (ErrorKind::UnexpectedEof, "the server closed in the middle"),
        };
        Err(io::Error::new(kind, what))
    }

    /// A peer's words, so that they can be printed in one line: without secrets, and
    /// without what would confuse a terminal.
    pub fn shown(&self, words: impl AsRef<[u8]>) -> String {
        let text =
            visible(&String::from_utf8_lossy(words.as_ref())).replace('\n', "\u{fffd}");
        let hide = |text: String, secret: &String| text.replace(secret, "****");
        self.secrets.iter().fold(text, hide)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::TcpListener;
    use std::thread;

    fn with_server_that_says(words: Vec<u8>) -> LineClient {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a listener");
        let address = listener.local_addr().expect("its address");
        thread::spawn(move || {
            let (mut stream, _) = listener.accept().expect("a client");
            stream.write_all(&words).expect("it is sent");
        });
        LineClient::connect(&address.into(), Duration::from_secs(5)).expect("connected")
    }

    fn kind(error: Error) -> Option<ErrorKind> {
        error.cause().map(io::Error::kind)
    }

    #[test]
    fn a_line_comes_without_its_end() {
        let mut server =
            with_server_that_says(b"one\r\n\r\ntwo\n.\nan\rd\xff\r\n".into());
        for line in [&b"one"[..], b"", b"two\n.\nan\rd\xff"] {
            assert_eq!(server.receive().expect("a line"), line);
        }
        let error = server.receive().expect_err("no more lines");
        assert_eq!(kind(error), Some(ErrorKind::UnexpectedEof));
    }

    #[test]
    fn half_a_line_and_a_line_that_is_too_long_are_errors() {
        let error = with_server_that_says(b"half".into()).receive();
        let error = error.expect_err("half a line");
        assert_eq!(kind(error), Some(ErrorKind::UnexpectedEof));
        let longest = LineClient::LONGEST_LINE as usize;
        let fits = [vec![b'x'; longest - 2], b"\r\n".into()].concat();
        let too_long = [vec![b'x'; longest - 1], b"\r\n".into()].concat();
        let mut server = with_server_that_says([fits, too_long].concat());
        server.be_quiet(true);
        assert_eq!(server.receive().expect("it fits").len(), longest - 2);
        let error = server.receive().expect_err("one byte too long");
        assert_eq!(kind(error), Some(ErrorKind::InvalidData));
    }

    #[test]
    fn a_secret_is_not_shown_whoever_says_it() {
        let mut server = with_server_that_says(Vec::new());
        server.keep_secret("swordfish").expect("on this machine");
        assert_eq!(
            server.shown(b"what is `PASS swordfish`?"),
            "what is `PASS ****`?"
        );
    }
}
