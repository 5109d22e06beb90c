//! The judge's tools: programs under test, peers that talk to them, transcripts.
//!
//! - [`Program`] builds a lesson's program once and starts it; [`Running`] is the running
//!   process: what it printed, its keyboard, its signals, its end, always with a deadline.
//! - [`no_way`] is what can be wrong with the way to a server, for every client.
//! - [`peer`] is the other side of the wire: plain std sockets that dawdle, reset and
//!   listen as a test asks for.
//! - `namespace` gives a program a network of its own.
//! - [`kernel`] asks the kernel what it knows of a process and its sockets.
//! - [`skip()`] says that a test cannot run here; with `CI=true` that is a failure.
//! - [`tool!`] finds an outside program (nginx, telnet, python3 …).
//! - [`Transcript`] runs programs as a reader would, and holds the book to what they print.
//!
//! What is absent: the crate `shared`. The judge is an independent peer, so that a fault
//! in a helper of the lessons cannot hide itself. And no test sleeps in order to wait for
//! something: it waits for the thing, with a deadline ([`until`]).

#![warn(missing_docs)]

pub mod kernel;
#[cfg(target_os = "linux")]
pub mod namespace;
pub mod no_way;
pub mod peer;
mod program;
mod skip;
mod tool;
mod transcript;

use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

pub use program::{Ended, Program, Running, take_evidence, windows_programs};
pub use skip::{skip, skipped};
pub use tool::find_tool;
pub use transcript::{Terminal, Transcript};

/// How long a test waits for one answer. With 16 busy loops on two cores an echo takes up
/// to 151 ms; this is far above, so that only a program that hangs meets it.
pub const ANSWER: Duration = Duration::from_secs(5);

/// How long a test waits for a program as a whole.
pub const WHOLE: Duration = Duration::from_secs(20);

/// The root of the workspace.
pub fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().expect("tests/ has a parent").to_path_buf()
}

/// Lets this process, and the programs that it starts, hold so many descriptors. Where the
/// system does not: false, and a skip.
#[cfg(unix)]
pub fn may_hold(descriptors: nix::sys::resource::rlim_t) -> bool {
    use nix::sys::resource::{Resource, getrlimit, setrlimit};
    let (soft, hard) = getrlimit(Resource::RLIMIT_NOFILE).expect("the limits");
    if soft < descriptors && descriptors <= hard {
        let raised = setrlimit(Resource::RLIMIT_NOFILE, descriptors, hard);
        raised.expect("below the hard one");
    }
    let enough = descriptors <= hard;
    if !enough {
        skip(format!("this system allows {hard} descriptors"));
    }
    enough
}

/// Waits until `look` finds something; panics with `what` after [`ANSWER`].
pub fn until<T>(what: &str, look: impl FnMut() -> Option<T>) -> T {
    until_within(ANSWER, what, look)
}

/// As [`until`], with another deadline.
pub fn until_within<T>(
    deadline: Duration,
    what: &str,
    mut look: impl FnMut() -> Option<T>,
) -> T {
    let end = Instant::now() + deadline;
    loop {
        let start = Instant::now();
        if let Some(found) = look() {
            return found;
        }
        let took = start.elapsed();
        assert!(Instant::now() < end, "waited {deadline:?} in vain: {what}");
        // Between two looks, not instead of one; and a look that costs much is rare.
        thread::sleep(took.max(Duration::from_millis(2)));
    }
}
