//! Running a program of the workspace, as `cargo run -p PACKAGE --bin PROGRAM` would.

use std::ffi::OsString;
use std::process::{Command, ExitCode};

use shared::{Context, Error, Result, eprintln};

use course::workspace::{self, Lesson};
use course::{page, progress};

use crate::steps;

/// Runs a lesson's program, and keeps that it was run; `--diff N` shows a step of it.
pub fn run(lessons: &[Lesson], word: &str, args: Vec<OsString>) -> Result<ExitCode> {
    let (lesson, program) = match steps::numbered(lessons, word) {
        Some((lesson, program, number)) => {
            (lesson, steps::step(lesson, &program, &number)?.program)
        }
        None => workspace::find(lessons, word)?,
    };
    if let Some(number) = diff_wanted(&args)? {
        page::show(&steps::diff(lesson, &program, &number)?);
        return Ok(ExitCode::SUCCESS);
    }
    // What the program prints may be read by another one: this goes beside it.
    page::show_beside(&steps::list(lesson, &program)?);
    let package = lesson.package(&program);
    if let Some(failed) = build(package, &program)? {
        return Ok(failed);
    }
    if let Err(error) = progress::add(lesson, progress::RUN) {
        eprintln!("note: the progress is not kept: {error}");
    }
    become_program(package, &program, args)
}

/// The number after `--diff`, which stands first: after it come the lesson's own arguments.
fn diff_wanted(args: &[OsString]) -> Result<Option<String>> {
    let first = args.first().and_then(|first| first.to_str());
    let number = match first.and_then(|first| first.strip_prefix("--diff")) {
        Some("") => args.get(1).map(|number| number.display().to_string()),
        Some(rest) => rest.strip_prefix('=').map(str::to_string),
        None => return Ok(None),
    };
    number.map(Some).ok_or_else(|| {
        Error::usage("no step was named")
            .hint("name one by its number, as in `cargo run -- run 06 --diff 2`")
    })
}

/// Builds a program, cargo's own progress on standard error. Some exit code: it failed,
/// and cargo has said why.
pub fn build(package: &str, program: &str) -> Result<Option<ExitCode>> {
    let mut command = cargo("build", package, program);
    let status = command.status().context("cannot start cargo")?;
    Ok((!status.success()).then(|| code(status.code())))
}

/// Runs a program as this process goes on.
pub fn become_program(
    package: &str,
    program: &str,
    args: Vec<OsString>,
) -> Result<ExitCode> {
    let mut command = cargo("run", package, program);
    command.arg("--quiet").arg("--").args(args);
    become_it(command)
}

/// From here on this process is the program: its keyboard, its signals, its exit code.
#[cfg(unix)]
pub fn become_it(mut command: Command) -> Result<ExitCode> {
    use std::os::unix::process::CommandExt;
    let error = command.exec();
    Err(error).context(format!("cannot start {}", command.get_program().display()))
}

/// Waits for the program, and ends as it ended. Ctrl+C is for the program: it reaches
/// every process of the console, and this one has to outlive it.
#[cfg(not(unix))]
pub fn become_it(mut command: Command) -> Result<ExitCode> {
    shared::StopSignal::watch()?;
    let status = command.status();
    let what = format!("cannot start {}", command.get_program().display());
    Ok(code(status.context(what)?.code()))
}

/// The cargo that started this program, at work on this workspace, in the reader's folder.
fn cargo(verb: &str, package: &str, program: &str) -> Command {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    let root = workspace::root();
    let manifest = root.join("Cargo.toml");
    // The guide's other packages work on the same copy of the course.
    command.env("COURSE_ROOT", root);
    command.arg(verb).arg("--manifest-path").arg(manifest);
    command.args(["--package", package, "--bin", program]);
    command
}

/// The exit code of a program that has ended.
pub fn code(code: Option<i32>) -> ExitCode {
    let code = code.and_then(|code| u8::try_from(code).ok());
    ExitCode::from(code.unwrap_or(1))
}
