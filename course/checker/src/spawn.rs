//! How the checker starts a program: behind the launcher, which says when that fails.
//!
//! The launcher has a pipe to the checker that is closed when it becomes the program. What
//! comes through the pipe before is the launcher's own failure; the program never has it.

use std::ffi::{OsStr, OsString};
use std::io;
use std::process::{Child, Command, ExitCode, ExitStatus};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Why a program was not started.
#[derive(Debug)]
pub enum NotStarted {
    /// Nobody can start this command: there is no such file, or it is no program. Told on
    /// Unix only.
    #[cfg_attr(not(unix), allow(dead_code))]
    Command(io::Error),
    /// What stands before it has failed.
    Launcher(io::Error),
}

impl From<NotStarted> for io::Error {
    fn from(not_started: NotStarted) -> Self {
        match not_started {
            NotStarted::Command(error) | NotStarted::Launcher(error) => error,
        }
    }
}

/// All that this process has started and not forgotten: their process numbers, and those
/// of their groups.
static STARTED: Mutex<Vec<u32>> = Mutex::new(Vec::new());

/// The processes that were started. While this is held none is added.
pub fn started() -> MutexGuard<'static, Vec<u32>> {
    STARTED.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Forgets a process: its end is known.
pub fn forget(pid: u32) {
    started().retain(|other| *other != pid);
}

/// Ends this process, after all that it has started, with their groups. For a judge that
/// is not wanted any more.
pub fn end_all() -> ! {
    let started = started(); // held to the end: nothing is started any more
    for &pid in started.iter() {
        end_group(pid);
    }
    std::process::exit(1)
}

/// Kills the group of processes that `leader` leads. On Windows there is none: what the
/// leader has started ends with it.
pub fn end_group(leader: u32) {
    #[cfg(unix)]
    {
        use nix::sys::signal::{Signal, killpg};
        let group = nix::unistd::Pid::from_raw(leader.cast_signed());
        killpg(group, Signal::SIGKILL).ok(); // it may be gone
    }
    #[cfg(not(unix))]
    let _ = leader;
}

/// Starts `launcher`, this very program, and has it become `program`. When this returns,
/// it has.
///
/// # Errors
/// Why it has not.
#[cfg(unix)]
pub fn spawn(
    mut launcher: Command,
    program: &[OsString],
    args: &[impl AsRef<OsStr>],
) -> Result<Child, NotStarted> {
    use nix::fcntl::{FcntlArg, FdFlag, fcntl};
    use std::io::Read;
    use std::os::fd::AsRawFd;
    let (mut said, pipe) = io::pipe().map_err(NotStarted::Launcher)?;
    let mut child = {
        let mut started = started();
        // This launcher inherits the pipe, and nothing else that might be started now.
        let inherited = FcntlArg::F_SETFD(FdFlag::empty());
        fcntl(&pipe, inherited).map_err(|error| NotStarted::Launcher(error.into()))?;
        launcher
            .arg(crate::roles::EXEC)
            .arg(pipe.as_raw_fd().to_string());
        launcher.arg(std::process::id().to_string());
        let child = launcher.args(program).args(args).spawn();
        drop(pipe);
        let child = child.map_err(NotStarted::Launcher)?;
        started.push(child.id());
        child
    };
    let mut words = String::new();
    let attached = crate::recorder::attach_to(child.id(), program, args);
    let failed = match attached.and_then(|()| said.read_to_string(&mut words)) {
        Ok(0) => return Ok(child),
        Ok(_) => crate::exec::read_failure(&words),
        Err(error) => NotStarted::Launcher(error),
    };
    child.kill().ok(); // it ends by itself
    child.wait().ok();
    forget(child.id());
    Err(failed)
}

/// The same where no pipe is inherited: the launcher complains as any program.
#[cfg(not(unix))]
pub fn spawn(
    mut launcher: Command,
    program: &[OsString],
    args: &[impl AsRef<OsStr>],
) -> Result<Child, NotStarted> {
    launcher.args([crate::roles::EXEC, "0", "0"]);
    let child = launcher.args(program).args(args).spawn();
    let child = child.map_err(NotStarted::Launcher)?;
    started().push(child.id());
    Ok(child)
}

/// Starts `program` as [`spawn`] does, and waits for its end.
///
/// # Errors
/// When it cannot be started.
pub fn run(program: &[OsString]) -> io::Result<ExitCode> {
    let launcher = Command::new(std::env::current_exe()?);
    let mut child = spawn(launcher, program, &[] as &[&str])?;
    Ok(exit_code(child.wait()?))
}

/// For who started this process: whether it ended well, and no more.
pub fn exit_code(status: ExitStatus) -> ExitCode {
    match status.success() {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    }
}
