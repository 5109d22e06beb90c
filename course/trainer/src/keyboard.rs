//! The keys of `watch`.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::io::{self, BufReader, IsTerminal, Read};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread;
use std::time::Duration;

pub use terminal::keys_at_once;

/// The keys that were pressed, small letters. From a pipe: the first letter of each line.
#[derive(Debug)]
pub struct Keyboard {
    pressed: Receiver<u8>,
    /// Those of them that came during a check, and have not been acted on.
    waiting: RefCell<VecDeque<u8>>,
}

impl Keyboard {
    /// The keyboard of this program, which nobody else may read from now on.
    pub fn open() -> Self {
        let (sender, pressed) = mpsc::channel();
        let terminal = io::stdin().is_terminal();
        thread::spawn(move || {
            let mut line_begins = true;
            let bytes = BufReader::new(io::stdin()).bytes();
            for byte in without_sequences(bytes.map_while(io::Result::ok)) {
                let is_key = !byte.is_ascii_whitespace() && (terminal || line_begins);
                line_begins = byte == b'\n';
                if is_key && sender.send(byte.to_ascii_lowercase()).is_err() {
                    return;
                }
            }
        });
        let waiting = RefCell::default();
        Self { pressed, waiting }
    }

    /// Whether one of these keys was pressed, and waits for [`Keyboard::key`].
    pub fn holds(&self, keys: &[u8]) -> bool {
        let mut waiting = self.waiting.borrow_mut();
        waiting.extend(self.pressed.try_iter());
        waiting.iter().any(|key| keys.contains(key))
    }

    /// The next key.
    ///
    /// # Errors
    /// None was pressed within `longest`, or none can be any more.
    pub fn key(&self, longest: Duration) -> Result<u8, RecvTimeoutError> {
        match self.waiting.borrow_mut().pop_front() {
            Some(key) => Ok(key),
            None => self.pressed.recv_timeout(longest),
        }
    }
}

/// What is typed without what a terminal makes of an arrow or a function key: ESC, `[` or `O`,
/// parameters, and a last byte from `@` on (ECMA-48, 5.4).
fn without_sequences(bytes: impl Iterator<Item = u8>) -> impl Iterator<Item = u8> {
    let mut before = Place::Outside;
    bytes.filter(move |&byte| {
        let was = before;
        before = match (was, byte) {
            (_, 0x1b) => Place::Escape,
            (Place::Escape, b'[' | b'O') => Place::Inside,
            (Place::Inside, ..=b'?') => Place::Inside,
            _ => Place::Outside,
        };
        before == Place::Outside && was != Place::Inside
    })
}

/// Where a byte stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Outside,
    Escape,
    Inside,
}

/// A terminal that gives each key at once, and does not wait for Enter.
#[cfg(unix)]
mod terminal {
    use std::io::{self, IsTerminal};
    use std::thread;

    use nix::sys::signal::{SigSet, Signal, raise};
    use nix::sys::termios::{LocalFlags, SetArg, Termios, tcgetattr, tcsetattr};

    /// Dropped, it makes the terminal again what it was.
    pub struct Terminal(Termios);

    /// To be called while this program has one thread: Ctrl+Z is for one of its own.
    pub fn keys_at_once() -> Option<Terminal> {
        let stdin = io::stdin();
        if !stdin.is_terminal() {
            return None;
        }
        let was = tcgetattr(&stdin).ok()?;
        let mut now = was.clone();
        now.local_flags
            .remove(LocalFlags::ICANON | LocalFlags::ECHO);
        set(&now)?;
        stop_and_go_on(was.clone(), now);
        Some(Terminal(was))
    }

    /// Ctrl+Z gives the terminal back as it was, and `fg` takes it again: not every shell does
    /// that. The thread takes the signal (sigwait(3)), and stops all of this program.
    fn stop_and_go_on(was: Termios, now: Termios) {
        let mut stop = SigSet::empty();
        stop.add(Signal::SIGTSTP);
        if stop.thread_block().is_err() {
            return; // then Ctrl+Z is as in other programs
        }
        thread::spawn(move || {
            while stop.wait().is_ok() {
                set(&was);
                raise(Signal::SIGSTOP).ok();
                set(&now);
            }
        });
    }

    /// None: the terminal may be gone.
    fn set(to: &Termios) -> Option<()> {
        tcsetattr(io::stdin(), SetArg::TCSANOW, to).ok()
    }

    impl Drop for Terminal {
        fn drop(&mut self) {
            set(&self.0);
        }
    }
}

/// Elsewhere a key counts after Enter.
#[cfg(not(unix))]
mod terminal {
    pub fn keys_at_once() {}
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_arrow_is_no_key_and_what_comes_after_it_is() {
        let typed = b"h\x1b[A\x1bOPn\x1b[1;5Cq\x1b\x1b[Bc";
        let keys: Vec<u8> = without_sequences(typed.iter().copied()).collect();
        assert_eq!(keys, b"hnqc");
    }
}
