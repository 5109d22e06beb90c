//! The command line.

use std::ffi::OsString;
use std::path::PathBuf;

use checker::Exercise;
use chrono::{DateTime, NaiveDateTime, Utc};
use clap::error::ErrorKind;
use clap::{Parser, ValueEnum, value_parser};
use shared::{Error, Result};

/// Checks what students have handed in: every exercise is compiled and judged in a
/// sandbox, and each step that passes, beyond those that pass in the file as it was handed
/// out, is a point. Nothing of one student harms the next.
#[derive(Debug, Parser)]
#[command(
    name = "grade",
    term_width = 80,
    override_usage = "cargo run -- grade [OPTIONS] FOLDER...",
    help_template = "{about}.\n\nusage: {usage}\n\n{all-args}{after-help}\n",
    after_help = "\
Progress goes to standard error. The exit code is 0 when all was graded,
whatever the points; 1 when something could not be graded, which is not the
student's fault; 2 when the command line was wrong.

example: cargo run -- grade --each submissions --lesson 06
         cargo run -- grade --each submissions --continue --format csv"
)]
struct Typed {
    /// A student's folder, with the exercises' files anywhere in it, by their
    /// names: half-close-echo.rs
    #[arg(value_name = "FOLDER", required_unless_present = "each")]
    folders: Vec<PathBuf>,
    /// Every folder in this one is a student's
    #[arg(long, value_name = "FOLDER")]
    each: Vec<PathBuf>,
    /// Only this exercise; may be given several times
    #[arg(long = "exercise", value_name = "NAME", value_parser = known_exercise)]
    exercises: Vec<String>,
    /// Only the exercises of this lesson; may be given several times
    #[arg(long = "lesson", value_name = "NN", value_parser = known_lesson)]
    lessons: Vec<String>,
    /// Table (for people), csv, excel (CSV with a mark in front), steps (CSV with a row
    /// for each step), junit (XML), gradescope (results.json), or classroom50
    /// (result.json)
    #[arg(long, default_value = "table", hide_possible_values = true)]
    format: Format,
    /// The file to write, without it standard output; for gradescope and classroom50 a
    /// folder, with a folder for each student, when there are several or it exists
    #[arg(long, value_name = "PATH")]
    output: Option<PathBuf>,
    /// A folder for a text for each student: what the checker saw
    #[arg(long, value_name = "FOLDER")]
    feedback: Option<PathBuf>,
    /// Files that were last written after this are marked as late, as in
    /// 2026-12-01T23:59+01:00; without +01:00 it is the time in UTC
    #[arg(long, value_name = "DATE", value_parser = date)]
    due: Option<DateTime<Utc>>,
    /// The random values of all checks; without it another each time
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    /// Goes on where the last run was stopped, with its seed; what is new or changed
    /// since is checked, too
    #[arg(long = "continue")]
    goes_on: bool,
    /// How many checks run at a time; without it as many as there are processors
    #[arg(long, value_name = "N", value_parser = value_parser!(u16).range(1..))]
    jobs: Option<u16>,
}

/// What to grade, and how to report it.
#[derive(Debug)]
pub struct Options {
    pub folders: Vec<PathBuf>,
    /// Folders of students' folders.
    pub each: Vec<PathBuf>,
    /// In the order of the lessons.
    pub exercises: Vec<&'static Exercise>,
    pub format: Format,
    pub output: Option<PathBuf>,
    pub feedback: Option<PathBuf>,
    pub due: Option<DateTime<Utc>>,
    /// None: that of the run that is continued, or another each time.
    pub seed: Option<u64>,
    pub goes_on: bool,
    pub jobs: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    Table,
    Csv,
    Excel,
    Steps,
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

/// What the command line asks for.
#[derive(Debug)]
pub enum Asked {
    Grade(Options),
    Help(String),
}

/// Reads the command line.
pub fn parse(args: impl IntoIterator<Item = OsString>) -> Result<Asked> {
    let args = [OsString::from("grade")].into_iter().chain(args);
    let typed = match Typed::try_parse_from(args) {
        Ok(typed) => typed,
        Err(error) if error.kind() == ErrorKind::DisplayHelp => {
            return Ok(Asked::Help(error.to_string()));
        }
        Err(error) => return Err(two_lines(&error)),
    };
    let is_wanted = |exercise: &&Exercise| {
        (typed.exercises.is_empty() && typed.lessons.is_empty())
            || typed.exercises.iter().any(|name| name == exercise.name)
            || typed.lessons.iter().any(|lesson| is_of(exercise, lesson))
    };
    Ok(Asked::Grade(Options {
        exercises: exercises::all().filter(is_wanted).collect(),
        folders: typed.folders,
        each: typed.each,
        format: typed.format,
        output: typed.output,
        feedback: typed.feedback,
        due: typed.due,
        seed: typed.seed,
        goes_on: typed.goes_on,
        jobs: typed.jobs.map_or_else(processors, usize::from),
    }))
}

/// What went wrong, as every program of the course says it.
fn two_lines(error: &clap::Error) -> Error {
    if error.kind() == ErrorKind::MissingRequiredArgument {
        return Error::usage("no student's folder was named").hint(
            "`cargo run -- grade alice bob`, or all at once: `--each submissions`",
        );
    }
    let text = error.to_string();
    let mut lines = text.lines().map(str::trim);
    let what = lines.next().unwrap_or_default();
    let what = what.trim_start_matches("error: ").to_string();
    let further = lines.find(|line| line.starts_with('[') || line.contains("similar"));
    let further = further.unwrap_or("`cargo run -- grade --help` shows the options");
    Error::usage(what).hint(further.trim_start_matches("tip: ").to_string())
}

fn known_exercise(name: &str) -> std::result::Result<String, &'static str> {
    match exercises::all().any(|exercise| name == exercise.name) {
        true => Ok(name.to_string()),
        false => Err("`cargo run -- list` shows all exercises"),
    }
}

fn known_lesson(lesson: &str) -> std::result::Result<String, &'static str> {
    match exercises::all().any(|exercise| is_of(exercise, lesson)) {
        true => Ok(lesson.to_string()),
        false => Err("it has no exercise; `cargo run -- list` shows all"),
    }
}

/// `06`, `6`, `forever-loop` or `06-forever-loop`.
fn is_of(exercise: &Exercise, lesson: &str) -> bool {
    let number = |text: &str| text.parse::<u8>().ok();
    let own = exercise.lesson.get(..2).and_then(number);
    lesson == exercise.lesson
        || lesson == exercise.lesson_name()
        || (own.is_some() && number(lesson) == own)
}

/// The error where one file would have to hold several students.
pub fn needs_folder() -> Error {
    Error::usage("this format is a file for each student, and there are several")
        .hint("name a folder for them, as in --output results")
}

/// A date, or a date and a time; without an offset it is UTC.
fn date(text: &str) -> std::result::Result<DateTime<Utc>, &'static str> {
    let text = text.trim().replace(' ', "T");
    for format in ["%Y-%m-%dT%H:%M%:z", "%Y-%m-%dT%H:%M:%S%:z"] {
        if let Ok(date) = DateTime::parse_from_str(&text.replace('Z', "+00:00"), format) {
            return Ok(date.to_utc());
        }
    }
    for format in ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"] {
        if let Ok(date) = NaiveDateTime::parse_from_str(&text, format) {
            return Ok(date.and_utc());
        }
    }
    Err("as in 2026-12-01T23:59, or 2026-12-01T23:59+01:00")
}

fn processors() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

/// From the clock, in a form that is easily typed.
pub fn fresh_seed() -> u64 {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    now.map_or(1, |now| u64::from(now.subsec_micros()) + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(line: &str) -> Result<Options> {
        match parse(line.split_whitespace().map(OsString::from))? {
            Asked::Grade(options) => Ok(options),
            Asked::Help(page) => panic!("{page}"),
        }
    }

    #[test]
    fn the_command_line_is_declared_without_contradiction() {
        <Typed as clap::CommandFactory>::command().debug_assert();
    }

    #[test]
    fn a_lesson_has_several_names_and_its_exercises_only() {
        for lesson in ["6", "06", "forever-loop", "06-forever-loop"] {
            let options = parsed(&format!("a b --lesson {lesson}")).expect(lesson);
            assert_eq!(options.folders.len(), 2);
            let all = exercises::all().filter(|one| one.lesson == "06-forever-loop");
            assert_eq!(options.exercises.len(), all.count(), "{lesson}");
        }
    }

    #[test]
    fn a_date_is_utc_or_says_how_far_it_is_from_that() {
        let seconds = |text| date(text).expect(text).timestamp();
        let utc = seconds("2026-12-01T22:59");
        for same in [
            "2026-12-01 22:59",
            "2026-12-01T23:59+01:00",
            "2026-12-01T22:59:00Z",
        ] {
            assert_eq!(seconds(same), utc, "{same}");
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
            "a --due tomorrow",
            "a --jobs 0",
            "a --output",
            "a --each",
            "a -x",
        ] {
            assert_eq!(parsed(line).expect_err(line).exit_code(), 2, "{line}");
        }
    }
}
