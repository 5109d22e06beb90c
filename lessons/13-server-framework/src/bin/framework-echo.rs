// ANCHOR: all
//! Lesson 13: an echo server on the framework, with a handler that counts.
//!
//!     cargo run -p server-framework --bin framework-echo
//!     cargo run -p server-framework --bin framework-echo -- --pool 2
//!     nc 127.0.0.1 9001                 (in other terminals)

use std::io::{self, ErrorKind, Read, Write};
use std::num::NonZeroUsize;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::SeqCst};
use std::time::Duration;

use server_framework::{Client, Handler, OneByOne, Pool, Run, Server, Tcp, Threads};
use shared::{Args, Context, Error, StopSignal, announce, log};

const HELP: &str = "\
Sends every byte back to the client that it came from.

usage: framework-echo [HOST:PORT] [--one-by-one | --threads N | --pool N]
                      [--patience SECONDS]

  HOST:PORT           where to listen (127.0.0.1:9001); port 0 takes any free port
  --one-by-one        one client after another
  --threads N         a thread for each client, N at most (1000); this is the default
  --pool N            N threads for all clients
  --patience SECONDS  how long a client may be silent (300)

example: cargo run -p server-framework --bin framework-echo -- --pool 2
";

const QUEUE: usize = 16; // clients who may wait for a thread of the pool

fn main() -> ExitCode {
    shared::run(HELP, run)
}

// ANCHOR: choice
fn run(args: Args) -> shared::Result<()> {
    let threads = args.value("threads")?.map(NonZeroUsize::get);
    let pool = args.value("pool")?.map(NonZeroUsize::get);
    match (args.flag("one-by-one"), threads, pool) {
        (true, None, None) => serve(&args, OneByOne),
        (false, None, Some(workers)) => serve(
            &args,
            Pool::new(workers, QUEUE).context("cannot start the pool")?,
        ),
        (false, Some(most), None) => serve(&args, Threads(most)),
        (false, None, None) => serve(&args, Threads::default()),
        _ => Err(
            Error::usage("--one-by-one, --threads and --pool exclude each other")
                .hint("take one of them"),
        ),
    }
}

fn serve(args: &Args, runner: impl Run) -> shared::Result<()> {
    let wanted = args.address_or("127.0.0.1:9001")?.first()?;
    let patience = args.seconds("patience", 300.0)?;
    let bytes = AtomicU64::new(0);
    let server = Server::<Tcp, _, _>::with(wanted, Echo { patience, bytes }, runner);
    let server = Arc::new(server.context(format!("cannot listen on {wanted}"))?);
    let own = server.address().context("cannot read our address")?;
    let at_the_end = Arc::clone(&server);
    StopSignal::watch()?.on_stop(move || at_the_end.shutdown());
    announce(own);
    server.serve_forever().context("cannot accept")
}
// ANCHOR_END: choice

// ANCHOR: echo
/// One for all clients. Threads may be in it at the same time: so the counter is atomic.
struct Echo {
    patience: Duration,
    bytes: AtomicU64,
}

impl Handler<Client> for Echo {
    fn setup(&self, client: &Client) -> io::Result<()> {
        log!("{} has come", client.peer);
        client.stream.set_read_timeout(Some(self.patience))?;
        client.stream.set_write_timeout(Some(self.patience))
    }

    fn handle(&self, client: &Client) -> io::Result<()> {
        let mut stream = &*client.stream;
        let mut chunk = [0; 4096]; // of this client alone: a local variable
        loop {
            let count = match stream.read(&mut chunk) {
                Err(ref error) if error.kind() == ErrorKind::Interrupted => continue,
                Ok(0) => return Ok(()),
                result => result?,
            };
            self.bytes.fetch_add(count as u64, SeqCst);
            stream.write_all(&chunk[..count])?;
        }
    }

    fn finish(&self, client: &Client) -> io::Result<()> {
        let bytes = self.bytes.load(SeqCst);
        log!("{} has left; {bytes} bytes so far, for all", client.peer);
        Ok(())
    }
}
// ANCHOR_END: echo
