//! `watch`: every save is checked at once.
//!
//! The file's date is looked at ten times a second. That is all a watcher for one file
//! needs, it works on every file system, and nobody waits for a library to compile.

use std::fs;
use std::io::{self, BufReader, IsTerminal, Read};
use std::path::Path;
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::{Duration, SystemTime};

use judge::Exercise;
use shared::{Result, Shutdown, println};

use super::{check, file, help, list, meant, next};
use crate::page::{self, COMMAND, GOOD};
use crate::progress;
use crate::workspace::Lesson;

const KEYS: &str = "h hint   n next   c check again   l list   r reset   q quit";

/// Watches one exercise after another, until the learner quits.
pub fn watch(lessons: &[Lesson], word: Option<&str>) -> Result<()> {
    let mut current = match word {
        Some(word) => meant(lessons, word)?.into_iter().next(),
        None => next(&progress::read()),
    };
    let shutdown = Shutdown::on_ctrl_c()?;
    let _terminal = keys::at_once(); // until the end of this function
    let keyboard = keyboard();
    while let Some(exercise) = current {
        match watch_one(exercise, &keyboard, shutdown)? {
            Wish::Next => current = after(exercise),
            Wish::Quit => return Ok(()),
        }
    }
    println!("All exercises have passed. `cargo run -- list` shows them.");
    Ok(())
}

/// How the watching of one exercise ends.
enum Wish {
    Next,
    Quit,
}

fn watch_one(
    exercise: &'static Exercise,
    keyboard: &Receiver<u8>,
    shutdown: &Shutdown,
) -> Result<Wish> {
    let path = file(exercise);
    let mut sure = false;
    loop {
        let seen = date(&path);
        // A save or Ctrl+C ends a check that still runs, and the program with it.
        let stop = || shutdown.requested() || date(&path) != seen;
        if check::one(exercise, None, None, &stop)? == Some(true) {
            page::show(&format!("{GOOD}Press n for the next exercise.{GOOD:#}\n"));
        }
        page::show(&format!("{COMMAND}{KEYS}{COMMAND:#}\n"));
        loop {
            if shutdown.requested() {
                return Ok(Wish::Quit);
            }
            if date(&path) != seen {
                break;
            }
            let key = match keyboard.recv_timeout(Duration::from_millis(100)) {
                Ok(key) => key.to_ascii_lowercase(),
                Err(mpsc::RecvTimeoutError::Timeout) => continue,
                Err(mpsc::RecvTimeoutError::Disconnected) => return Ok(Wish::Quit),
            };
            match key {
                b'h' => help::hint(exercise.name)?,
                b'n' => return Ok(Wish::Next),
                b'c' => break,
                b'l' => page::show(&list::list(&progress::read())),
                b'q' => return Ok(Wish::Quit),
                b'r' if sure => help::reset(exercise.name)?,
                b'r' => println!("press r again: your file is kept beside the new one"),
                _ => page::show(&format!("{COMMAND}{KEYS}{COMMAND:#}\n")),
            }
            sure = key == b'r' && !sure;
        }
    }
}

/// The first exercise behind this one that has not passed, or else the first of all.
fn after(exercise: &Exercise) -> Option<&'static Exercise> {
    let progress = progress::read();
    let open = |one: &&Exercise| !progress.has_passed(one.name);
    let all = super::all();
    let place = all.iter().position(|one| one.name == exercise.name)?;
    let mut rest = all[place + 1..].iter().chain(&all[..place]).copied();
    rest.find(open)
}

/// When the file was last written; none while an editor replaces it.
fn date(path: &Path) -> Option<(SystemTime, u64)> {
    let data = fs::metadata(path).ok()?;
    Some((data.modified().ok()?, data.len()))
}

/// The keys that are pressed. From a pipe: the first letter of each line.
fn keyboard() -> Receiver<u8> {
    let (sender, keys) = mpsc::channel();
    let terminal = io::stdin().is_terminal();
    thread::spawn(move || {
        let mut line_begins = true;
        for byte in BufReader::new(io::stdin())
            .bytes()
            .map_while(io::Result::ok)
        {
            let is_key = !byte.is_ascii_whitespace() && (terminal || line_begins);
            line_begins = byte == b'\n';
            if is_key && sender.send(byte).is_err() {
                return;
            }
        }
    });
    keys
}

/// A terminal that gives each key at once, and does not wait for Enter.
#[cfg(unix)]
mod keys {
    use std::io::{self, IsTerminal};

    use nix::sys::termios::{LocalFlags, SetArg, Termios, tcgetattr, tcsetattr};

    /// Dropped, it makes the terminal again what it was.
    pub struct Terminal(Termios);

    pub fn at_once() -> Option<Terminal> {
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
mod keys {
    pub fn at_once() {}
}
