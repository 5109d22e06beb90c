//! The commands of the guide, each in one place: help, parsing and suggestions come from
//! this table.

use std::ffi::OsString;
use std::path::PathBuf;

use shared::Result;

use crate::args::{Given, help, help_of, text};

/// What `check` was asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wanted {
    /// An exercise, a lesson, or `all`; none: the next one.
    pub word: Option<String>,
    /// Another program than the exercise's file, with its arguments.
    pub command: Option<String>,
    /// For the random values.
    pub seed: Option<u64>,
    /// Whether the talk is wanted as a picture.
    pub picture: bool,
    /// The file of the picture; none: it is opened.
    pub save: Option<PathBuf>,
}

/// What the reader wants.
#[derive(Debug, PartialEq, Eq)]
pub enum Task {
    Map,
    /// The page to show.
    Help(String),
    Run {
        word: String,
        args: Vec<OsString>,
    },
    Book {
        args: Vec<OsString>,
    },
    Trace {
        args: Vec<OsString>,
    },
    Doctor,
    Start(String),
    Check(Wanted),
    Watch(Option<String>),
    Hint(String),
    Solution {
        name: String,
        peek: bool,
    },
    Reset(String),
    List,
    Grade {
        args: Vec<OsString>,
    },
    Handout(PathBuf),
    Done(String),
    Undone(String),
}

/// A command, as it is typed after `cargo run --`.
pub struct Command {
    pub name: &'static str,
    /// What is typed after it: `LESSON` has to be there, `[EXERCISE]` may be. From `...` on
    /// all is passed on as it is, options included.
    pub takes: &'static str,
    /// What it does, in one line.
    pub about: &'static str,
    /// What else its own help says.
    pub more: &'static str,
    pub options: &'static [Flag],
    pub task: fn(Given) -> Result<Task>,
}

/// An option: its name, its value (empty: it has none), and what it does.
pub struct Flag(pub &'static str, pub &'static str, pub &'static str);

pub const LEARNER: &[Command] = &[
    command(
        "run",
        "LESSON ...",
        "run a lesson's program, or one of its steps",
        |mut it| {
            Ok(Task::Run {
                word: it.text()?,
                args: it.rest,
            })
        },
    )
    .more(
        "LESSON is a number (03), a name (connect), another program of a lesson
(talk-client), or a step on the way to one (06.2, talk.1). What stands after it
is for the program.",
    )
    .options(&[Flag(
        "diff",
        "N",
        "show what step N changes, and run nothing",
    )]),
    command("done", "LESSON", "tick a lesson as done", |mut it| {
        it.text().map(Task::Done)
    }),
    command("undone", "LESSON", "take the tick back", |mut it| {
        it.text().map(Task::Undone)
    }),
    command(
        "book",
        "",
        "build the book, and show it in the browser",
        |it| {
            // The options are checked here, before its package is built for a minute.
            it.number::<u16>("port", "ports go from 0 (any) to 65535")?;
            Ok(Task::Book {
                args: it.options_again(),
            })
        },
    )
    .options(&[
        Flag("no-open", "", "only print the address"),
        Flag("port", "N", "the port, 0 for any (3000)"),
        Flag("build-only", "", "build it, and serve nothing"),
        Flag("dest", "FOLDER", "where its pages go (book/)"),
    ]),
    // Its package reads its own command line.
    command(
        "trace",
        "...",
        "record a run, and draw its calls and segments",
        |it| Ok(Task::Trace { args: it.rest }),
    )
    .more(
        "`list` names the runs of the book; a name records that run here and now, and
opens its picture (`--save FILE` keeps it). `-- PROGRAM ... -- PROGRAM ...`
records your own programs. With `--watch` in front, what happens is printed
while it happens. Linux, with strace.",
    ),
    command(
        "start",
        "EXERCISE",
        "make your file for an exercise, and say where it is",
        |mut it| it.text().map(Task::Start),
    ),
    command(
        "check",
        "[EXERCISE]",
        "check an exercise by talking to your program",
        |mut it| {
            Ok(Task::Check(Wanted {
                command: it.value("command").map(text).transpose()?,
                seed: it.number("seed", "a check prints its seed, a whole number")?,
                save: it.value("save").map(Into::into),
                picture: it.value("picture").is_some(),
                word: it.optional_text()?,
            }))
        },
    )
    .more(
        "EXERCISE is a name, a lesson (06) for all of its exercises, or `all`; without
it, the next one is checked.",
    )
    .options(&[
        Flag("command", "LINE", "check this program: 'python3 mine.py'"),
        Flag("seed", "N", "the same random values again"),
        Flag(
            "picture",
            "",
            "draw the talk with your program, up to the step that failed",
        ),
        Flag(
            "save",
            "FILE",
            "write that picture to FILE, and open nothing",
        ),
    ]),
    command("watch", "[EXERCISE]", "check at each save", |mut it| {
        it.optional_text().map(Task::Watch)
    })
    .more("Keys are for hint, next, list, reset and quit."),
    command(
        "hint",
        "EXERCISE",
        "a hint; the same again goes further",
        |mut it| it.text().map(Task::Hint),
    ),
    command(
        "solution",
        "EXERCISE",
        "a solution, after your program has passed",
        |mut it| {
            Ok(Task::Solution {
                peek: it.value("peek").is_some(),
                name: it.text()?,
            })
        },
    )
    .options(&[Flag("peek", "", "show it before")]),
    command(
        "reset",
        "EXERCISE",
        "begin again; your file is kept beside it",
        |mut it| it.text().map(Task::Reset),
    ),
    command(
        "list",
        "",
        "all exercises, and which of them have passed",
        |_| Ok(Task::List),
    ),
    command(
        "doctor",
        "",
        "check what the lessons need of this machine",
        |_| Ok(Task::Doctor),
    )
    .more("The exit code is 1 when a lesson cannot be done in any form."),
    command(
        "help",
        "[COMMAND]",
        "this page, or the help of a command",
        |mut it| {
            Ok(Task::Help(match it.optional_text()? {
                Some(name) => help_of(&name)?,
                None => help(),
            }))
        },
    ),
];

pub const TEACHER: &[Command] = &[
    // Its package reads its own command line.
    command("grade", "...", "check what students have handed in", |it| {
        Ok(Task::Grade { args: it.rest })
    }),
    command(
        "handout",
        "FOLDER",
        "write the course without its answers",
        |mut it| Ok(Task::Handout(it.word()?.into())),
    ),
];

const fn command(
    name: &'static str,
    takes: &'static str,
    about: &'static str,
    task: fn(Given) -> Result<Task>,
) -> Command {
    Command {
        name,
        takes,
        about,
        more: "",
        options: &[],
        task,
    }
}

impl Command {
    const fn more(self, more: &'static str) -> Self {
        Self { more, ..self }
    }

    const fn options(self, options: &'static [Flag]) -> Self {
        Self { options, ..self }
    }
}
