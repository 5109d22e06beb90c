//! Pictures of runs, from a package of its own: who only runs the lessons does not wait for it.

use std::ffi::OsString;
use std::process::ExitCode;

use shared::Result;

use crate::run;

/// Builds the package `trace`, and becomes it.
pub fn trace(args: Vec<OsString>) -> Result<ExitCode> {
    if let Some(failed) = run::build("trace", "trace")? {
        return Ok(failed);
    }
    run::become_program("trace", "trace", args)
}
