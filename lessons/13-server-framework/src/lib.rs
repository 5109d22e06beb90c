// ANCHOR: head
//! Lesson 13: Python's socketserver, in Rust. A server is three choices:
//!
//! - what a request is: a [`Client`] who connects ([`Tcp`]), or a [`Datagram`] ([`Udp`]);
//! - who runs it: the loop itself ([`OneByOne`]), a thread for each ([`Threads`]), a few
//!   threads for all ([`Pool`]);
//! - what is done with it: your [`Handler`].
//!
//! All that is the same for every choice is in this file. What is absent: processes
//! (Python's `ForkingTCPServer`), TLS, and messages: what those are, your handler knows.

use std::io::{self, ErrorKind};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use shared::{Backoff, close_all, eprintln, explain, reachable, shutdown_and_drain};
use socket2::{Domain, SockRef, Socket, Type};

mod connections; // how many are here, and their streams: lesson 07 counts by hand
use connections::Connections;

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

const BACKLOG: i32 = 1024; // clients whom the kernel connects ahead of us: lesson 07
const GOODBYE: Duration = Duration::from_millis(300); // to notice that we have closed
const PATIENCE: Duration = Duration::from_secs(300); // with a client who says nothing
// ANCHOR_END: head

// ANCHOR: handler
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
// ANCHOR_END: handler

// ANCHOR: server
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
    // ANCHOR_END: server

    // ANCHOR: forever
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
        self.transport.send_queue_home();
        let left = end.saturating_duration_since(Instant::now());
        self.connections.wait_until_empty(left);
        self.connections.set_closed();
        result
    }
    // ANCHOR_END: forever

    // ANCHOR: shutdown
    /// Ends the loop, from another thread: nobody new is served, and every client sees
    /// the end of the stream. Waits until [`serve_forever`](Self::serve_forever) is over.
    /// A server that was shut down stays so, even if its loop had not begun.
    pub fn shutdown(&self) {
        self.connections.close();
        // Most clients close now: their handlers' recv returns 0. When the time is up, it
        // returns 0 to all others, too.
        self.connections.shutdown_all(Shutdown::Write);
        let told = Instant::now();
        while self.connections.is_open() {
            self.transport.wake(told.elapsed() > 3 * GOODBYE); // maybe another was faster
            self.connections.wait_until_closed(GOODBYE / 10);
            if told.elapsed() > GOODBYE {
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
                attend(&*handler, &request);
            }
            if let Some(stream) = request.stream() {
                shutdown_and_drain(&**stream, GOODBYE); // lesson 05
            }
        })
    }
}
// ANCHOR_END: job

// ANCHOR: attend
fn attend<Q: Request>(handler: &impl Handler<Q>, request: &Q) {
    let done = caught(|| handler.setup(request)).and_then(|()| {
        let handled = caught(|| handler.handle(request));
        handled.and(caught(|| handler.finish(request))) // both are called
    });
    if let Err(error) = done {
        handler.failed(request, &error);
    }
}

/// A panic ends the request that it happened in, and not the loop, nor a worker.
fn caught(part: impl FnOnce() -> io::Result<()>) -> io::Result<()> {
    let panicked = |_| Err(io::Error::other("its handler has panicked"));
    catch_unwind(AssertUnwindSafe(part)).unwrap_or_else(panicked)
}
// ANCHOR_END: attend

// ANCHOR: run
/// A request on its way to the thread that runs it.
pub type Job = Box<dyn FnOnce() + Send>;

/// Who runs the requests: what `ThreadingMixIn` changes in Python.
pub trait Run: Send + Sync + 'static {
    /// How many requests there may be at a time, running or waiting.
    fn room(&self) -> usize;

    /// Runs a job, or finds a thread that will. On an error the job is dropped, and with
    /// it the connection.
    fn run(&self, name: &str, job: Job) -> io::Result<()>;
}

/// The loop runs each request itself, and goes on afterwards.
#[derive(Default)]
pub struct OneByOne;

impl Run for OneByOne {
    fn room(&self) -> usize {
        1
    }

    fn run(&self, _name: &str, job: Job) -> io::Result<()> {
        job();
        Ok(())
    }
}

/// A thread for each request, so many at most.
pub struct Threads(pub usize);

impl Default for Threads {
    fn default() -> Self {
        Self(1000)
    }
}

impl Run for Threads {
    fn room(&self) -> usize {
        self.0
    }

    fn run(&self, name: &str, job: Job) -> io::Result<()> {
        let thread = thread::Builder::new().name(name.to_string());
        thread.spawn(job).map(drop)
    }
}
// ANCHOR_END: run

// ANCHOR: pool
/// A fixed number of threads, the workers. Further requests wait in a queue.
pub struct Pool {
    jobs: SyncSender<Job>,
    room: usize,
}

impl Pool {
    /// Starts so many workers (0 would serve nobody); so many requests may wait for them.
    pub fn new(workers: usize, queue: usize) -> io::Result<Self> {
        let (jobs, waiting) = sync_channel::<Job>(queue);
        let waiting = Arc::new(Mutex::new(waiting)); // one end, and all wait at it
        for number in 1..=workers {
            let waiting = Arc::clone(&waiting);
            let thread = thread::Builder::new().name(format!("worker {number}"));
            thread.spawn(move || {
                loop {
                    // The lock is given back at the end of this line, before the work.
                    let job = waiting.lock().expect("no panic while it waits").recv();
                    match job {
                        Ok(job) => job(),
                        Err(_) => return, // the server is gone
                    }
                }
            })?;
        }
        let room = workers + queue;
        Ok(Self { jobs, room })
    }
}

impl Run for Pool {
    fn room(&self) -> usize {
        self.room
    }

    fn run(&self, _name: &str, job: Job) -> io::Result<()> {
        let nobody = |_| io::Error::other("the workers are gone");
        self.jobs.send(job).map_err(nobody)
    }
}
// ANCHOR_END: pool

// ANCHOR: transport
/// What a server receives: what `TCPServer` and `UDPServer` differ in.
pub trait Transport: Sized + Send + Sync + 'static {
    /// What comes.
    type Request: Request;
    /// Makes a socket that receives requests: socket, bind, for TCP listen.
    fn listen(address: SocketAddr) -> io::Result<Self>;
    /// Where it listens: getsockname.
    fn address(&self) -> io::Result<SocketAddr>;
    /// Waits for the next request: accept, or recvfrom.
    fn next(&self) -> io::Result<Self::Request>;
    /// Ends a wait in `next` with a request of our own; by force where that is no help.
    fn wake(&self, by_force: bool);
    /// Those whom nobody will take out of the queue any more see the end, too.
    fn send_queue_home(&self) {}
}

/// What comes.
pub trait Request: Send + 'static {
    /// Who it is from.
    fn peer(&self) -> SocketAddr;
    /// The connection, where there is one.
    fn stream(&self) -> Option<&Arc<TcpStream>> {
        None
    }
}
// ANCHOR_END: transport

// ANCHOR: tcp
/// Streams.
pub struct Tcp {
    listener: TcpListener,
    spare: Mutex<Option<TcpListener>>, // a descriptor for `wake`, when no other is left
}

/// Somebody who has connected.
pub struct Client {
    /// The connection. One can read from a `&TcpStream`, and write to it.
    pub stream: Arc<TcpStream>,
    /// The other end.
    pub peer: SocketAddr,
}

impl Request for Client {
    fn peer(&self) -> SocketAddr {
        self.peer
    }

    fn stream(&self) -> Option<&Arc<TcpStream>> {
        Some(&self.stream)
    }
}

impl Transport for Tcp {
    type Request = Client;

    fn listen(address: SocketAddr) -> io::Result<Self> {
        let listener = Socket::new(Domain::for_address(address), Type::STREAM, None)?;
        #[cfg(unix)]
        listener.set_reuse_address(true)?; // bind may pass TIME_WAIT: lesson 06
        listener.bind(&address.into())?;
        listener.listen(BACKLOG)?;
        let listener = TcpListener::from(listener);
        let spare = Mutex::new(Some(listener.try_clone()?));
        Ok(Self { listener, spare })
    }

    fn address(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    fn next(&self) -> io::Result<Client> {
        let (stream, peer) = self.listener.accept()?;
        // They fail only where the client has gone. The first read says so, too.
        stream.set_read_timeout(Some(PATIENCE)).ok();
        stream.set_write_timeout(Some(PATIENCE)).ok();
        let stream = Arc::new(stream);
        Ok(Client { stream, peer })
    }

    fn wake(&self, by_force: bool) {
        let Ok(own) = self.address() else { return };
        self.spare.lock().expect("nobody panics with it").take();
        // A client wakes accept: be one. Without our address, shutdown does it, on Linux.
        let woken = TcpStream::connect_timeout(&reachable(own), GOODBYE / 10);
        if by_force && woken.is_err() {
            SockRef::from(&self.listener).shutdown(Shutdown::Read).ok();
        }
    }

    fn send_queue_home(&self) {
        if self.listener.set_nonblocking(true).is_ok() {
            let queued = self.listener.incoming().map_while(|client| client.ok());
            close_all(queued.take(BACKLOG as usize), GOODBYE);
        }
    }
}
// ANCHOR_END: tcp

// ANCHOR: udp
/// Datagrams: one socket for all peers.
pub struct Udp(Arc<UdpSocket>);

/// One datagram, whole.
pub struct Datagram {
    /// What is in it, maybe nothing.
    pub bytes: Vec<u8>,
    /// The sender, if the address is true.
    pub peer: SocketAddr,
    /// The server's socket, for an answer.
    pub socket: Arc<UdpSocket>,
}

impl Request for Datagram {
    fn peer(&self) -> SocketAddr {
        self.peer
    }
}

impl Transport for Udp {
    type Request = Datagram;

    fn listen(address: SocketAddr) -> io::Result<Self> {
        // Without SO_REUSEADDR: with it, two servers could share a port (lesson 08).
        Ok(Self(Arc::new(UdpSocket::bind(address)?)))
    }

    fn address(&self) -> io::Result<SocketAddr> {
        self.0.local_addr()
    }

    fn next(&self) -> io::Result<Datagram> {
        let mut buffer = [0; 65_535]; // no datagram is longer, so none is cut off
        let (length, peer) = loop {
            match self.0.recv_from(&mut buffer) {
                // That is about an earlier answer, which has found nobody (lesson 08).
                Err(ref error) if found_nobody(error) => {}
                result => break result?,
            }
        };
        let (bytes, socket) = (buffer[..length].to_vec(), Arc::clone(&self.0));
        Ok(Datagram {
            bytes,
            peer,
            socket,
        })
    }

    fn wake(&self, by_force: bool) {
        let Ok(own) = self.address() else { return };
        self.0.send_to(b"", reachable(own)).ok();
        if by_force {
            SockRef::from(&*self.0).shutdown(Shutdown::Read).ok();
        }
    }
}

fn found_nobody(error: &io::Error) -> bool {
    use ErrorKind::{ConnectionRefused, ConnectionReset};
    matches!(error.kind(), ConnectionRefused | ConnectionReset)
}
// ANCHOR_END: udp
