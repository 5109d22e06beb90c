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
            for byte in BufReader::new(io::stdin())
                .bytes()
                .map_while(io::Result::ok)
            {
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

/// A terminal that gives each key at once, and does not wait for Enter.
#[cfg(unix)]
mod terminal {
    use std::io::{self, IsTerminal};

    use nix::sys::termios::{LocalFlags, SetArg, Termios, tcgetattr, tcsetattr};

    /// Dropped, it makes the terminal again what it was.
    pub struct Terminal(Termios);

    pub fn keys_at_once() -> Option<Terminal> {
        let stdin = io::stdin();
        if !stdin.is_terminal() {
            return None;
        }
        let was = tcgetattr(&stdin).ok()?;
        let mut now = was.clone();
        now.local_flags
            .remove(LocalFlags::ICANON | LocalFlags::ECHO);
        tcsetattr(&stdin, SetArg::TCSANOW, &now).ok()?;
        Some(Terminal(was))
    }

    impl Drop for Terminal {
        fn drop(&mut self) {
            tcsetattr(io::stdin(), SetArg::TCSANOW, &self.0).ok(); // it may be gone
        }
    }
}

/// Elsewhere a key counts after Enter.
#[cfg(not(unix))]
mod terminal {
    pub fn keys_at_once() {}
}
