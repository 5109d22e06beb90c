use std::net::SocketAddr;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use socket2::Socket;

use crate::{Backoff, Context, DeadlineStream, Error, StopSignal};
use crate::{eprintln, explain, println, reachable};

/// How long clients that come after Ctrl+C are still accepted, and see a clean end.
const GOODBYE: Duration = Duration::from_millis(200);

/// Says where the listener is, and how to talk to it: the first two lines of a server.
pub fn announce(own: SocketAddr) {
    println!("Listening on {own}");
    println!("try: nc {} {}", reachable(own).ip(), own.port());
}

/// Serves each client on a thread of its own, until Ctrl+C: the loop of the servers of
/// lessons 07 and 09, for programs that have something else to show.
///
/// The listener is std's or socket2's, of IPv4, IPv6 or the Unix domain (lesson 16).
/// `serve` gets the client and the number of clients at that moment, this one included:
/// so it can refuse politely. At the end, clients that still wait in the queue see the
/// end of their streams, too; then it returns, when all threads have ended.
///
/// # Errors
/// Those of `accept` that no waiting helps against, see [`Backoff`].
pub fn serve_clients(
    listener: impl Into<Socket>,
    stop: &'static StopSignal,
    serve: impl Fn(DeadlineStream, usize) + Sync,
) -> Result<(), Error> {
    let listener: Socket = listener.into();
    stop.wake_accept(&listener)
        .context("cannot read our address")?;
    let mut backoff = Backoff::default();
    let mut end = None; // of the time for those that still wait in the queue
    let permit = Arc::new(());
    thread::scope(|scope| {
        loop {
            let peer = match listener.accept() {
                Ok((stream, _)) => DeadlineStream::new(stream),
                Err(_) if stop.requested() => return Ok(()),
                Err(error) => {
                    backoff.wait_or_fail(error).context("cannot accept")?;
                    continue;
                }
            };
            backoff.reset();
            if stop.requested() {
                listener.set_nonblocking(true).context("cannot end")?;
                // Where new clients keep coming, the queue is never empty.
                if Instant::now() > *end.get_or_insert_with(|| Instant::now() + GOODBYE) {
                    return Ok(());
                }
            }
            let (permit, serve) = (Arc::clone(&permit), &serve);
            let clients = Arc::strong_count(&permit) - 1;
            let client = move || {
                if stop.requested() {
                    peer.close_gracefully();
                } else {
                    serve(peer, clients);
                }
                drop(permit);
            };
            if let Err(error) = thread::Builder::new().spawn_scoped(scope, client) {
                eprintln!("no thread for a client: {}", explain(&error));
            }
        }
    })
}
