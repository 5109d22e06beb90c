//! Lesson 17: one echo service in the seven designs of the steps; nobody is cut off.
//!
//!     cargo run -p scale --release -- --design epoll     (then: nc 127.0.0.1 7777)
//!     cargo run -p scale --release --bin compare -- --quick

use std::io;
use std::num::NonZeroUsize;
use std::process::ExitCode;

use shared::{Args, Context, Error, announce, println};

use crate::program::server::Server;

mod descriptors;
mod designs {
    pub mod acceptor;
    pub mod asynchronous;
    pub mod client;
    pub mod epoll;
    pub mod iterative;
    pub mod poll;
    pub mod pool;
    pub mod select;
    pub mod thread_per_client;
}
mod server;

const HELP: &str = "\
Sends back what each client sends, in one of seven designs.

usage: scale [HOST:PORT] [--design NAME] [--workers N] [--patience SECONDS]

  HOST:PORT           where to listen (127.0.0.1:7777); port 0 takes any free port
  --design NAME       one-by-one, thread-each, pool, select, poll, epoll or async (epoll)
  --workers N         how many threads the pool has (64)
  --patience SECONDS  how long a client may be silent (300)

example: cargo run -p scale -- --design poll        then: nc 127.0.0.1 7777
";

/// Serves the clients of a server until the process ends.
type Design = fn(&Server) -> io::Result<()>;

const DESIGNS: [(&str, Design); 7] = [
    ("one-by-one", designs::iterative::serve),
    ("thread-each", designs::thread_per_client::serve),
    ("pool", designs::pool::serve),
    ("select", designs::select::serve),
    ("poll", designs::poll::serve),
    ("epoll", designs::epoll::serve),
    ("async", designs::asynchronous::serve),
];

pub fn main() -> ExitCode {
    shared::run(HELP, run)
}

fn run(args: Args) -> shared::Result<()> {
    let name = args.values("design").last().unwrap_or("epoll");
    let Some((_, serve)) = DESIGNS.iter().find(|(known, _)| *known == name) else {
        let names = DESIGNS.map(|(name, _)| name).join(", ");
        let error = Error::usage(format!("there is no design `{name}`"));
        return Err(error.hint(format!("take one of these: {names}")));
    };
    let workers = args.value("workers")?.map_or(64, NonZeroUsize::get);
    let patience = args.seconds("patience", 300.0)?;
    let wanted = args.address_or("127.0.0.1:7777")?.first()?;
    let limit = descriptors::limit(); // a client is a descriptor: as many as we may have
    let server = Server::open(wanted, patience, workers);
    let server = server.context(format!("cannot listen on {wanted}"))?;
    let own = server
        .listener
        .local_addr()
        .context("cannot read our address")?;
    server.ends_on_ctrl_c().context("cannot watch for Ctrl+C")?;
    announce(own);
    println!("design: {name}; {limit} descriptors");
    serve(&server).context("cannot go on")
}
