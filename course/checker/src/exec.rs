//! The last step before a learner's program runs: limits, and no rights over the sandbox.
//!
//! The checker starts this very program again, which comes here, and becomes the learner's.

use std::ffi::OsString;
use std::io;

#[cfg(unix)]
use crate::spawn::NotStarted;

/// Limits for one process of the learner's (getrlimit(2)). In a sandbox there are others for
/// all of them together ([`crate::sandbox`]).
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Addresses that it can ask for where there is no sandbox, in bytes: much more than it
    /// uses.
    pub memory: u64,
    /// The longest file that it can write, in bytes.
    pub file: u64,
    /// Descriptors.
    pub descriptors: u64,
    /// Processor time, in seconds.
    pub processor: u64,
}

/// Enough for every right answer.
pub const LIMITS: Limits = Limits {
    memory: 4 << 30,
    file: 64 << 20,
    descriptors: 1024,
    processor: 60,
};

/// PIPE JUDGE PROGRAM ARGUMENTS…: becomes the program, and returns only when that fails.
/// The checker, a process number, is told why through the pipe, a descriptor.
///
/// # Errors
/// When the checker cannot be told.
pub fn become_program(args: &[OsString]) -> io::Result<()> {
    let [pipe, judge, program, args @ ..] = args else {
        return Err(io::Error::other("too few arguments"));
    };
    let number = |word: &OsString| word.to_string_lossy().parse();
    let pipe = number(pipe).map_err(io::Error::other)?;
    let judge = number(judge).map_err(io::Error::other)?;
    system::become_program(pipe, judge, program, args)
}

/// Whose failure it is, in the launcher's words.
#[cfg(unix)]
const COMMAND: &str = "command";
#[cfg(unix)]
const LAUNCHER: &str = "launcher";

/// What a launcher has said: whose failure it is, and the number of the error.
#[cfg(unix)]
pub(crate) fn read_failure(words: &str) -> NotStarted {
    let (whose, number) = words.split_once(' ').unwrap_or_default();
    let error = match number.parse() {
        Ok(number) => io::Error::from_raw_os_error(number),
        Err(_) => io::Error::other(format!("the launcher said {words:?}")),
    };
    match whose {
        COMMAND => NotStarted::Command(error),
        _ => NotStarted::Launcher(error),
    }
}

#[cfg(not(unix))]
mod elsewhere;
#[cfg(unix)]
mod unix;

#[cfg(not(unix))]
use elsewhere as system;
#[cfg(unix)]
use unix as system;
