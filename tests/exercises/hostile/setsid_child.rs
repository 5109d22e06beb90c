//! Leaves a child behind in a session of its own, which ignores the end of its parent.

use std::os::unix::process::CommandExt;
use std::process::Command;

fn main() {
    let mut child = Command::new("setsid");
    child
        .args(["sleep", "61.7"])
        .process_group(0)
        .spawn()
        .expect("a child");
}
