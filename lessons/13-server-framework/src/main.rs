// ANCHOR: all
//! Lesson 13: hello world, on a framework of our own.
//!
//!     cargo run -p server-framework
//!     nc 127.0.0.1 2525                 (in a second terminal)

use std::io::{self, Write};
use std::process::ExitCode;
use std::sync::Arc;

use server_framework::{Client, ThreadingTcpServer};
use shared::{Args, Context, StopSignal, announce};

const HELP: &str = "\
Says `Hello World!` to everybody who connects, and closes.

usage: server-framework [HOST:PORT]

  HOST:PORT  where to listen (127.0.0.1:2525); port 0 takes any free port

example: cargo run -p server-framework        then: nc 127.0.0.1 2525
";

fn main() -> ExitCode {
    shared::run(HELP, run)
}

fn run(args: Args) -> shared::Result<()> {
    let wanted = args.address_or("127.0.0.1:2525")?.first()?;
    let server = ThreadingTcpServer::new(wanted, hello);
    let server = Arc::new(server.context(format!("cannot listen on {wanted}"))?);
    let own = server.address().context("cannot read our address")?;
    // The server has two owners: this thread, and the action that Ctrl+C will run.
    let at_the_end = Arc::clone(&server);
    StopSignal::watch()?.on_stop(move || at_the_end.shutdown());
    announce(own);
    server.serve_forever().context("cannot accept")
}

// ANCHOR: hello
/// The whole protocol. A function that takes a client is a handler.
fn hello(client: &Client) -> io::Result<()> {
    (&*client.stream).write_all(b"Hello World!\n")
}
// ANCHOR_END: hello
