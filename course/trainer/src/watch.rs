//! `watch`: every save is checked at once.
//!
//! The file's date is looked at a hundred times a second. That is all a watcher for one file
//! needs, it works on every file system, and nobody waits for a library to compile.

use std::fs;
use std::path::Path;
use std::sync::mpsc::RecvTimeoutError;
use std::time::{Duration, SystemTime};

use checker::Exercise;
use shared::{Error, Result, StopSignal, eprintln, println};

use crate::build::make_newer;
use crate::check::{self, Checked};
use crate::choice::{after, first_open, meant, next};
use crate::keyboard::{Keyboard, keys_at_once};
use crate::{help, list, mine};
use course::page::{self, COMMAND, GOOD};
use course::progress;
use course::workspace::Lesson;

const KEYS: &str = "h hint   n next   c check again   l list   r reset   q quit";

/// A look is one stat(2), and who saves waits for the next.
const BETWEEN_TWO_LOOKS: Duration = Duration::from_millis(10);

/// The keys that a running check gives way to.
const AT_ONCE: &[u8] = b"ncrq";

/// Watches one exercise after another, until the learner quits.
pub fn watch(lessons: &[Lesson], word: Option<&str>) -> Result<()> {
    let mut current = match word {
        Some(word) => first_open(&meant(lessons, word)?, &progress::read()),
        None => next(&progress::read()),
    };
    let _terminal = keys_at_once(); // until the end of this function
    let signal = StopSignal::watch()?;
    let keyboard = Keyboard::open();
    while let Some(exercise) = current {
        match watch_one(exercise, &keyboard, signal) {
            Wish::Next => current = after(exercise, &progress::read()),
            Wish::Quit => return Ok(()),
        }
        if current.is_some_and(|next| next.name == exercise.name) {
            println!("{} is the only one that has not passed", exercise.name);
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

/// Checks an exercise now, and again at each save, until the learner wants something else.
fn watch_one(
    exercise: &'static Exercise,
    keyboard: &Keyboard,
    signal: &StopSignal,
) -> Wish {
    let path = mine::file(exercise);
    let mut sure = false;
    loop {
        tell(mine::begun(exercise).err());
        tell(make_newer(exercise).err()); // not while it is watched
        let seen = date(&path);
        // They end a check that still runs, or a build, and the program with it.
        let saved = || date(&path).is_some_and(|now| Some(now) != seen);
        let stop = || signal.requested() || saved() || keyboard.holds(AT_ONCE);
        check_once(exercise, &stop);
        loop {
            if signal.requested() {
                return Wish::Quit;
            }
            if saved() {
                break;
            }
            let key = match keyboard.key(BETWEEN_TWO_LOOKS) {
                Ok(key) => key,
                Err(RecvTimeoutError::Timeout) => continue,
                Err(RecvTimeoutError::Disconnected) => {
                    println!("standard input has ended, and the watch with it");
                    return Wish::Quit;
                }
            };
            match pressed(key, exercise, &mut sure) {
                After::Key => {}
                After::Check => break,
                After::Watch(wish) => return wish,
            }
        }
    }
}

/// A check, and the keys that can be pressed now; of one that was ended nothing is said.
fn check_once(exercise: &'static Exercise, stop: &dyn Fn() -> bool) {
    let checked = check::one(exercise, &Checked::default(), stop);
    if matches!(checked, Ok(Some(true))) {
        page::show(&format!("{GOOD}Press n for the next exercise.{GOOD:#}\n"));
    }
    if !matches!(checked, Ok(None)) {
        show_keys();
    }
    tell(checked.err());
}

/// What comes after a key.
enum After {
    Key,
    Check,
    Watch(Wish),
}

/// Does what a key is for. A reset wants it twice: after the first one the learner is `sure`.
fn pressed(key: u8, exercise: &Exercise, sure: &mut bool) -> After {
    let twice = key == b'r' && *sure;
    *sure = key == b'r' && !*sure;
    match key {
        b'n' => return After::Watch(Wish::Next),
        b'q' => return After::Watch(Wish::Quit),
        b'c' => return After::Check,
        b'h' => tell(help::hint(exercise.name).err()),
        b'l' => page::show(&list::list(&progress::read())),
        b'r' if twice => match mine::reset(exercise.name) {
            Ok(()) => return After::Check,
            error => tell(error.err()),
        },
        b'r' => println!("press r again: your file is kept beside the new one"),
        _ => show_keys(),
    }
    After::Key
}

fn show_keys() {
    page::show(&format!("{COMMAND}{KEYS}{COMMAND:#}\n"));
}

/// An error ends what a key asked for, not the watch.
fn tell(error: Option<Error>) {
    if let Some(error) = error {
        eprintln!("{}", error.report());
    }
}

/// When the file was last written, and how long it is; none while an editor replaces it, for a
/// moment by nothing or by an empty file.
fn date(path: &Path) -> Option<(SystemTime, u64)> {
    let data = fs::metadata(path).ok()?;
    let is_written = data.is_file() && data.len() > 0;
    is_written.then_some((data.modified().ok()?, data.len()))
}
