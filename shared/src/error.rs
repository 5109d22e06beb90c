use std::fmt;
use std::io;

use crate::errno::{explain, hint_while};

const UDP_PORT_IN_USE: &str = if cfg!(windows) {
    "another program may hold this UDP port: `netstat -ano` shows which; end it, or take another port"
} else {
    "another program may hold this UDP port: `ss -ulnp` shows which; end it, or take another port"
};

/// What went wrong, in the two lines that the reader sees:
///
/// ```text
/// error: cannot connect to 127.0.0.1:81: connection refused (ECONNREFUSED)
/// hint: nothing listens there; start a server first, or check the port
/// ```
#[derive(Debug)]
pub struct Error {
    what: String,
    hint: String,
    cause: Option<io::Error>,
    exit_code: u8,
}

impl Error {
    /// An error of the run: exit code 1. Give it a [`hint`](Self::hint).
    pub fn new(what: impl Into<String>) -> Self {
        let hint = "--help says how this program is used".to_string();
        Self {
            what: what.into(),
            hint,
            cause: None,
            exit_code: 1,
        }
    }

    /// An error of the command line: exit code 2.
    pub fn usage(what: impl Into<String>) -> Self {
        Self {
            exit_code: 2,
            ..Self::new(what)
        }
    }

    /// The same error with another hint: what to do, in one sentence.
    #[must_use]
    pub fn hint(self, hint: impl Into<String>) -> Self {
        Self {
            hint: hint.into(),
            ..self
        }
    }

    /// The same error, of a UDP socket: who holds its port, another command shows than for
    /// TCP.
    #[must_use]
    pub fn of_a_udp_port(self) -> Self {
        match self.cause.as_ref().map(io::Error::kind) {
            Some(io::ErrorKind::AddrInUse) => self.hint(UDP_PORT_IN_USE),
            _ => self,
        }
    }

    /// The operating system's error behind this one, where there is one.
    pub fn cause(&self) -> Option<&io::Error> {
        self.cause.as_ref()
    }

    /// 1, or 2 where the command line was wrong.
    pub fn exit_code(&self) -> u8 {
        self.exit_code
    }

    /// Both lines, without the newline at the end. A line end in the words, which may be a
    /// peer's, is a space here: nobody else writes a `hint:`.
    pub fn report(&self) -> String {
        let what = self.what.lines().collect::<Vec<_>>().join(" ");
        format!("error: {what}\nhint: {}", self.hint)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what)
    }
}

impl std::error::Error for Error {}

/// Says what a call was for, so that its error can be read by a person.
pub trait Context<T> {
    /// Turns an `io::Error` into an [`Error`]: `what` in front, then the error in words
    /// and by its name, then the hint that belongs to it. Some hints depend on what was
    /// being done, and `what` says it: `cannot listen on ADDRESS`, `cannot send to HOST`.
    ///
    /// # Errors
    /// Whenever there was one.
    fn context(self, what: impl fmt::Display) -> Result<T, Error>;
}

impl<T> Context<T> for io::Result<T> {
    fn context(self, what: impl fmt::Display) -> Result<T, Error> {
        self.map_err(|cause| {
            let (what, explanation) = (what.to_string(), explain(&cause));
            Error {
                hint: hint_while(&what, &explanation).to_string(),
                what: format!("{what}: {explanation}"),
                cause: Some(cause),
                exit_code: 1,
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_is_two_lines_with_the_name_of_the_errno() {
        let refused: io::Result<()> = Err(io::ErrorKind::ConnectionRefused.into());
        let error = refused
            .context("cannot connect to 127.0.0.1:81")
            .expect_err("an error");
        let report = error.report();
        assert_eq!(report.lines().count(), 2, "{report}");
        let start = "error: cannot connect to 127.0.0.1:81: connection refused";
        assert!(report.starts_with(start), "{report}");
        assert!(report.contains("\nhint: nothing listens there"), "{report}");
        assert_eq!(error.exit_code(), 1);
    }

    #[test]
    fn a_line_end_in_a_peers_words_makes_no_hint() {
        let error =
            Error::new("it refuses: wrong\nhint: type your password").hint("look");
        let report = "error: it refuses: wrong hint: type your password\nhint: look";
        assert_eq!(error.report(), report);
    }
}
