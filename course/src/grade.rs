//! The points of a class, from a package of its own: learners don't wait for its formats.

use std::ffi::OsString;
use std::process::ExitCode;

use shared::Result;

use crate::run;

/// Builds the package `grade`, and becomes it.
pub fn grade(args: Vec<OsString>) -> Result<ExitCode> {
    if let Some(failed) = run::build("grade", "grade")? {
        return Ok(failed);
    }
    run::become_program("grade", "grade", args)
}
