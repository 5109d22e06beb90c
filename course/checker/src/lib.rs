//! The checker of the exercises: it starts a learner's program in a cage, plays the other
//! side of the wire, and says what it saw, what it expected, and what to read.
//!
//! - [`Exercise`] is a task with the steps of its check. Which there are, it is given by
//!   who uses it.
//! - [`Stage`] is where a step plays: it starts the [`Program`], and talks to it as a
//!   [`Peer`], with values from a seed.
//! - [`Trouble`] is why a step failed; [`judge`] runs a check, and writes its [`Report`].
//! - [`cage`] and [`launch`] keep the program where it harms nobody.
//! - [`workshop`] compiles files that were handed in.
//!
//! What is absent: the crate `shared`, and everything of the learner's but its sockets,
//! outputs and end. What the program prints and how it ends are evidence; the verdict is
//! the judge's alone.

// A check fails at most once: the size of its trouble costs nothing.
#![allow(clippy::result_large_err)]

pub mod cage;
mod clock;
mod datagrams;
mod environment;
mod exercise;
mod keeper;
pub mod launch;
mod order;
mod peer;
mod program;
mod report;
mod rest;
mod scratch;
#[cfg(target_os = "linux")]
mod seal;
pub mod sockets;
mod stage;
mod start;
mod talk;
mod trouble;
pub mod workshop;

use std::time::Duration;

pub use datagrams::Datagrams;
pub use exercise::{Exercise, Kind, MINE, Step, is_untouched};
pub use keeper::cage_is_possible;
pub use order::{Order, Verdict, backstage};
pub use peer::{Door, PAUSE, Peer, RESET_AT_ONCE, Silence};
pub use program::{Program, Recipe, said};
pub use report::{Report, judge};
pub use stage::Stage;
pub use trouble::{Kind as TroubleKind, Trouble, quoted};

/// The first argument with which the judge starts itself as the launcher.
pub const LAUNCH: &str = "--launch-the-learners-program";

/// How long a program may take for one answer. With 16 busy loops on two cores an echo
/// takes up to 151 ms.
pub const ANSWER: Duration = Duration::from_secs(5);

/// How long a program may take from its start until it listens or connects: on a busy
/// machine an interpreter has many files to read before.
pub const START: Duration = Duration::from_secs(10);

/// How long a check may take as a whole.
pub const WHOLE: Duration = Duration::from_secs(20);
