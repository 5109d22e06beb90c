//! What you write: the handler.

use std::io;

use shared::{eprintln, explain};

use crate::Request;

/// What you write: what to do with a request `Q`, a [`Client`] or a [`Datagram`].
///
/// One handler serves all requests, maybe many at once: so it is `&self`, and `Sync`.
/// What belongs to one request is a local variable of `handle`. A closure or a function
/// `Fn(&Q) -> io::Result<()>` is a handler, too.
pub trait Handler<Q: Request>: Send + Sync + 'static {
    /// Comes first. After an error here the other two are not called.
    fn setup(&self, _request: &Q) -> io::Result<()> {
        Ok(())
    }

    /// Serves the request to its end. The server closes the connection afterwards.
    fn handle(&self, request: &Q) -> io::Result<()>;

    /// Comes last, also when `handle` has failed or panicked.
    fn finish(&self, _request: &Q) -> io::Result<()> {
        Ok(())
    }

    /// An error or a panic has ended a request. Prints it on standard error. (The one
    /// place where a panic is not caught.)
    fn failed(&self, request: &Q, error: &io::Error) {
        eprintln!("{} is lost: {}", request.peer(), explain(error));
    }
}

impl<Q: Request, F: Fn(&Q) -> io::Result<()> + Send + Sync + 'static> Handler<Q> for F {
    fn handle(&self, request: &Q) -> io::Result<()> {
        self(request)
    }
}
