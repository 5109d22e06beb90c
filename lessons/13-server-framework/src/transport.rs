//! What comes: the one difference between a server of clients and one of datagrams.

use std::io;
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;

/// What a server receives: what `TCPServer` and `UDPServer` differ in.
pub trait Transport: Sized + Send + Sync + 'static {
    /// What one wait brings: a client, or a datagram.
    type Request: Request;
    /// Makes a socket that receives requests: socket, bind, for TCP listen.
    fn listen(address: SocketAddr) -> io::Result<Self>;
    /// Where it listens: getsockname.
    fn address(&self) -> io::Result<SocketAddr>;
    /// Waits for the next request: accept, or recvfrom.
    fn next(&self) -> io::Result<Self::Request>;
    /// Ends a wait in `next` by a request of our own; with `by_force`, by shutdown(2).
    fn wake(&self, by_force: bool);
    /// The loop has ended: nobody new may come, and who waits in the queue sees the end.
    fn close_queue(&self) {}
}

/// What a transport brings to the handler.
pub trait Request: Send + 'static {
    /// Who it is from.
    fn peer(&self) -> SocketAddr;
    /// The connection, where there is one.
    fn stream(&self) -> Option<&Arc<TcpStream>> {
        None
    }
}
