//! What the lessons need and do not teach.
//!
//! - [`run`] is the frame of every lesson's `main`: it reads the arguments ([`Args`]),
//!   calls the lesson, and turns an [`Error`] into two lines and an exit code.
//! - [`Address`] is the `HOST:PORT` of the command line; [`reachable`] is the address under
//!   which this machine itself reaches a listener. [`Url`] is a page's.
//! - [`StopSignal`] is the clean end on Ctrl+C and SIGTERM, for the lessons after the one
//!   that teaches it.
//! - [`Backoff`], [`close_gracefully`], [`shutdown_and_drain`] and [`close_all`] are what every server
//!   does around `accept` and `close`, for the lessons after the ones that teach them.
//! - [`House`] counts who is in a server, and ends them, for the servers after lesson 07.
//! - [`listen`], [`announce`], [`close_in_background`] and [`goodbye`] stand around the loop of a server
//!   that waits for many clients at once; [`Lines`] puts the pieces of their lines together.
//! - [`Download`] is where a client puts what it fetches, [`WholeFile`] a file that is
//!   saved whole or not at all; [`visible`] makes a peer's words safe to print.
//! - [`tcp_pair`] is a connection whose two ends are in one program; [`median`] is what
//!   lessons that measure print.
//! - [`Heard`] prints what comes in pieces as lines, with a name in front; [`would_block`]
//!   and [`in_progress`] are what a nonblocking socket says when it is not ready.
//! - [`DeadlineStream`] is a connection with a deadline for the whole of a message, [`Dialogue`]
//!   a protocol of lines that is shown as it is spoken.
//! - [`Login`] is a name, and a password that no message shows; [`Letter`] is a mail as
//!   it is written, [`smtp_hint`] says what a refusal of one means, [`SeenFile`] remembers
//!   which ones were seen.
//! - [`descriptor_limit`] is how many sockets a program may hold at once.
//! - [`Started`] is a program that was started, and what comes out of it.
//! - [`unix_files`] is what belongs to the files of Unix-domain sockets.
//! - [`icmp`] is what ping needs besides its messages.
//! - [`practice`] holds the servers that a client without an argument talks to.
//! - [`println!`], [`print!`] and [`eprintln!`] are std's, without the panic when nobody
//!   reads, and with every line written at once.
//!
//! What is absent: the calls that a lesson is about. No function here creates, binds,
//! connects, accepts, sends or receives on behalf of a lesson that teaches that call.
//! No lesson is imported here, and the tests never use this crate: they are independent
//! peers, so that a fault in a helper cannot hide itself.

mod address;
mod args;
mod backoff;
mod close;
mod deadline;
mod descriptors;
mod dialogue;
mod download;
mod errno;
mod error;
mod heard;
mod house;
pub mod icmp;
mod line_reader;
mod login;
mod mail;
pub mod netdb;
mod nonblocking;
mod output;
mod pair;
pub mod practice;
mod serve;
mod started;
mod stop_signal;
pub mod unix_files;
mod url;
mod whole_file;

pub use address::{Address, display_addr, name_and_service, reachable};
pub use args::{Args, run};
pub use backoff::Backoff;
pub use close::{close_all, close_gracefully, close_in_background, shutdown_and_drain};
pub use deadline::DeadlineStream;
pub use descriptors::descriptor_limit;
pub use dialogue::Dialogue;
pub use download::{Download, visible};
pub use errno::{Explanation, explain};
pub use error::{Context, Error, unix_only, unix_only_io};
pub use heard::Heard;
pub use house::{House, Seat};
pub use line_reader::LineReader;
pub use login::Login;
pub use mail::{Letter, SeenFile, smtp_hint};
#[cfg(unix)]
pub use nonblocking::fits_fd_set;
pub use nonblocking::{in_progress, is_lost, would_block};
#[doc(hidden)]
pub use output::{write_stderr, write_stdout};
pub use pair::{median, tcp_pair};
pub use serve::{announce, serve_clients};
pub use started::{Piece, Started};
pub use stop_signal::{StopSignal, exit_on_ctrl_c};
pub use url::Url;
pub use whole_file::WholeFile;

/// What a lesson returns: nothing, or the [`Error`] that `run` prints.
pub type Result<T> = std::result::Result<T, Error>;
