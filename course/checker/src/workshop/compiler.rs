//! The compiler in its sandbox: how it is started, and its role there.

use std::ffi::OsString;
use std::io;
use std::path::PathBuf;
use std::process::{Command, ExitCode};

use crate::exec::LIMITS;
use crate::scratch::Scratch;
use crate::spawn;
use crate::supervisor::{sandbox_is_possible, supervisor};
use crate::{places, roles, sandbox};

/// The supervisor for a compiler, not started yet: it sees its tools and `sources`, none of
/// the hidden folders in them, and has the scratch for its temporary files.
pub fn supervisor_of_compiler(
    scratch: &Scratch,
    hidden: &[PathBuf],
    sources: &[PathBuf],
    command: &[OsString],
) -> io::Result<Command> {
    let role = roles::SUPERVISE_COMPILER;
    let mut supervisor = match sandbox_is_possible(true)? {
        true => supervisor(role, false, scratch, hidden, &places::of_compiler(sources)),
        false => supervisor(role, false, scratch, hidden, &[]),
    }?;
    supervisor.args(command).env("TMPDIR", scratch.folder());
    Ok(supervisor)
}

/// SCRATCH COMMAND…: the role in the sandbox.
///
/// # Errors
/// When the compiler cannot be started.
pub fn compile(args: &[OsString]) -> io::Result<ExitCode> {
    let Some((_, command)) = args.split_first() else {
        return Err(io::Error::other("too few arguments"));
    };
    sandbox::when_orphaned_end()?;
    // A compiler uses more than a program does. The limits for a single process hold for
    // it, too.
    sandbox::furnish(LIMITS.memory + sandbox::MEMORY)?;
    spawn::run(command)
}
