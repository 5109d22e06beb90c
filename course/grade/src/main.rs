//! For a teacher: checks many submissions, and writes their points.
//!
//!     cargo run -- grade submissions/alice submissions/bob
//!     cargo run -- grade --each submissions --format csv --output points.csv
//!
//! - [`args`] reads the command line.
//! - [`class`] is who is in the class. [`submission`] finds the exercises in a student's folder
//!   by their [`names`], and [`answer`] reads one.
//! - [`marking`] has each of them compiled and judged in the [`room`]; [`hidden`] is what they
//!   do not see, [`given`] is what a file gets untouched, and [`marks`] is what they get. The
//!   [`journal`] keeps it.
//! - [`output`] writes that: [`table`] and [`feedback`] are for people; [`csv`] and [`formats`]
//!   for other programs. [`late`] knows dates.
//!
//! What is absent: an opinion of its own. Points are the steps that the checker saw pass. And
//! nothing that a student hands in is run outside the checker's sandbox, where there can be one.

mod answer;
mod args;
mod class;
mod csv;
mod feedback;
mod formats;
mod given;
mod hidden;
mod journal;
mod late;
mod marking;
mod marks;
mod names;
mod output;
mod room;
mod submission;
mod table;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use args::Asked;
use marks::{Marks, Student};
use room::Room;
#[cfg(unix)]
use shared::Context;
use shared::{Error, Result, StopSignal, eprintln, print};

fn main() -> ExitCode {
    // The checker starts this program again for each of its parts.
    if let Some(code) = checker::backstage(exercises::ALL) {
        return code;
    }
    match grade() {
        Ok(code) => code,
        Err(error) => {
            eprintln!("{}", error.report());
            ExitCode::from(error.exit_code())
        }
    }
}

fn grade() -> Result<ExitCode> {
    let options = match args::parse(std::env::args_os().skip(1))? {
        Asked::Grade(options) => options,
        Asked::Help(page) => {
            print!("{page}");
            return Ok(ExitCode::SUCCESS);
        }
    };
    without_secrets()?;
    let students = class::students(&options)?;
    output::can_be_written(&options, students.len())?;
    let stop = StopSignal::watch()?;
    let room = Room::new(&options, &students)?;
    let mut write =
        |marks: &Marks, newest: &Student| output::write_now(&options, marks, newest);
    let stop = || stop.requested();
    let marks = marking::mark(&options, &students, &room, &stop, &mut write)?;
    if !marks.students.is_empty() {
        output::write(&options, &marks)?;
    }
    match students.len() - marks.students.len() {
        0 => outcome(&marks),
        missing => Err(
            Error::new(format!("stopped: {missing} students are missing"))
                .hint("the same with --continue goes on from here"),
        ),
    }
}

/// An error where something could not be graded.
fn outcome(marks: &Marks) -> Result<ExitCode> {
    let ungraded = marks.ungraded();
    if ungraded.is_empty() {
        return Ok(ExitCode::SUCCESS);
    }
    let what = format!(
        "not graded, by the checker's fault: {}",
        ungraded.join(", ")
    );
    Err(Error::new(what)
        .hint("grade with --continue: these points say nothing of the student"))
}

/// Programs of students could read the environment of this one: a token in it, for
/// example. So this program starts itself again with what it needs.
#[cfg(unix)]
fn without_secrets() -> Result<()> {
    use std::os::unix::process::CommandExt;
    const MARK: &str = "COURSE_GRADE_ENVIRONMENT";
    if std::env::var_os(MARK).is_some() {
        return Ok(());
    }
    let own = std::env::current_exe().context("cannot find this program")?;
    let mut again = std::process::Command::new(own);
    again.args(std::env::args_os().skip(1)).env_clear();
    again
        .envs(std::env::vars_os().filter(|(name, _)| is_needed(&name.to_string_lossy())));
    again.env("COURSE_ROOT", root());
    Err(again.env(MARK, "clean").exec()).context("cannot start this program again")
}

#[cfg(not(unix))]
fn without_secrets() -> Result<()> {
    Ok(())
}

/// What cargo, the checker and the formats read.
#[cfg(unix)]
fn is_needed(name: &str) -> bool {
    const NAMES: [&str; 13] = [
        "ASSIGNMENT",
        "CARGO",
        "CLASSROOM",
        "COMMIT_URL",
        "COURSE_ROOT",
        "HOME",
        "LD_LIBRARY_PATH",
        "PATH",
        "RELEASE_URL",
        "REVIEW_URL",
        "RUSTC",
        "SUBMISSION_TAG",
        "TMPDIR",
    ];
    // The last are for cargo, where it has to go through a proxy the first time. The
    // workshop keeps the proxy from students' files, and the checker all but a few.
    const STARTS: [&str; 8] = [
        "CARGO_HOME",
        "CARGO_HTTP_",
        "CARGO_NET_",
        "CARGO_TARGET_",
        "LANG",
        "LC_",
        "RUSTUP_",
        "SSL_CERT_",
    ];
    let is_proxy = name.to_ascii_lowercase().ends_with("_proxy");
    NAMES.contains(&name) || is_proxy || STARTS.iter().any(|it| name.starts_with(it))
}

/// The course: what COURSE_ROOT names, and the guide has set it. Without the guide, what
/// `cargo run` says of this package, or the folder that one is in.
fn root() -> PathBuf {
    if let Some(named) = std::env::var_os("COURSE_ROOT") {
        return named.into();
    }
    let package = std::env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from);
    let mut starts = package.into_iter().chain(std::env::current_dir());
    let is_course = |folder: &&Path| folder.join("course/grade/Cargo.toml").is_file();
    let root = starts.find_map(|start| Some(start.ancestors().find(is_course)?.into()));
    root.unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use marks::{CHECKER_ERROR, Mark};

    #[test]
    fn the_checkers_own_trouble_is_an_error_and_tells_whose_points_are_open() {
        let exercise = exercises::all().next().expect("an exercise");
        let marks = |word: &str| Marks {
            seed: 1,
            exercises: vec![exercise],
            students: vec![Student {
                name: "ann".into(),
                marks: vec![Mark::without_check(exercise, word, String::new())],
            }],
        };
        for word in ["FAIL", "TIMEOUT", "CRASH", marks::COMPILE_ERROR] {
            assert!(outcome(&marks(word)).is_ok(), "{word}");
        }
        let error = outcome(&marks(CHECKER_ERROR)).expect_err("not graded");
        assert_eq!(error.exit_code(), 1);
        let report = error.report().to_string();
        let who = format!("ann {}", exercise.name);
        assert!(report.contains(&who), "{report}");
    }
}
