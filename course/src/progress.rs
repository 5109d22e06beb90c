//! What the reader has done: a text file, a line for each step.
//!
//! ```text
//! 01-create run
//! 01-create done
//! 03-connect run
//! ```
//!
//! Lines are only ever added at the end. So two terminals that run a server and its
//! client at the same time do not overwrite each other's line, and what a person adds
//! stays.

use std::fs::{self, File};
use std::io::Write;
use std::path::PathBuf;

use shared::{Context, Result};

use crate::workspace::{self, Lesson};

/// The lesson was run.
pub const RUN: &str = "run";
/// The reader can do what it teaches.
pub const DONE: &str = "done";
/// That was taken back.
pub const UNDONE: &str = "undone";

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
        let (mut run, mut done) = (false, false);
        for line in self.0.lines() {
            match line.split_whitespace().collect::<Vec<_>>()[..] {
                [folder, step, ..] if folder == lesson.folder => match step {
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

/// What the file holds; nothing where there is none.
pub fn read() -> Progress {
    Progress(fs::read_to_string(file()).unwrap_or_default())
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
    let file = file();
    let line = format!("{} {step}\n", lesson.folder);
    File::options()
        .create(true)
        .append(true)
        .open(&file)
        .and_then(|mut file| file.write_all(line.as_bytes()))
        .context(format!("cannot write {}", file.display()))
}

fn file() -> PathBuf {
    let named = std::env::var_os("COURSE_PROGRESS").map(PathBuf::from);
    named.unwrap_or_else(|| workspace::root().join(".progress"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_line_about_a_lesson_counts() {
        let lesson = Lesson {
            folder: "03-connect".into(),
            number: "03".into(),
            name: "connect".into(),
            description: String::new(),
            programs: Vec::new(),
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
}
