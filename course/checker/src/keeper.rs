//! The keeper, a process that makes a cage, or knows that there is none, and starts in it
//! what has a role there; and the trial that says which of the two it is.

use std::ffi::OsString;
use std::io;
use std::path::PathBuf;
use std::process::{Command, ExitCode, Stdio};

use once_cell::sync::OnceCell;

use crate::cage::{self, Cage};
use crate::scratch::Scratch;
use crate::start::{self, NotStarted};

/// The keeper of the trial, its role in the cage, and the program that it starts there.
pub const KEEP_TRIAL: &str = "--keep-the-trials-cage";
pub const TRY_OUT: &str = "--try-the-cage-out";
pub const END_AT_ONCE: &str = "--end-at-once";

/// The cages that there are.
const NONE: &str = "none";
const OPEN: &str = "open";
const SEALED: &str = "sealed";

/// Whether this system lets a cage be made, a sealed one or an open one. The first time it
/// is tried: all of it, from the namespaces to the start of a program. What was found
/// holds for this process: a cage that fails later is an error.
///
/// # Errors
/// When the trial cannot be started.
pub fn cage_is_possible(sealed: bool) -> io::Result<bool> {
    static TRIED: [OnceCell<bool>; 2] = [OnceCell::new(), OnceCell::new()];
    if !cfg!(target_os = "linux") {
        return Ok(false);
    }
    let cage = if sealed { SEALED } else { OPEN };
    let tried = TRIED[usize::from(sealed)].get_or_try_init(|| {
        let (scratch, hidden) = (Scratch::new()?, Scratch::new()?);
        let mut trial = keeper_of(KEEP_TRIAL, cage, &scratch, &[hidden.folder().into()])?;
        // Where it fails it says so; there is nothing wrong with that.
        trial.stdin(Stdio::null()).stdout(Stdio::null());
        trial
            .stderr(Stdio::null())
            .status()
            .map(|end| end.success())
    });
    tried.copied()
}

/// A keeper with this role, not started yet: in a cage, where there can be one.
///
/// # Errors
/// When the system's cages cannot be tried.
pub fn keeper(
    role: &str,
    sealed: bool,
    scratch: &Scratch,
    hidden: &[PathBuf],
) -> io::Result<Command> {
    let cage = match (cage_is_possible(sealed)?, sealed) {
        (false, _) => NONE,
        (true, false) => OPEN,
        (true, true) => SEALED,
    };
    keeper_of(role, cage, scratch, hidden)
}

fn keeper_of(
    role: &str,
    cage: &str,
    scratch: &Scratch,
    hidden: &[PathBuf],
) -> io::Result<Command> {
    let mut keeper = Command::new(std::env::current_exe()?);
    keeper.args([role, cage]).arg(scratch.folder());
    keeper.arg(hidden.len().to_string()).args(hidden);
    // Ctrl+C in the guide's terminal is for the guide, which then ends all of them.
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(&mut keeper, 0);
    Ok(keeper)
}

/// CAGE SCRATCH COUNT HIDDEN… and what `role` wants: the keeper's work.
///
/// # Errors
/// When its cage cannot be made.
pub fn keep(role: &str, mut args: Vec<OsString>) -> io::Result<ExitCode> {
    let short = || io::Error::other("too few arguments");
    if args.len() < 3 {
        return Err(short());
    }
    let cage = args.remove(0);
    let scratch = PathBuf::from(args.remove(0));
    let hidden: usize = args
        .remove(0)
        .to_string_lossy()
        .parse()
        .map_err(|_| short())?;
    let mut hidden: Vec<_> = args
        .drain(..hidden.min(args.len()))
        .map(PathBuf::from)
        .collect();
    hidden.retain(|place| place.exists());
    cage::when_orphaned_end()?;
    let mut judge = Command::new(std::env::current_exe()?);
    judge.arg(role).arg(&scratch).args(args);
    let sealed = cage == SEALED;
    let wanted = (cage != NONE).then_some(Cage {
        hidden,
        scratch,
        sealed,
    });
    let status = cage::keep(wanted.as_ref(), &mut judge)?;
    Ok(match status.success() {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    })
}

/// The trial's role: all that a judge does in its cage before the learner's program runs.
///
/// # Errors
/// What does not work in this cage.
pub fn try_out() -> io::Result<ExitCode> {
    cage::when_orphaned_end()?;
    cage::furnish(cage::MEMORY)?;
    let own = std::env::current_exe()?;
    let program = [own.clone().into(), END_AT_ONCE.into()];
    let started = start::start(Command::new(own), &program, &[] as &[&str]);
    let mut child = started.map_err(|failed| match failed {
        NotStarted::Command(error) | NotStarted::Launcher(error) => error,
    })?;
    Ok(match child.wait()?.success() {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    })
}
