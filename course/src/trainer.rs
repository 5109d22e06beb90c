//! The commands around the exercises, from a package of their own: who reads the map does not
//! wait for the checks.

use std::ffi::OsString;
use std::process::{Command, ExitCode};

use course::{beside, workspace};
use shared::{Context, Result, eprintln};

use crate::run;

/// Builds the package `trainer`, and becomes it.
pub fn trainer(args: Vec<OsString>) -> Result<ExitCode> {
    let (mut build, folder) = beside::build("trainer")?;
    let program = folder.join(format!("trainer{}", std::env::consts::EXE_SUFFIX));
    if program.exists() {
        build.arg("--quiet");
    } else {
        eprintln!("The first time, the checks are compiled: half a minute at most.");
    }
    let status = build.status().context("cannot start cargo")?;
    if !status.success() {
        return Ok(run::code(status.code()));
    }
    let mut trainer = Command::new(program);
    trainer.args(args).env("COURSE_ROOT", workspace::root());
    run::become_it(trainer)
}
