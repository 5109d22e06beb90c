// ANCHOR: head
//! Lesson 13: Python's socketserver, in Rust. A server is three choices:
//!
//! - what a request is: a [`Client`] who connects ([`Tcp`]), or a [`Datagram`] ([`Udp`]);
//! - who runs it: the loop itself ([`OneByOne`]), a thread for each ([`Threads`]), a few
//!   threads for all ([`Pool`]);
//! - what is done with it: your [`Handler`].
//!
//! All that is the same for every choice is in server.rs. What is absent: processes
//! (Python's `ForkingTCPServer`), TLS, and messages: what those are, your handler knows.

mod connections; // how many are here, and their streams: lesson 07 counts by hand
mod handler;
mod pool;
mod run;
mod server;
mod tcp;
mod transport;
mod udp;

pub use handler::Handler;
pub use pool::Pool;
pub use run::{Job, OneByOne, Run, Threads};
pub use server::Server;
pub use tcp::{Client, Tcp};
pub use transport::{Request, Transport};
pub use udp::{Datagram, Udp};
// ANCHOR_END: head

// ANCHOR: aliases
/// One client after another: Python's `TCPServer`.
pub type TcpServer<H> = Server<Tcp, H, OneByOne>;
/// A thread for each client: Python's `ThreadingTCPServer`.
pub type ThreadingTcpServer<H> = Server<Tcp, H, Threads>;
/// A few threads for all clients. Python has no such server.
pub type PoolTcpServer<H> = Server<Tcp, H, Pool>;
/// One datagram after another: Python's `UDPServer`.
pub type UdpServer<H> = Server<Udp, H, OneByOne>;
/// A thread for each datagram: Python's `ThreadingUDPServer`.
pub type ThreadingUdpServer<H> = Server<Udp, H, Threads>;
// ANCHOR_END: aliases
