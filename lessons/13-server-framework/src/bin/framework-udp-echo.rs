// ANCHOR: all
//! Lesson 13: the echo server for datagrams, on the same framework.
//!
//!     cargo run -p server-framework --bin framework-udp-echo
//!     nc -u 127.0.0.1 8080              (in a second terminal)

use std::io::{self, ErrorKind};
use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::process::ExitCode;
use std::sync::Arc;

use server_framework::{Datagram, Handler, Run, Server, Threads};
use server_framework::{ThreadingUdpServer, Udp, UdpServer};
use shared::{Args, Context, Error, StopSignal, log, println, reachable};

const HELP: &str = "\
Sends every datagram back to where it came from.

usage: framework-udp-echo [HOST:PORT] [--threads N]

  HOST:PORT    where to listen (127.0.0.1:8080); port 0 takes any free port
  --threads N  a thread for each datagram, N at most; without it, one after another

example: cargo run -p server-framework --bin framework-udp-echo
";

fn main() -> ExitCode {
    shared::run(HELP, run)
}

// ANCHOR: choice
fn run(args: Args) -> shared::Result<()> {
    let wanted = args.address_or("127.0.0.1:8080")?.first()?;
    match args.value("threads")?.map(NonZeroUsize::get) {
        Some(most) => {
            let threads = Threads(most);
            serve(wanted, ThreadingUdpServer::with(wanted, echo, threads))
        }
        None => serve(wanted, UdpServer::new(wanted, echo)),
    }
}

/// The same for every kind of server: so `R` is a parameter, and `H`.
fn serve<H: Handler<Datagram>, R: Run>(
    wanted: SocketAddr,
    server: io::Result<Server<Udp, H, R>>,
) -> shared::Result<()> {
    let server = server
        .context(format!("cannot listen on {wanted}"))
        .map_err(Error::of_a_udp_port)?;
    let server = Arc::new(server);
    let own = server.address().context("cannot read our address")?;
    let at_the_end = Arc::clone(&server);
    StopSignal::watch()?.on_stop(move || at_the_end.shutdown());
    println!("Listening on {own}");
    println!("try: nc -u {} {}", reachable(own).ip(), own.port());
    server.serve_forever().context("cannot receive")
}
// ANCHOR_END: choice

// ANCHOR: echo
/// One datagram, one answer, of the same length: no amplification (lesson 08). But a
/// forged sender can set two echo servers against each other, for ever: keep it at home.
fn echo(datagram: &Datagram) -> io::Result<()> {
    log!("{} sent {} bytes", datagram.peer, datagram.bytes.len());
    // Interrupted by a signal (EINTR): the call is made again.
    while let Err(error) = datagram.socket.send_to(&datagram.bytes, datagram.peer) {
        if error.kind() != ErrorKind::Interrupted {
            return Err(error);
        }
    }
    Ok(())
}
// ANCHOR_END: echo
