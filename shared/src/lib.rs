//! What several lessons need and none of them teaches, or what an earlier lesson has
//! taught.
//!
//! - [`run`] is the frame of every program's `main`: it reads the arguments ([`Args`]), calls
//!   the program, and turns an [`Error`] into two lines and an exit code. [`Context`] says
//!   what a call was for, [`explain`] what its error means.
//! - [`Address`] is the `HOST:PORT` of the command line; [`reachable`] is the address under
//!   which this machine itself reaches a listener, [`display_addr`] is one as text.
//! - [`exit_on_ctrl_c`] and [`StopSignal`] are the end on Ctrl+C and SIGTERM (lesson 06).
//! - [`Backoff`], [`close_gracefully`], [`close_all`], [`shutdown_and_drain`] and
//!   [`close_in_background`] stand around `accept` and `close` (lessons 05 to 07).
//! - [`announce`] prints the first two lines of a server, and [`serve_clients`] is the loop of
//!   lesson 07, for programs that have something else to show.
//! - [`DeadlineStream`] is a connection with a deadline for the whole of a message,
//!   [`LineReader`] reads lines, with a limit (lessons 06 and 09).
//! - [`would_block`] and [`fits_fd_set`] are for nonblocking sockets and
//!   `select` (lesson 10).
//! - [`Download`] is where a client puts what it fetches, [`WholeFile`] a file that is saved
//!   whole or not at all; [`visible`] makes a peer's words safe to print.
//! - [`practice`] holds servers that a client without an argument talks to.
//! - [`only_on!`] starts a program that is for some systems only, and elsewhere says so.
//! - [`println!`], [`print!`] and [`eprintln!`] are std's, without the panic when nobody
//!   reads, and with every line written at once. [`log!`] is for a server's lines: clients
//!   never wait for who reads them.
//!
//! What is absent: the calls that a lesson is about. No function here creates, binds,
//! connects, accepts, sends or receives on behalf of a lesson that teaches that call.
//! What one lesson alone needs stands in that lesson. No lesson is imported here, and the
//! tests never use this crate: they are independent peers, so that a fault in a helper
//! cannot hide itself.

#![warn(missing_docs)]

mod address;
mod args;
mod backoff;
mod close;
mod deadline;
mod download;
mod errno;
mod error;
mod line_reader;
mod nonblocking;
mod only_on;
mod output;
pub mod practice;
mod serve;
mod stop_signal;
mod whole_file;

pub use address::{Address, display_addr, reachable};
pub use args::{Args, run};
pub use backoff::Backoff;
pub use close::{close_all, close_gracefully, close_in_background, shutdown_and_drain};
pub use deadline::DeadlineStream;
pub use download::{Download, visible};
pub use errno::{Explanation, explain};
pub use error::{Context, Error};
pub use line_reader::LineReader;
#[cfg(unix)]
pub use nonblocking::fits_fd_set;
pub use nonblocking::would_block;
#[doc(hidden)]
pub use only_on::not_here;
pub use output::print_result;
#[doc(hidden)]
pub use output::{write_log, write_stderr, write_stdout};
pub use serve::{announce, serve_clients};
pub use stop_signal::{StopSignal, exit_on_ctrl_c};
pub use whole_file::WholeFile;

/// What a program returns: nothing, or the [`Error`] that `run` prints. It is written
/// `shared::Result<()>`, as `io::Result<()>` is, so that std's `Result` keeps its name.
pub type Result<T> = std::result::Result<T, Error>;
