//! The sandbox: a learner's program has a network, process numbers and files of its own, so
//! that it harms nobody, and nothing of it is left when the check is over.
//!
//! On Linux these are namespaces (namespaces(7)), which need no rights where the system
//! allows them to everybody (user_namespaces(7)). Elsewhere, and where it does not, the
//! program runs as any other; then its fixed ports can be taken, and it is only killed as
//! far as its process group goes. Which of the two it is, a trial says before
//! ([`crate::sandbox_is_possible`]): a sandbox that fails half-way is an error.
//!
//! Two processes make the sandbox. The supervisor ([`supervise`]) makes the namespaces, and starts the
//! judge in them. The checker is process 1 there: when it ends, for whatever reason, the
//! kernel kills everything else in the sandbox (pid_namespaces(7)).

use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus};

use once_cell::sync::OnceCell;

#[cfg(target_os = "linux")]
mod crowd;
#[cfg(not(target_os = "linux"))]
mod elsewhere;
#[cfg(target_os = "linux")]
mod linux;
#[cfg(target_os = "linux")]
mod root;

#[cfg(not(target_os = "linux"))]
use elsewhere as system;
#[cfg(target_os = "linux")]
use linux as system;

/// What the sandbox is made for.
#[derive(Debug, Clone)]
pub struct Sandbox {
    /// Folders and files that the program must not see: they are empty in the sandbox.
    pub hidden: Vec<PathBuf>,
    /// What it sees, and nothing else; empty: all.
    pub visible: Vec<PathBuf>,
    /// The program's own folder: in the sandbox a file system in memory, [`DISK`] large.
    pub scratch: PathBuf,
    /// Whether it can write nowhere else.
    pub read_only: bool,
}

/// How many bytes a program can write in its folder.
pub const DISK: u64 = 64 << 20;

/// How many processes there may be in a sandbox, the checker's included.
pub const PROCESSES: usize = 100;

/// How many threads all of a program's processes may have. The kernel has room for some
/// ten thousand, and they are for everybody.
pub const THREADS: usize = 1000;

/// How many bytes of memory all of a program's processes may use together.
pub const MEMORY: u64 = 1 << 30;

/// Set for the checker by a supervisor that has made a sandbox.
pub(crate) const SANDBOXED: &str = "COURSE_CHECKER_IS_SANDBOXED";

/// Whether this process is the checker in a sandbox.
pub fn sandboxed() -> bool {
    std::env::var_os(SANDBOXED).is_some()
}

/// Runs `judge` in a sandbox, or in none, and returns how it ended. With a sandbox this process
/// must have one thread only, and be of no further use: it is in the sandbox, too.
///
/// # Errors
/// When the sandbox cannot be made, or the checker not started. Nothing has run then.
pub fn supervise(
    sandbox: Option<&Sandbox>,
    judge: &mut Command,
) -> io::Result<ExitStatus> {
    judge.env_remove(SANDBOXED);
    if let Some(sandbox) = sandbox {
        system::enter(sandbox)?;
        judge.env(SANDBOXED, "1");
    }
    judge.status()
}

/// The checker's first act in the sandbox: its loopback, which a new network has switched off,
/// its list of processes, and a watch over them: [`PROCESSES`], [`THREADS`], and `memory`
/// bytes.
///
/// # Errors
/// What the kernel says.
pub fn furnish(memory: u64) -> io::Result<()> {
    match sandboxed() {
        true => system::furnish(memory),
        false => Ok(()),
    }
}

/// Ends this process when its parent ends, however that comes about (prctl(2)); where the
/// system cannot, the deadlines of a check end it.
///
/// # Errors
/// What the kernel says.
pub fn when_orphaned_end() -> io::Result<()> {
    system::when_orphaned_end()
}

/// Gives the sandbox an `/etc/hosts` of its own, by way of the program's folder. False: there
/// is no sandbox.
///
/// # Errors
/// What the kernel says.
pub fn hosts(scratch: &Path, lines: &str) -> io::Result<bool> {
    if !sandboxed() {
        return Ok(false);
    }
    system::hosts(scratch, lines).map(|()| true)
}

/// Sets which groups may send pings without a right (icmp(7)), as `1 0` for nobody, in a
/// sandbox's own network. Elsewhere it stays as the machine has it.
pub fn pings_for(groups: &str) {
    if sandboxed() {
        // Where it cannot be set, the kernel's answer is the same both times.
        std::fs::write("/proc/sys/net/ipv4/ping_group_range", groups).ok();
    }
}

/// Why all in the sandbox were killed, as a clause: `it started more than 100 processes`;
/// none: they were not.
pub fn overgrown() -> Option<&'static str> {
    OVERGROWN.get().map(String::as_str)
}

static OVERGROWN: OnceCell<String> = OnceCell::new();
