//! The book, from a package of its own: mdBook is about a hundred crates.

use std::ffi::OsString;
use std::process::ExitCode;

use shared::{Result, eprintln};

use crate::run;

/// Builds the package `book`, and becomes it.
pub fn book(args: Vec<OsString>) -> Result<ExitCode> {
    if !was_built() {
        eprintln!(
            "The first time, the book's tools are compiled: about 120 crates, a minute or \
             two.\nAnother cargo command waits meanwhile. The same chapters are in docs/."
        );
    }
    if let Some(failed) = run::build("book", "book")? {
        return Ok(failed);
    }
    run::become_program("book", "book", args)
}

/// Cargo puts all programs of the workspace side by side.
fn was_built() -> bool {
    let name = format!("book{}", std::env::consts::EXE_SUFFIX);
    std::env::current_exe().is_ok_and(|own| own.with_file_name(name).exists())
}
