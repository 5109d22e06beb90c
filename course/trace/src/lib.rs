//! Pictures of real runs: the programs' system calls with their results, the time that they
//! slept in one, every segment, and the states of the sockets.
//!
//! - [`runs`] is the table of the book's runs.
//! - `network` is a private network with a packet socket, and `stage` starts programs in it
//!   under strace. `headers` reads the packets, `calls` what strace writes, and `record` makes
//!   one order of all.
//! - [`event`] is the data, a line of JSON for each event; [`check`] looks for a lie in it, by
//!   the [`states`] of the connections; [`comparable`] is what two recordings of a run have in
//!   common.
//! - `watch` prints a run while it happens.
//! - [`colours`] is for that.
//! - `talk` is the same for a check of an exercise: the checker starts the recording.
//! - [`draw`] makes the figure from the data, row by row of its `sheet`, and [`twin`] its twin
//!   in text; their `words` are the same.
//!
//! What is absent: a relay between the two programs (it would change what it shows), and a
//! descriptor of theirs in this process (it would hold a connection open).

// The names of the fields say it; what they do not say has a comment.
#![allow(missing_docs)]

pub mod check;
pub mod colours;
pub mod comparable;
pub mod draw;
pub mod event;
pub mod page;
pub mod runs;
pub mod states;
pub mod twin;

mod sheet;
mod words;

#[cfg(target_os = "linux")]
pub mod calls;
#[cfg(target_os = "linux")]
pub mod headers;
#[cfg(target_os = "linux")]
pub mod network;
#[cfg(target_os = "linux")]
pub mod record;
#[cfg(target_os = "linux")]
pub mod stage;
#[cfg(target_os = "linux")]
pub mod talk;
#[cfg(target_os = "linux")]
pub mod watch;

/// The first argument with which this program starts another one without rights.
pub const WITHOUT_RIGHTS: &str = "--without-rights";

/// The first argument with which the checker starts this program, to hear a check. (The checker
/// has the same word.)
pub const HEAR: &str = "--hear-the-check";

/// The first argument with which the guide has a check drawn that was recorded.
pub const DRAW: &str = "--draw-the-check";

/// The first argument with which it starts strace, so that nothing outlives this program.
pub const DIES_WITH_US: &str = "--dies-with-us";
