//! Has cargo build the learner's file.

use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus};

use checker::{Exercise, MINE};
use shared::{Context, Result};

use crate::workspace;

/// What came of a build.
#[derive(Debug)]
pub enum Built {
    /// The program.
    Program(PathBuf),
    /// It cannot be built, and cargo has said why.
    Refused,
    /// Ctrl+C ended cargo.
    Stopped,
}

/// Builds the exercise's file.
///
/// # Errors
/// When cargo cannot be started, or was ended from outside.
pub fn build(exercise: &Exercise) -> Result<Built> {
    let own = std::env::current_exe().context("cannot find this program")?;
    let profile = own.parent().unwrap_or(Path::new(""));
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command.args(["build", "--quiet", "--package", MINE]);
    command.args(["--example", exercise.name]);
    command
        .arg("--manifest-path")
        .arg(workspace::root().join("Cargo.toml"));
    command
        .arg("--target-dir")
        .arg(profile.parent().unwrap_or(profile));
    if profile.ends_with("release") {
        command.arg("--release");
    }
    let status = command.status().context("cannot start cargo")?;
    if !status.success() {
        return without_a_program(status);
    }
    let name = format!("{}{}", exercise.name, std::env::consts::EXE_SUFFIX);
    Ok(Built::Program(profile.join("examples").join(name)))
}

/// A terminal sends Ctrl+C to all that run in it, cargo among them: that says nothing of
/// the learner's file, nor does any other signal.
#[cfg(unix)]
fn without_a_program(status: ExitStatus) -> Result<Built> {
    use std::os::unix::process::ExitStatusExt;

    use nix::sys::signal::Signal;
    use shared::Error;

    let Some(number) = status.signal() else {
        return Ok(Built::Refused);
    };
    match Signal::try_from(number) {
        // Those that this program ends by, too.
        Ok(Signal::SIGINT | Signal::SIGTERM | Signal::SIGHUP) => Ok(Built::Stopped),
        signal => {
            let name = signal.map_or("a signal", Signal::as_str);
            let what = format!("cargo was ended by {name}, and nothing was checked");
            let hint = "check again; the kernel does that (SIGKILL) when memory is short";
            Err(Error::new(what).hint(hint))
        }
    }
}

/// Windows has an exit code for it: STATUS_CONTROL_C_EXIT.
#[cfg(not(unix))]
fn without_a_program(status: ExitStatus) -> Result<Built> {
    const CTRL_C: i32 = 0xC000_013A_u32.cast_signed();
    Ok(match status.code() {
        Some(CTRL_C) => Built::Stopped,
        _ => Built::Refused,
    })
}
