//! Cargo, and how it is called: in the same way on every machine.

use std::ffi::OsString;
use std::path::Path;
use std::process::Command;

/// The cargo that has started this program, or the one in the path.
pub fn cargo() -> OsString {
    std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into())
}

/// What the compiler says of itself: its version and its system. Nothing, where there is
/// none; cargo will complain of that.
pub fn compiler() -> Vec<u8> {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let output = Command::new(rustc).arg("-vV").output();
    output.map(|output| output.stdout).unwrap_or_default()
}

/// What cargo is called with on the bench of this folder.
pub fn build_arguments(folder: &Path) -> Vec<OsString> {
    let bench = folder.join("bench");
    let mut arguments: Vec<OsString> = ["build", "--quiet", "--color", "never"]
        .map(OsString::from)
        .to_vec();
    arguments.extend(["--manifest-path".into(), bench.join("Cargo.toml").into()]);
    arguments.extend(["--target-dir".into(), bench.join("target").into()]);
    // A panic tells its place without them, and a class has many programs.
    for setting in [
        "profile.dev.debug=false",
        "profile.dev.strip=\"debuginfo\"",
        "profile.dev.incremental=false",
        "profile.dev.panic=\"unwind\"",
    ] {
        arguments.extend(["--config".into(), setting.into()]);
    }
    // Where the programs are must not hang on a `build.target` of this machine's.
    if let Some(host) = host() {
        arguments.extend(["--target".into(), host.into()]);
    }
    arguments
}

/// A cargo that this machine's own settings change as little as possible: the same answer has
/// the same points everywhere. Flags, wrappers and places are those of no configuration
/// (cargo's reference, "Environment variables").
pub fn own_settings(cargo: &mut Command, folder: &Path) {
    for name in ["RUSTC_WRAPPER", "RUSTC_WORKSPACE_WRAPPER"] {
        cargo.env(name, ""); // none
    }
    cargo.env("CARGO_ENCODED_RUSTFLAGS", "");
    cargo.env("CARGO_BUILD_BUILD_DIR", folder.join("bench/target"));
    cargo.env_remove("CARGO_BUILD_TARGET");
}

/// The name of this machine's kind, as the compiler says it.
pub fn host() -> Option<String> {
    let words = String::from_utf8(compiler()).ok()?;
    let line = words.lines().find_map(|line| line.strip_prefix("host: "));
    line.map(str::to_string)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_compiler_is_another_ground() {
        let words = String::from_utf8(compiler()).expect("a text");
        assert!(
            words.contains("release: ") && words.contains("host: "),
            "{words}"
        );
    }
}
