//! The server: one loop, for whatever comes and whoever runs it.

use std::io;
use std::net::{Shutdown, SocketAddr};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::{Duration, Instant};

use shared::{Backoff, eprintln, shutdown_and_drain};

use crate::connections::Connections;
use crate::{Handler, Job, Request, Run, Transport};

/// For the peers to close, too.
pub(crate) const GOODBYE: Duration = Duration::from_millis(300);

// ANCHOR: made
/// A server, which listens from the moment it is made. Dropped, it closes its socket.
pub struct Server<T, H, R> {
    transport: T,
    handler: Arc<H>,
    runner: R,
    connections: Arc<Connections>,
}

impl<T: Transport, H: Handler<T::Request>, R: Run> Server<T, H, R> {
    /// A server on this address, with who shall run the requests. Port 0: any free port.
    pub fn with(address: SocketAddr, handler: H, runner: R) -> io::Result<Self> {
        Ok(Self {
            transport: T::listen(address)?,
            handler: Arc::new(handler),
            runner,
            connections: Arc::default(),
        })
    }

    /// The same, where nothing has to be said about who runs them.
    pub fn new(address: SocketAddr, handler: H) -> io::Result<Self>
    where
        R: Default,
    {
        Self::with(address, handler, R::default())
    }

    /// Where it really listens.
    pub fn address(&self) -> io::Result<SocketAddr> {
        self.transport.address()
    }
    // ANCHOR_END: made

    // ANCHOR: loop
    /// Serves until [`shutdown`](Self::shutdown), or until an error of accept or recvfrom
    /// that no waiting helps against. Whoever finds no room waits in the kernel.
    pub fn serve_forever(&self) -> io::Result<()> {
        self.connections.set_open();
        let mut backoff = Backoff::default();
        let result = loop {
            if !self.connections.wait_for_room(self.runner.room()) {
                break Ok(()); // the end was asked for
            }
            match self.transport.next() {
                Ok(request) => {
                    backoff.reset();
                    let name = request.peer().to_string();
                    if let Err(error) = self.runner.run(&name, self.job(request)) {
                        eprintln!("{name} is lost: no thread for it: {error}");
                    }
                }
                Err(error) => match backoff.wait_after(&error) {
                    Ok(wait) => self.connections.wait_for_closing(wait),
                    Err(_) if self.connections.is_closing() => break Ok(()),
                    Err(error) => break Err(error),
                },
            }
        };
        let end = Instant::now() + 2 * GOODBYE;
        self.transport.close_queue();
        let left = end.saturating_duration_since(Instant::now());
        self.connections.wait_until_empty(left);
        self.connections.set_closed();
        result
    }
    // ANCHOR_END: loop

    // ANCHOR: shutdown
    /// Ends the loop, from another thread: nobody new is served, and every client sees
    /// the end of the stream. Waits until [`serve_forever`](Self::serve_forever) is over.
    /// A server that was shut down stays so, even if its loop had not begun.
    pub fn shutdown(&self) {
        self.connections.close();
        // Most clients close now: their handlers' recv returns 0. When the time is up, it
        // returns 0 to all others, too.
        self.connections.shutdown_all(Shutdown::Write);
        let asked = Instant::now();
        while self.connections.is_open() {
            self.transport.wake(asked.elapsed() > 3 * GOODBYE);
            self.connections.wait_until_closed(GOODBYE / 10);
            if asked.elapsed() > GOODBYE {
                self.connections.shutdown_all(Shutdown::Read);
            }
        }
    }
    // ANCHOR_END: shutdown

    // ANCHOR: job
    /// All that happens to a request, for whoever runs it.
    fn job(&self, request: T::Request) -> Job {
        let handler = Arc::clone(&self.handler);
        let permit = self.connections.permit(request.stream());
        Box::new(move || {
            if !permit.came_late() {
                process(&*handler, &request);
            }
            if let Some(stream) = request.stream() {
                shutdown_and_drain(&**stream, GOODBYE); // lesson 05
            }
        })
    }
}

fn process<Q: Request>(handler: &impl Handler<Q>, request: &Q) {
    if let Err(error) = process_or_fail(handler, request) {
        handler.failed(request, &error);
    }
}

fn process_or_fail<Q: Request>(handler: &impl Handler<Q>, request: &Q) -> io::Result<()> {
    catch_panic(|| handler.setup(request))?;
    let handled = catch_panic(|| handler.handle(request));
    let finished = catch_panic(|| handler.finish(request)); // also after an error
    handled.and(finished)
}

/// A panic ends the request that it happened in, and not the loop, nor a worker.
fn catch_panic(part: impl FnOnce() -> io::Result<()>) -> io::Result<()> {
    match catch_unwind(AssertUnwindSafe(part)) {
        Ok(result) => result,
        Err(_) => Err(io::Error::other("its handler has panicked")),
    }
}
// ANCHOR_END: job
