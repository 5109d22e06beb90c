//! Has cargo build the learner's file.

use std::ffi::OsString;
use std::process::ExitStatus;

use checker::{Exercise, MINE};
use shared::{Context, Result};

use course::beside;

/// What came of a build.
#[derive(Debug)]
pub enum Built {
    /// The program.
    Command(Vec<OsString>),
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
    let (mut command, profile) = beside::build(MINE)?;
    command.args(["--quiet", "--example", exercise.name]);
    let status = command.status().context("cannot start cargo")?;
    if !status.success() {
        return without_a_program(status);
    }
    let name = format!("{}{}", exercise.name, std::env::consts::EXE_SUFFIX);
    Ok(Built::Command(vec![
        profile.join("examples").join(name).into(),
    ]))
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
