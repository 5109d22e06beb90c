//! The command line.

use std::ffi::OsString;
use std::path::PathBuf;

use checker::Exercise;
use lexopt::{Arg, ValueExt};
use shared::{Error, Result};

pub const HELP: &str = "\
Checks what students have handed in: every exercise is compiled and judged in a
cage, and each step that passes is a point. Nothing of one student harms the next.

usage: cargo run -- grade [OPTIONS] FOLDER...

  FOLDER             a student's folder, with the exercises' files anywhere in it,
                     by their names: half-close-echo.rs
  --each FOLDER      every folder in this one is a student's
  --exercise NAME    only this exercise; may be given several times
  --lesson NN        only the exercises of this lesson; may be given several times
  --format FORMAT    table (for people, without it), csv, junit (XML),
                     gradescope (results.json) or classroom50 (result.json)
  --output PATH      the file to write, without it standard output; a folder for
                     gradescope and classroom50 when there are several students
  --seed N           the random values of all checks; without it another each time

Progress goes to standard error. Exit code 0: all was graded, whatever the points;
1: something could not be graded, which is not the student's fault; 2: the command
line was wrong.

example: cargo run -- grade --each submissions --lesson 06
";

/// What to grade, and how to tell it.
#[derive(Debug)]
pub struct Options {
    pub folders: Vec<PathBuf>,
    /// Folders of students' folders.
    pub each: Vec<PathBuf>,
    /// In the order of the lessons.
    pub exercises: Vec<&'static Exercise>,
    pub format: Format,
    pub output: Option<PathBuf>,
    pub seed: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    Table,
    Csv,
    Junit,
    Gradescope,
    Classroom50,
}

impl Format {
    /// Whether it is a file for one student.
    pub fn is_for_one(self) -> bool {
        matches!(self, Self::Gradescope | Self::Classroom50)
    }
}

/// Reads the command line; none: help was asked for.
pub fn parse(
    args: impl IntoIterator<Item = OsString, IntoIter: 'static>,
) -> Result<Option<Options>> {
    let mut parser = lexopt::Parser::from_args(args);
    let (mut folders, mut each) = (Vec::new(), Vec::new());
    let (mut names, mut lessons) = (Vec::new(), Vec::new());
    let (mut format, mut output, mut seed) = (Format::Table, None, None);
    while let Some(arg) = parser.next().map_err(unreadable)? {
        match arg {
            Arg::Long("help") | Arg::Short('h') => return Ok(None),
            Arg::Long("each") => each.push(parser.value().map_err(unreadable)?.into()),
            Arg::Long("exercise") => {
                names.push(parser.value().map_err(unreadable)?);
            }
            Arg::Long("lesson") => lessons.push(parser.value().map_err(unreadable)?),
            Arg::Long("format") => {
                format = named_format(&parser.value().map_err(unreadable)?)?;
            }
            Arg::Long("output") => {
                output = Some(parser.value().map_err(unreadable)?.into());
            }
            Arg::Long("seed") => {
                let value = parser.value().map_err(unreadable)?;
                seed = Some(value.parse().map_err(|_| {
                    Error::usage(format!("`{}` is not a seed", value.display()))
                        .hint("a seed is a whole number, as `grade` prints it")
                })?);
            }
            Arg::Value(folder) => folders.push(folder.into()),
            other => return Err(unreadable(other.unexpected())),
        }
    }
    if folders.is_empty() && each.is_empty() {
        return Err(Error::usage("no student's folder was named").hint(
            "`cargo run -- grade alice bob`, or all at once: `--each submissions`",
        ));
    }
    Ok(Some(Options {
        folders,
        each,
        exercises: wanted(&names, &lessons)?,
        format,
        output,
        seed: seed.unwrap_or_else(fresh_seed),
    }))
}

/// The exercises that are named, or all.
fn wanted(names: &[OsString], lessons: &[OsString]) -> Result<Vec<&'static Exercise>> {
    for name in names {
        if !exercises::all().any(|exercise| name == exercise.name) {
            let what = format!("there is no exercise `{}`", name.display());
            return Err(
                Error::usage(what).hint("`cargo run -- list` shows all exercises")
            );
        }
    }
    for lesson in lessons {
        if !exercises::all().any(|exercise| is_of(exercise, lesson)) {
            let what = format!("there is no exercise in lesson `{}`", lesson.display());
            return Err(
                Error::usage(what).hint("`cargo run -- list` shows all exercises")
            );
        }
    }
    let is_wanted = |exercise: &&Exercise| {
        (names.is_empty() && lessons.is_empty())
            || names.iter().any(|name| name == exercise.name)
            || lessons.iter().any(|lesson| is_of(exercise, lesson))
    };
    Ok(exercises::all().filter(is_wanted).collect())
}

/// `06`, `6`, `forever-loop` or `06-forever-loop`.
fn is_of(exercise: &Exercise, lesson: &OsString) -> bool {
    let number = |text: &str| text.parse::<u8>().ok();
    let lesson = lesson.to_string_lossy();
    let own = exercise.lesson.get(..2).and_then(number);
    lesson == exercise.lesson
        || lesson == exercise.lesson_name()
        || (own.is_some() && number(&lesson) == own)
}

fn named_format(name: &OsString) -> Result<Format> {
    match name.to_string_lossy().as_ref() {
        "table" => Ok(Format::Table),
        "csv" => Ok(Format::Csv),
        "junit" => Ok(Format::Junit),
        "gradescope" => Ok(Format::Gradescope),
        "classroom50" => Ok(Format::Classroom50),
        _ => Err(
            Error::usage(format!("there is no format `{}`", name.display()))
                .hint("it is one of table, csv, junit, gradescope and classroom50"),
        ),
    }
}

/// The error where one file would have to hold several students.
pub fn needs_folder() -> Error {
    Error::usage("this format is a file for each student, and there are several")
        .hint("name a folder for them, as in --output results")
}

fn unreadable(error: lexopt::Error) -> Error {
    Error::usage(error.to_string()).hint("`cargo run -- grade --help` shows the options")
}

/// From the clock, in a form that is easily typed.
fn fresh_seed() -> u64 {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    now.map_or(1, |now| u64::from(now.subsec_micros()) + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(line: &str) -> Result<Option<Options>> {
        let words: Vec<OsString> = line.split_whitespace().map(OsString::from).collect();
        parse(words)
    }

    #[test]
    fn a_lesson_has_several_names_and_its_exercises_only() {
        for lesson in ["6", "06", "forever-loop", "06-forever-loop"] {
            let options = parsed(&format!("a b --lesson {lesson}")).expect(lesson);
            let options = options.expect("no help");
            assert_eq!(options.folders.len(), 2);
            let all = exercises::all().filter(|one| one.lesson == "06-forever-loop");
            assert_eq!(options.exercises.len(), all.count(), "{lesson}");
        }
    }

    #[test]
    fn a_wrong_command_line_is_exit_code_2() {
        for line in [
            "",
            "a --format pdf",
            "a --exercise nothing",
            "a --lesson 99",
            "a --seed x",
            "a --output",
            "a --each",
            "a -x",
        ] {
            assert_eq!(parsed(line).expect_err(line).exit_code(), 2, "{line}");
        }
    }
}
