//! Tests that cannot run here: said aloud, counted, and no pass where they are required.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::PathBuf;

/// Says that the rest of this test cannot run here, and why. With `CI=true`, a panic: there
/// everything is required.
///
/// Written to standard error itself: the test runner keeps what the print macros of a test
/// that passes have printed to itself. And noted, for [`skipped`].
pub fn skip(reason: impl AsRef<str>) {
    let reason = reason.as_ref();
    let is_required = std::env::var("CI").is_ok_and(|value| value == "true");
    assert!(!is_required, "CI=true requires what is skipped: {reason}");
    let thread = std::thread::current();
    let test = thread.name().unwrap_or("a test");
    let line = format!("{test}: {reason}");
    // Nothing can be done where a closed stderr or a full disk hides it.
    writeln!(io::stderr(), "skipped: {line}").ok();
    let file = file();
    let folder = file.parent().expect("target/tmp");
    let written = fs::create_dir_all(folder).and_then(|()| {
        let mut options = OpenOptions::new();
        let mut file = options.append(true).create(true).open(&file)?;
        writeln!(file, "{line}")
    });
    written.unwrap_or_else(|error| panic!("{}: {error}", file.display()));
}

/// What the tests that this run of cargo has started before have skipped: a line each. For
/// the last of its test targets.
pub fn skipped() -> Vec<String> {
    let text = fs::read_to_string(file()).unwrap_or_default(); // none: no file
    text.lines().map(String::from).collect()
}

/// `target/tmp/skipped-PID-START`, with the process id of cargo, which starts all tests of a
/// run, and the time when it was started: ids come again.
fn file() -> PathBuf {
    #[cfg(unix)]
    let cargo = std::os::unix::process::parent_id();
    #[cfg(not(unix))]
    let cargo = 0;
    let stat = fs::read_to_string(format!("/proc/{cargo}/stat")).unwrap_or_default();
    let after_the_name = stat.rsplit_once(") ").map_or("", |(_, rest)| rest);
    let start = after_the_name.split(' ').nth(19).unwrap_or_default(); // proc_pid_stat(5)
    let target = crate::program::profile_folder();
    let target = target.parent().expect("target/");
    target.join("tmp").join(format!("skipped-{cargo}-{start}"))
}

/// Ends a test that cannot run here: [`skip()`], and return.
///
/// ```no_run
/// # fn test() {
/// if std::net::TcpListener::bind("[::1]:0").is_err() {
///     tests::skip!("this machine has no IPv6 loopback");
/// }
/// # }
/// ```
#[macro_export]
macro_rules! skip {
    ($($reason:tt)*) => {
        return $crate::skip(format!($($reason)*))
    };
}
