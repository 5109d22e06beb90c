//! The command line of the guide.

use std::ffi::OsString;
use std::path::PathBuf;

use lexopt::{Arg, ValueExt};
use shared::{Error, Result};

use crate::exercise::check::Wanted;
use crate::workspace;

pub const HELP: &str = "\
The guide of the course. Without a command it shows the map: the lessons, what
you have done, and what is next.

usage: cargo run -- [COMMAND]

  run LESSON [ARGUMENTS]  run a lesson's program: by number (03), by name
                          (connect), or one of its other programs (talk-client);
                          step 2 of its ladder as 03.2
                            --diff N       show what step N changes
  done LESSON             tick a lesson as done; undone LESSON takes it back
  book                    build the book, and show it in the browser
                            --no-open      only print the address
                            --port N       the port, 0 for any (3000)
                            --build-only   build it, and serve nothing
                            --dest FOLDER  where its pages go (book/)
  check [EXERCISE]        check an exercise by talking to your program: one by its
                          name, those of a lesson (06), all, or the next one
                            --command LINE  check this program instead, as in
                                            --command 'python3 mine.py'
                            --seed N        the same random values again
  watch [EXERCISE]        check at each save; keys for hint, next, list, reset, quit
  hint EXERCISE           a hint; the same again goes further
  solution EXERCISE       a solution, after a pass; before it with --peek
  reset EXERCISE          begin again; your file is kept beside it
  list                    all exercises, and which of them have passed
  doctor                  check what the lessons need of this machine; exit code
                          1 when a lesson cannot be done in any form

For a teacher:

  grade FOLDER...         check what students have handed in, a folder for each
                            --each FOLDER    all folders in this one
                            --format FORMAT  csv, junit, gradescope, classroom50
                            --help           tells the others
  handout FOLDER          write the course without its answers into a new folder

What you did is kept in the file .progress, a line each. COURSE_PROGRESS in the
environment names another file, COURSE_ROOT another copy of the course.

example: cargo run -- run 03 example.com:80
";

/// What the reader wants.
#[derive(Debug, PartialEq, Eq)]
pub enum Task {
    Map,
    Help,
    Run { word: String, args: Vec<OsString> },
    Book { args: Vec<OsString> },
    Doctor,
    Check(Wanted),
    Watch(Option<String>),
    Hint(String),
    Solution { name: String, peek: bool },
    Reset(String),
    List,
    Grade { args: Vec<OsString> },
    Handout(PathBuf),
    Done(String),
    Undone(String),
}

const COMMANDS: [&str; 14] = [
    "run", "done", "undone", "book", "doctor", "check", "watch", "hint", "solution",
    "reset", "list", "grade", "handout", "help",
];

/// Reads the command line.
pub fn parse(
    args: impl IntoIterator<Item = OsString, IntoIter: 'static>,
) -> Result<Task> {
    let mut parser = lexopt::Parser::from_args(args);
    let command = match parser.next().map_err(unreadable)? {
        None => return Ok(Task::Map),
        Some(Arg::Long("help") | Arg::Short('h')) => return Ok(Task::Help),
        Some(Arg::Value(command)) => text(command)?,
        Some(option) => return Err(unknown_option(&option)),
    };
    match command.as_str() {
        "help" => Ok(Task::Help),
        "run" => run(parser),
        "book" => book(parser),
        "doctor" => nothing_more(parser, Task::Doctor),
        "check" => check(parser),
        "watch" => watch(parser),
        "hint" => exercise(parser, |name, _| Task::Hint(name)),
        "solution" => exercise(parser, |name, peek| Task::Solution { name, peek }),
        "reset" => exercise(parser, |name, _| Task::Reset(name)),
        "list" => nothing_more(parser, Task::List),
        // Its package reads its own command line.
        "grade" => {
            let args = parser.raw_args().map_err(unreadable)?.collect();
            Ok(Task::Grade { args })
        }
        "handout" => handout(parser),
        "done" => lesson(&mut parser)
            .and_then(|task| nothing_more(parser, task.map_or(Task::Help, Task::Done))),
        "undone" => lesson(&mut parser)
            .and_then(|task| nothing_more(parser, task.map_or(Task::Help, Task::Undone))),
        _ => Err(unknown_command(&command)),
    }
}

/// Everything behind the lesson is the lesson's own, options included, with or without
/// a `--` between.
fn run(mut parser: lexopt::Parser) -> Result<Task> {
    let Some(word) = lesson(&mut parser)? else {
        return Ok(Task::Help);
    };
    let mut args: Vec<_> = parser.raw_args().map_err(unreadable)?.collect();
    if args.first().is_some_and(|first| first == "--") {
        args.remove(0);
    }
    Ok(Task::Run { word, args })
}

fn check(mut parser: lexopt::Parser) -> Result<Task> {
    let mut wanted = Wanted::default();
    while let Some(arg) = parser.next().map_err(unreadable)? {
        match arg {
            Arg::Long("help") | Arg::Short('h') => return Ok(Task::Help),
            Arg::Long("command") => {
                wanted.command = Some(text(parser.value().map_err(unreadable)?)?);
            }
            Arg::Long("seed") => {
                let seed = parser.value().map_err(unreadable)?;
                let number = seed.parse().map_err(|_| {
                    let what = format!("`{}` is not a seed", seed.display());
                    Error::usage(what)
                        .hint("a seed is a whole number, as a check prints it")
                })?;
                wanted.seed = Some(number);
            }
            Arg::Value(word) if wanted.word.is_none() => wanted.word = Some(text(word)?),
            other => return Err(unknown_option(&other)),
        }
    }
    Ok(Task::Check(wanted))
}

/// Without a word behind it, it watches the next exercise.
fn watch(mut parser: lexopt::Parser) -> Result<Task> {
    match parser.next().map_err(unreadable)? {
        None => Ok(Task::Watch(None)),
        Some(Arg::Long("help") | Arg::Short('h')) => Ok(Task::Help),
        Some(Arg::Value(word)) => nothing_more(parser, Task::Watch(Some(text(word)?))),
        Some(option) => Err(unknown_option(&option)),
    }
}

/// The exercise behind a command, and whether `--peek` stands there.
fn exercise(
    mut parser: lexopt::Parser,
    task: impl Fn(String, bool) -> Task,
) -> Result<Task> {
    let (mut name, mut peek) = (None, false);
    while let Some(arg) = parser.next().map_err(unreadable)? {
        match arg {
            Arg::Long("help") | Arg::Short('h') => return Ok(Task::Help),
            Arg::Long("peek")
                if matches!(task(String::new(), true), Task::Solution { .. }) =>
            {
                peek = true;
            }
            Arg::Value(word) if name.is_none() => name = Some(text(word)?),
            other => return Err(unknown_option(&other)),
        }
    }
    let name = name.ok_or_else(|| {
        Error::usage("no exercise was named").hint("`cargo run -- list` shows them")
    })?;
    Ok(task(name, peek))
}

fn handout(mut parser: lexopt::Parser) -> Result<Task> {
    match parser.next().map_err(unreadable)? {
        Some(Arg::Long("help") | Arg::Short('h')) => Ok(Task::Help),
        Some(Arg::Value(folder)) => nothing_more(parser, Task::Handout(folder.into())),
        Some(option) => Err(unknown_option(&option)),
        None => Err(Error::usage("no folder was named")
            .hint("name a new one, as in `cargo run -- handout ../handout`")),
    }
}

/// The book's options are checked here, before its package is built for a minute.
fn book(mut parser: lexopt::Parser) -> Result<Task> {
    let mut args: Vec<OsString> = Vec::new();
    while let Some(arg) = parser.next().map_err(unreadable)? {
        match arg {
            Arg::Long("help") | Arg::Short('h') => return Ok(Task::Help),
            Arg::Long("no-open") => args.push("--no-open".into()),
            Arg::Long("build-only") => args.push("--build-only".into()),
            Arg::Long("port") => {
                let port = parser.value().map_err(unreadable)?;
                let port: u16 = port.parse().map_err(|_| {
                    let what = format!("`{}` is not a port", port.display());
                    Error::usage(what).hint("ports go from 0 (any) to 65535")
                })?;
                args.extend(["--port".into(), port.to_string().into()]);
            }
            Arg::Long("dest") => {
                args.extend(["--dest".into(), parser.value().map_err(unreadable)?]);
            }
            other => return Err(unknown_option(&other)),
        }
    }
    Ok(Task::Book { args })
}

/// The lesson behind `run`, `done` or `undone`; none where help was asked for.
fn lesson(parser: &mut lexopt::Parser) -> Result<Option<String>> {
    match parser.next().map_err(unreadable)? {
        Some(Arg::Long("help") | Arg::Short('h')) => Ok(None),
        Some(Arg::Value(word)) => text(word).map(Some),
        Some(option) => Err(unknown_option(&option)),
        None => Err(Error::usage("no lesson was named")
            .hint("name one by number or name, as in `cargo run -- run 01`")),
    }
}

fn nothing_more(mut parser: lexopt::Parser, task: Task) -> Result<Task> {
    match parser.next().map_err(unreadable)? {
        None => Ok(task),
        Some(Arg::Long("help") | Arg::Short('h')) => Ok(Task::Help),
        Some(Arg::Value(value)) => {
            let what = format!("one argument too many: `{}`", value.display());
            Err(Error::usage(what).hint("`cargo run -- --help` shows the commands"))
        }
        Some(option) => Err(unknown_option(&option)),
    }
}

fn unknown_command(command: &str) -> Error {
    let error = Error::usage(format!("unknown command `{command}`"));
    // `cargo run -- 03` can only mean one thing.
    let lessons = workspace::lessons(&workspace::root()).unwrap_or_default();
    if workspace::find(&lessons, command).is_ok() {
        return error.hint(format!("did you mean `cargo run -- run {command}`?"));
    }
    match workspace::nearest(command, COMMANDS) {
        Some(near) => error.hint(format!("did you mean `cargo run -- {near}`?")),
        None => error.hint("`cargo run -- --help` shows the commands"),
    }
}

fn unknown_option(option: &Arg<'_>) -> Error {
    let name = match option {
        Arg::Long(name) => format!("unknown option `--{name}`"),
        Arg::Short(letter) => format!("unknown option `-{letter}`"),
        Arg::Value(value) => format!("one argument too many: `{}`", value.display()),
    };
    let error = Error::usage(name);
    let options = [
        "help",
        "no-open",
        "port",
        "build-only",
        "dest",
        "command",
        "seed",
        "peek",
    ];
    match option {
        // One that another command takes was not mistyped.
        Arg::Long(name) if !options.contains(name) => {
            match workspace::nearest(name, options) {
                Some(near) => error.hint(format!("did you mean `--{near}`?")),
                None => error.hint("`cargo run -- --help` shows the options"),
            }
        }
        _ => error.hint("`cargo run -- --help` shows the options"),
    }
}

fn unreadable(error: lexopt::Error) -> Error {
    Error::usage(error.to_string()).hint("`cargo run -- --help` shows the options")
}

fn text(value: OsString) -> Result<String> {
    value.into_string().map_err(|value| {
        Error::usage(format!("`{}` is not UTF-8", value.display()))
            .hint("commands and lessons are plain text")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(line: &str) -> Result<Task> {
        let words: Vec<OsString> = line.split_whitespace().map(OsString::from).collect();
        parse(words)
    }

    #[test]
    fn what_stands_behind_the_lesson_is_the_lessons_own() {
        for line in ["run 03 --help -x", "run 03 -- --help -x"] {
            let args = ["--help", "-x"].map(OsString::from).to_vec();
            let word = "03".to_string();
            assert_eq!(parsed(line).expect(line), Task::Run { word, args });
        }
    }

    #[test]
    fn help_is_asked_for_in_every_usual_way() {
        for line in [
            "help",
            "--help",
            "-h",
            "run --help",
            "done -h",
            "book --help",
        ] {
            assert_eq!(parsed(line).expect(line), Task::Help, "{line}");
        }
    }

    #[test]
    fn a_wrong_command_line_is_exit_code_2() {
        for line in [
            "run",
            "done",
            "--map",
            "-x",
            "dcotor",
            "done 01 02",
            "doctor now",
            "book now",
            "book --port",
            "book --port 70000",
            "book --watch",
            "watch --seed 5",
            "watch --sed",
            "watch -x",
            "watch 06 --seed 5",
            "watch 06 07",
        ] {
            assert_eq!(parsed(line).expect_err(line).exit_code(), 2, "{line}");
        }
    }

    #[test]
    fn watch_goes_without_an_exercise_and_with_one() {
        for (line, word) in [("watch", None), ("watch 06", Some("06".to_string()))] {
            assert_eq!(parsed(line).expect(line), Task::Watch(word), "{line}");
        }
        assert_eq!(parsed("watch --help").expect("help"), Task::Help);
    }

    #[cfg(unix)]
    #[test]
    fn an_exercise_that_is_no_text_is_exit_code_2() {
        use std::os::unix::ffi::OsStringExt;
        for command in ["watch", "check"] {
            let word = OsString::from_vec(b"\xff".to_vec());
            let error = parse([command.into(), word]).expect_err(command);
            assert_eq!(error.exit_code(), 2, "{command}");
        }
    }

    #[test]
    fn an_option_of_another_command_is_not_offered_again() {
        let report = parsed("watch --seed 5").expect_err("no option").report();
        assert!(!report.contains("did you mean"), "{report}");
        let report = parsed("check --sed 5").expect_err("a slip").report();
        assert!(report.contains("did you mean `--seed`?"), "{report}");
    }
}
