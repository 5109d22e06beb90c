//! Cargo, building what belongs beside this program: in the same target folder and profile.

use std::ffi::OsStr;
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
    let (target, triple) = target_of(&profile);
    command.arg("--target-dir").arg(target);
    command.env_remove("CARGO_BUILD_TARGET"); // this program knows it
    if let Some(triple) = triple {
        command.arg("--target").arg(triple);
    }
    if profile.ends_with("release") {
        command.arg("--release");
    }
    Ok((command, profile))
}

/// The target folder that a profile's is in, and the kind of machine between the two, where
/// the user's settings name one (`build.target`): TARGET/debug, or TARGET/TRIPLE/debug. Cargo
/// marks its target folder as a cache (bford.info/cachedir).
fn target_of(profile: &Path) -> (&Path, Option<&OsStr>) {
    let around = profile.parent().unwrap_or(profile);
    let is_target = |folder: &Path| folder.join("CACHEDIR.TAG").is_file();
    match around.parent() {
        Some(target) if !is_target(around) && is_target(target) => {
            (target, around.file_name())
        }
        _ => (around, None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_of_machine_may_stand_between_the_target_folder_and_the_profile() {
        let folder = tempfile::tempdir().expect("a folder");
        let target = folder.path().join("target");
        let (own, other) = (target.join("debug"), target.join("a-b-c/debug"));
        std::fs::create_dir_all(&other).expect("made");
        assert_eq!(target_of(&own), (&*target, None));
        std::fs::write(target.join("CACHEDIR.TAG"), "").expect("written");
        assert_eq!(target_of(&own), (&*target, None));
        assert_eq!(target_of(&other), (&*target, Some(OsStr::new("a-b-c"))));
    }
}
