//! The roles in which a program that uses this crate starts itself again. Its first argument
//! says which one it has.

use std::ffi::OsString;
use std::io::{self, Write};
use std::process::ExitCode;

use crate::exercise::Exercise;
use crate::workshop::compiler::compile;
use crate::{check_process, exec, supervisor};

/// Makes the sandbox of a check, and the checker that plays in it.
pub const SUPERVISE: &str = "--supervise-the-check";
const PLAY: &str = "--judge-the-program";

/// Makes the sandbox of a compiler, and what starts the compiler in it.
pub const SUPERVISE_COMPILER: &str = "--supervise-the-compiler";
const COMPILE: &str = "--start-the-compiler";

/// Tries whether there can be a sandbox, the role in it, and the program that it starts there.
pub const SUPERVISE_TRIAL: &str = "--supervise-the-trial";
const TRY_OUT: &str = "--try-the-sandbox-out";
pub const END_AT_ONCE: &str = "--end-at-once";

/// Becomes the learner's program.
pub const EXEC: &str = "--become-the-learners-program";

/// A role: its name, who reads what it complains of, and its work.
struct Role(&'static str, Reader, Work);

/// The guide reads a check's standard output, and a compiler's standard error.
enum Reader {
    Output,
    Errors,
}

/// All exercises, and the arguments after the role.
type Work = fn(&'static [Exercise], Vec<OsString>) -> io::Result<ExitCode>;

const ROLES: [Role; 8] = [
    Role(SUPERVISE, Reader::Output, |_, args| {
        supervisor::supervise(PLAY, args)
    }),
    Role(PLAY, Reader::Output, check_process::play),
    Role(SUPERVISE_COMPILER, Reader::Errors, |_, args| {
        supervisor::supervise(COMPILE, args)
    }),
    Role(COMPILE, Reader::Errors, |_, args| compile(&args)),
    Role(SUPERVISE_TRIAL, Reader::Errors, |_, args| {
        supervisor::supervise(TRY_OUT, args)
    }),
    Role(TRY_OUT, Reader::Errors, |_, _| supervisor::try_out()),
    Role(END_AT_ONCE, Reader::Errors, |_, _| Ok(ExitCode::SUCCESS)),
    Role(EXEC, Reader::Errors, |_, args| {
        exec::become_program(&args).map(|()| ExitCode::FAILURE)
    }),
];

/// What a program that uses this crate calls first in its `main`: when it was started in one
/// of the roles, it does that work, and this is its exit code. The checker finds its exercise
/// by its name in `exercises`.
pub fn backstage(exercises: &'static [Exercise]) -> Option<ExitCode> {
    let mut args = std::env::args_os().skip(1);
    let name = args.next()?;
    let Role(_, reader, work) = ROLES.iter().find(|role| name == role.0)?;
    Some(work(exercises, args.collect()).unwrap_or_else(|error| {
        let words = format!("cannot start the check: {error}");
        match reader {
            Reader::Output => writeln!(io::stdout(), "{words}").ok(),
            Reader::Errors => writeln!(io::stderr(), "{words}").ok(),
        };
        ExitCode::FAILURE
    }))
}
