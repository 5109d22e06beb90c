//! Cargo, building what belongs beside this program: in the same target folder and profile.

use std::path::{Path, PathBuf};
use std::process::Command;

use shared::{Context, Result};

use crate::workspace;

/// A `cargo build` of this package, to be completed, and the folder where programs go.
///
/// # Errors
/// When this program does not know where it is.
pub fn build(package: &str) -> Result<(Command, PathBuf)> {
    let own = std::env::current_exe().context("cannot find this program")?;
    let profile = own.parent().unwrap_or(Path::new("")).to_path_buf();
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command.args(["build", "--package", package, "--manifest-path"]);
    command.arg(workspace::root().join("Cargo.toml"));
    command.arg("--target-dir");
    command.arg(profile.parent().unwrap_or(&profile));
    if profile.ends_with("release") {
        command.arg("--release");
    }
    Ok((command, profile))
}
