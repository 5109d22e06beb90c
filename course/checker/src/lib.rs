//! The checker of the exercises: it starts a learner's program in a sandbox, plays the other
//! side of the wire, and says what it saw, what it expected, and what to read.
//!
//! - [`Exercise`] is a task with the steps of its check. Which there are, it is given by
//!   who uses it.
//! - [`Stage`] is where a step plays: it starts the [`Program`], and talks to it as a
//!   [`Peer`], with values from a seed.
//! - [`Failure`] is why a step failed. An [`Order`] has a check made in a process of its
//!   own, which sends its [`Event`]s and at last its [`Verdict`]; [`backstage`] is where
//!   that process begins.
//! - A [`Recorder`] has a check recorded, for a picture of it.
//! - [`sandbox`] and [`exec`] keep the program where it harms nobody.
//! - [`workshop`] compiles files that were handed in.
//!
//! What is absent: the crate `shared`, and everything of the learner's but its sockets,
//! outputs and end. What the program prints and how it ends are evidence; the verdict is
//! the checker's alone.

#![warn(missing_docs)]
// A check fails at most once: the size of its failure costs nothing.
#![allow(clippy::result_large_err)]

mod attempts;
mod check_process;
mod clock;
mod datagrams;
mod door;
mod environment;
pub mod exec;
mod exercise;
mod failure;
mod idle;
#[cfg(windows)]
mod job;
mod numbered;
mod patience;
mod peer;
mod places;
mod proc;
mod program;
#[cfg(target_os = "linux")]
mod read_only;
mod recorder;
mod report;
mod roles;
pub mod sandbox;
mod scratch;
#[cfg(target_os = "linux")]
pub mod sock_diag;
pub mod sockets;
mod spawn;
mod stage;
mod supervisor;
mod verdict;
mod wire_log;
pub mod workshop;

use std::time::Duration;

pub use attempts::Attempts;
pub use check_process::Order;
pub use clock::Wait;
pub use datagrams::Datagrams;
pub use door::{Door, Silence};
pub use exercise::{Exercise, Kind, MINE, Step, is_untouched};
pub use failure::{Failure, Kind as FailureKind, quoted};
pub use idle::wakes_at_once;
pub use numbered::Numbered;
pub use peer::{PAUSE, Peer, RESET_AT_ONCE};
pub use program::{Program, Recipe, said};
pub use recorder::{HEAR, Recorder};
pub use roles::backstage;
pub use stage::{MOST, Stage};
pub use supervisor::sandbox_is_possible;
pub use verdict::{Event, Verdict};

/// How long a program may take for one answer. With 16 busy loops on two cores an echo
/// takes up to 151 ms.
pub const ANSWER: Duration = Duration::from_secs(5);

/// How long a program may take from its start until it listens or connects: on a busy
/// machine an interpreter has many files to read before.
pub const START: Duration = Duration::from_secs(10);

/// How long a check may take as a whole, on a machine that does little else.
pub const WHOLE: Duration = Duration::from_secs(20);

/// The same where other programs keep the processors busy, how many there may be.
pub const LONGEST: Duration = Duration::from_secs(80);
