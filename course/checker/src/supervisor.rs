//! The supervisor, a process that makes a sandbox, or knows that there is none, and starts in it
//! what has a role there; and the trial that says which of the two it is.

use std::ffi::OsString;
use std::io;
use std::path::PathBuf;
use std::process::{Command, ExitCode, Stdio};

use once_cell::sync::OnceCell;

use crate::places;
use crate::roles::{END_AT_ONCE, SUPERVISE_TRIAL};
use crate::sandbox::{self, Sandbox};
use crate::scratch::Scratch;
use crate::spawn;

/// The sandboxes that there are.
const NONE: &str = "none";
const OPEN: &str = "open";
const READ_ONLY: &str = "read-only";

/// Whether this system lets a sandbox be made, a read-only one or an open one. The first time it
/// is tried: all of it, from the namespaces to the start of a program. What was found
/// holds for this process: a sandbox that fails later is an error.
///
/// # Errors
/// When the trial cannot be started.
pub fn sandbox_is_possible(read_only: bool) -> io::Result<bool> {
    static TRIED: [OnceCell<bool>; 2] = [OnceCell::new(), OnceCell::new()];
    if !cfg!(target_os = "linux") {
        return Ok(false);
    }
    let sandbox = if read_only { READ_ONLY } else { OPEN };
    let tried = TRIED[usize::from(read_only)].get_or_try_init(|| {
        let (scratch, hidden) = (Scratch::new()?, Scratch::new()?);
        let mut trial = supervisor_of(
            SUPERVISE_TRIAL,
            sandbox,
            &scratch,
            &[hidden.folder().into()],
            &match read_only {
                true => places::of_compiler(&[]),
                false => Vec::new(),
            },
        )?;
        // Where it fails it says so; there is nothing wrong with that.
        trial.stdin(Stdio::null()).stdout(Stdio::null());
        trial
            .stderr(Stdio::null())
            .status()
            .map(|end| end.success())
    });
    tried.copied()
}

/// A supervisor with this role, not started yet: in a sandbox, where there can be one. Where
/// `visible` is not empty, nothing else is seen there.
///
/// # Errors
/// When the system's sandboxes cannot be tried.
pub fn supervisor(
    role: &str,
    read_only: bool,
    scratch: &Scratch,
    hidden: &[PathBuf],
    visible: &[PathBuf],
) -> io::Result<Command> {
    let sandbox = match (sandbox_is_possible(read_only)?, read_only) {
        (false, _) => NONE,
        (true, false) => OPEN,
        (true, true) => READ_ONLY,
    };
    supervisor_of(role, sandbox, scratch, hidden, visible)
}

fn supervisor_of(
    role: &str,
    sandbox: &str,
    scratch: &Scratch,
    hidden: &[PathBuf],
    visible: &[PathBuf],
) -> io::Result<Command> {
    let mut supervisor = Command::new(std::env::current_exe()?);
    supervisor.args([role, sandbox]).arg(scratch.folder());
    for places in [hidden, visible] {
        supervisor.arg(places.len().to_string()).args(places);
    }
    // Ctrl+C in the guide's terminal is for the guide, which then ends all of them.
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(&mut supervisor, 0);
    Ok(supervisor)
}

/// SANDBOX SCRATCH COUNT HIDDEN… COUNT VISIBLE… and what `role` wants: the supervisor's work.
///
/// # Errors
/// When its sandbox cannot be made.
pub fn supervise(role: &str, args: Vec<OsString>) -> io::Result<ExitCode> {
    let mut args = args.into_iter();
    let short = || io::Error::other("too few arguments");
    let sandbox = args.next().ok_or_else(short)?;
    let scratch = PathBuf::from(args.next().ok_or_else(short)?);
    let mut places = || {
        let count = args.next().ok_or_else(short)?;
        let count = count.to_string_lossy().parse().map_err(|_| short())?;
        Ok::<Vec<_>, io::Error>(args.by_ref().take(count).map(PathBuf::from).collect())
    };
    let (mut hidden, visible) = (places()?, places()?);
    hidden.retain(|place| place.exists());
    sandbox::when_orphaned_end()?;
    let mut judge = Command::new(std::env::current_exe()?);
    judge.arg(role).arg(&scratch).args(args);
    let read_only = sandbox == READ_ONLY;
    let wanted = (sandbox != NONE).then_some(Sandbox {
        hidden,
        visible,
        scratch,
        read_only,
    });
    let status = sandbox::supervise(wanted.as_ref(), &mut judge)?;
    Ok(spawn::exit_code(status))
}

/// The trial's role: all that a judge does in its sandbox before the learner's program runs.
///
/// # Errors
/// What does not work in this sandbox.
pub fn try_out() -> io::Result<ExitCode> {
    sandbox::when_orphaned_end()?;
    sandbox::furnish(sandbox::MEMORY)?;
    let own = std::env::current_exe()?;
    spawn::run(&[own.into(), END_AT_ONCE.into()])
}
