//! What the reader has done: a text file, a line for each step.
//!
//! ```text
//! 01-create run
//! 01-create done
//! 03-connect run
//! line-reader failed 2
//! line-reader hinted 2
//! line-reader passed
//! ```
//!
//! Lines are only ever added at the end. So two terminals that run a server and its
//! client at the same time do not overwrite each other's line, and what a person adds
//! stays.

use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::Once;

use shared::{Context, Result, eprintln};

use crate::workspace::{self, Lesson};

/// The lesson was run.
pub const RUN: &str = "run";
/// The reader can do what it teaches.
pub const DONE: &str = "done";
/// That was taken back.
pub const UNDONE: &str = "undone";

/// The check of an exercise passed.
pub const PASSED: &str = "passed";
/// It failed; behind it stands the hint that helps.
pub const FAILED: &str = "failed";
/// The hint was shown.
pub const HINTED: &str = "hinted";

/// What the checks of an exercise have shown, the better one behind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outcome {
    /// It has only failed so far.
    Failed,
    /// It has passed: what was done stays done.
    Passed,
}

/// How far the reader is with a lesson.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    NotYet,
    Run,
    Done,
}

/// What the file holds.
#[derive(Debug, Default)]
pub struct Progress(String);

impl Progress {
    /// How far the reader is with a lesson.
    pub fn of(&self, lesson: &Lesson) -> State {
        self.state(&lesson.folder)
    }

    /// Whether the lesson in this folder is ticked.
    pub fn is_done(&self, folder: &str) -> bool {
        self.state(folder) == State::Done
    }

    fn state(&self, lesson: &str) -> State {
        let (mut run, mut done) = (false, false);
        for line in self.0.lines() {
            match line.split_whitespace().collect::<Vec<_>>()[..] {
                [folder, step, ..] if folder == lesson => match step {
                    RUN => run = true,
                    DONE => done = true,
                    UNDONE => done = false,
                    _ => {}
                },
                _ => {}
            }
        }
        match (run, done) {
            (_, true) => State::Done,
            (true, false) => State::Run,
            (false, false) => State::NotYet,
        }
    }
}

/// The hints of an exercise.
const HINTS: u8 = 3;

impl Progress {
    /// What the checks of an exercise have shown; none: it was never checked.
    pub fn outcome(&self, exercise: &str) -> Option<Outcome> {
        let steps = self.0.lines().filter_map(|line| {
            let mut words = line.split_whitespace();
            match (words.next()?, words.next()?) {
                (name, PASSED) if name == exercise => Some(Outcome::Passed),
                (name, FAILED) if name == exercise => Some(Outcome::Failed),
                _ => None,
            }
        });
        steps.max()
    }

    /// Whether it has passed at least once.
    pub fn has_passed(&self, exercise: &str) -> bool {
        self.outcome(exercise) == Some(Outcome::Passed)
    }

    /// The hint to show next, from 1: the one that the last failure asks for, and beyond
    /// it when it was shown since.
    pub fn next_hint(&self, exercise: &str) -> u8 {
        let mut next = 1;
        for line in self.0.lines() {
            match line.split_whitespace().collect::<Vec<_>>()[..] {
                [name, step, level] if name == exercise => {
                    let level: u8 = level.parse().unwrap_or(1);
                    match step {
                        FAILED => next = level,
                        HINTED => next = level.saturating_add(1),
                        _ => {}
                    }
                }
                _ => {}
            }
        }
        next.clamp(1, HINTS)
    }
}

/// What the file holds; nothing where there is none. One that cannot be read is no reason to
/// stop, but it is said, once.
pub fn read() -> Progress {
    static SAID: Once = Once::new();
    let file = file();
    match fs::read(&file) {
        Ok(bytes) => Progress(text(&bytes)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Progress::default(),
        Err(error) => {
            SAID.call_once(|| {
                eprintln!(
                    "note: the progress in {} is not read: {error}",
                    file.display()
                );
            });
            Progress::default()
        }
    }
}

/// Lines of words. An editor may have put its mark in front, and one odd byte spoils a line
/// and no other.
fn text(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    text.trim_start_matches('\u{feff}').to_string()
}

/// Adds a line, where it changes something.
///
/// # Errors
/// When the file cannot be written.
pub fn add(lesson: &Lesson, step: &str) -> Result<()> {
    let state = read().of(lesson);
    let changes = match step {
        RUN => state == State::NotYet,
        DONE => state != State::Done,
        _ => state == State::Done,
    };
    if !changes {
        return Ok(());
    }
    note(&lesson.folder, step)
}

/// Adds a line about a lesson or an exercise.
///
/// # Errors
/// When the file cannot be written.
pub fn note(name: &str, step: &str) -> Result<()> {
    let file = file();
    append(&file, &format!("{name} {step}\n"))
        .context(format!("cannot write {}", file.display()))
}

/// Adds a line in one call. A person may have left the last one without its end.
fn append(file: &Path, line: &str) -> io::Result<()> {
    let mut options = File::options();
    let mut file = options.create(true).append(true).read(true).open(file)?;
    let mut last = [b'\n'];
    if file.metadata()?.len() > 0 {
        file.seek(SeekFrom::End(-1))?;
        file.read_exact(&mut last)?;
    }
    match last {
        [b'\n'] => file.write_all(line.as_bytes()),
        _ => file.write_all(format!("\n{line}").as_bytes()),
    }
}

fn file() -> PathBuf {
    let named = std::env::var_os("COURSE_PROGRESS").map(PathBuf::from);
    named.unwrap_or_else(|| workspace::root().join(".progress"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_odd_byte_spoils_its_own_line_and_no_other() {
        let bytes = b"\xef\xbb\xbfline-reader passed\n\xff\xfex\x00\n05-talk done\ntwo-voices passed\n";
        let progress = Progress(text(bytes));
        assert!(progress.has_passed("line-reader") && progress.has_passed("two-voices"));
        assert!(progress.is_done("05-talk"));
    }

    #[test]
    fn the_last_line_about_a_lesson_counts() {
        let lesson = Lesson {
            folder: "03-connect".into(),
            number: "03".into(),
            name: "connect".into(),
            chapters: Vec::new(),
            description: String::new(),
            programs: Vec::new(),
            steps: Vec::new(),
            with_library: None,
        };
        for (text, state) in [
            ("", State::NotYet),
            ("# mine\n\n04-send-recv done\n", State::NotYet),
            ("03-connect run\n", State::Run),
            ("03-connect done\n", State::Done),
            ("03-connect run\n03-connect done\n", State::Done),
            ("03-connect done\n03-connect run\n", State::Done),
            ("03-connect done\n03-connect undone\n", State::NotYet),
            (
                "03-connect run\n03-connect done\n03-connect undone\n",
                State::Run,
            ),
            ("03-connect done on Monday\r\n", State::Done),
        ] {
            assert_eq!(Progress(text.into()).of(&lesson), state, "{text:?}");
        }
    }

    #[test]
    fn what_has_passed_once_stays_passed() {
        for (text, outcome) in [
            ("", None),
            ("echo hinted 1\nechoes passed\n", None),
            ("echo failed 1\n", Some(Outcome::Failed)),
            ("echo failed 1\necho passed\n", Some(Outcome::Passed)),
            ("echo passed\necho failed 1\n", Some(Outcome::Passed)),
            ("echo passed on Monday\r\n", Some(Outcome::Passed)),
        ] {
            let progress = Progress(text.into());
            assert_eq!(progress.outcome("echo"), outcome, "{text:?}");
        }
    }

    #[test]
    fn a_line_that_a_person_left_without_its_end_swallows_no_other() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("progress");
        for (found, kept) in [
            ("", "new\n"),
            ("mine\n", "mine\nnew\n"),
            ("mine", "mine\nnew\n"),
        ] {
            fs::write(&file, found).expect("written");
            append(&file, "new\n").expect("added");
            assert_eq!(fs::read_to_string(&file).expect("read"), kept);
        }
    }
}
