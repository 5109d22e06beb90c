//! The environment of a learner's program: what programs need to run, and no more. A token
//! in it could end in the words for the learner; a setting of Python's or of Rust's would
//! make a check another one on each machine.

use std::process::Command;

use crate::sandbox::SANDBOXED;

/// What stays.
const NEEDED: [&str; 18] = [
    "PATH",
    "HOME",
    "USER",
    "LANG",
    "TERM",
    "TMPDIR",
    SANDBOXED, // the launcher asks
    // Where libraries and tools are, for answers in other languages.
    "CARGO_HOME",
    "DYLD_LIBRARY_PATH",
    "JAVA_HOME",
    "LD_LIBRARY_PATH",
    "PYENV_ROOT",
    "RUSTUP_HOME",
    // Windows; without the second there are no sockets.
    "PATHEXT",
    "SYSTEMROOT",
    "TEMP",
    "TMP",
    "USERPROFILE",
];

/// Takes everything else away from the program that `command` starts.
pub fn reduce(command: &mut Command) {
    for (name, _) in std::env::vars_os() {
        // On Windows capitals and small letters are the same.
        let is_it = |needed: &&str| name.eq_ignore_ascii_case(needed);
        if !NEEDED.iter().any(is_it) {
            command.env_remove(name);
        }
    }
}
