//! For a teacher: checks many submissions, and writes their points.
//!
//!     cargo run -- grade submissions/alice submissions/bob
//!     cargo run -- grade --each submissions --format csv --output points.csv
//!
//! - [`args`] reads the command line.
//! - [`submission`] finds the exercises in a student's folder.
//! - [`marking`] has each of them compiled and judged, one after the other.
//! - [`table`] is for people; [`formats`] are for other programs.
//!
//! What is absent: an opinion of its own. Points are the steps that the judge saw pass. And
//! nothing that a student hands in is run outside the judge's cage, where there can be one.

mod args;
mod formats;
mod marking;
mod submission;
mod table;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use args::{Format, Options};
use marking::Marks;
use shared::{Context, Error, Result, Shutdown, eprintln, print};

fn main() -> ExitCode {
    // The checker starts this program again for each of its parts.
    if let Some(code) = judge::backstage() {
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
    let Some(options) = args::parse(std::env::args_os().skip(1))? else {
        print!("{}", args::HELP);
        return Ok(ExitCode::SUCCESS);
    };
    without_secrets()?;
    let students = submission::students(&options)?;
    let shutdown = Shutdown::on_ctrl_c()?;
    let Some(marks) = marking::mark(&options, &students, &|| shutdown.requested())?
    else {
        return Err(Error::new("stopped: nothing was written")
            .hint("the same again is quicker: what was compiled is kept"));
    };
    write(&options, &marks)?;
    let ungraded = marks.ungraded();
    if ungraded.is_empty() {
        return Ok(ExitCode::SUCCESS);
    }
    let what = format!(
        "not graded, by the checker's fault: {}",
        ungraded.join(", ")
    );
    Err(Error::new(what)
        .hint("grade them again; these points say nothing of the student"))
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
    // The last are for cargo, where it has to go through a proxy the first time.
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

fn write(options: &Options, marks: &Marks) -> Result<()> {
    let text = match options.format {
        Format::Table => table::table(marks),
        Format::Csv => formats::csv(marks)?,
        Format::Junit => formats::junit(marks)?,
        Format::Gradescope | Format::Classroom50 => return write_each(options, marks),
    };
    put(options.output.as_deref(), &text)
}

/// The formats with a file for each student.
fn write_each(options: &Options, marks: &Marks) -> Result<()> {
    let (text, name): (fn(&marking::Student) -> Result<String>, _) = match options.format
    {
        Format::Classroom50 => (formats::classroom50, "result.json"),
        _ => (formats::gradescope, "results.json"),
    };
    match (&options.output, &marks.students[..]) {
        (Some(folder), students) if students.len() > 1 || folder.is_dir() => {
            for student in students {
                let folder = folder.join(&student.name);
                std::fs::create_dir_all(&folder)
                    .context(format!("cannot make {}", folder.display()))?;
                put(Some(&folder.join(name)), &text(student)?)?;
            }
            Ok(())
        }
        (output, [student]) => put(output.as_deref(), &text(student)?),
        // The command line was looked at before anything was graded.
        (_, _) => Err(args::needs_folder()),
    }
}

fn put(output: Option<&Path>, text: &str) -> Result<()> {
    match output {
        None => {
            print!("{text}");
            Ok(())
        }
        Some(file) => {
            std::fs::write(file, text).context(format!("cannot write {}", file.display()))
        }
    }
}

/// The course: where this program was built, or what COURSE_ROOT names.
fn root() -> PathBuf {
    if let Some(named) = std::env::var_os("COURSE_ROOT") {
        return named.into();
    }
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors().nth(2).unwrap_or(here).to_path_buf()
}
