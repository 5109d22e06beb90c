//! What the lessons need and do not teach.
//!
//! - [`run`] is the frame of every lesson's `main`: it reads the arguments ([`Args`]),
//!   calls the lesson, and turns an [`Error`] into two lines and an exit code.
//! - [`Address`] is the `HOST:PORT` of the command line; [`from_here`] is the address under
//!   which this machine itself reaches a listener.
//! - [`Shutdown`] is the clean end on Ctrl+C and SIGTERM, for the lessons after the one
//!   that teaches it.
//! - [`Backoff`], [`hang_up`], [`say_goodbye`] and [`hang_up_all`] are what every server
//!   does around `accept` and `close`, for the lessons after the ones that teach them.
//! - [`Download`] is where a client puts what it fetches, [`WholeFile`] a file that is
//!   saved whole or not at all; [`visible`] makes a peer's words safe to print.
//! - [`descriptor_limit`] is how many sockets a program may hold at once.
//! - [`Patient`] is a connection with a deadline for the whole of a message.
//! - [`Started`] is a program that was started, and what comes out of it.
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
mod descriptors;
mod download;
mod errno;
mod error;
pub mod netdb;
mod output;
mod patient;
pub mod practice;
mod server;
mod shutdown;
mod started;
mod whole_file;

pub use address::{Address, from_here, name_and_service, written};
pub use args::{Args, run};
pub use descriptors::descriptor_limit;
pub use download::{Download, visible};
pub use errno::{Explanation, explain};
pub use error::{Context, Error};
#[doc(hidden)]
pub use output::{write_stderr, write_stdout};
pub use patient::{Patient, serve_clients};
pub use server::{Backoff, hang_up, hang_up_all, say_goodbye};
pub use shutdown::Shutdown;
pub use started::{Piece, Started};
pub use whole_file::WholeFile;

/// What a lesson returns: nothing, or the [`Error`] that `run` prints.
pub type Result<T> = std::result::Result<T, Error>;
