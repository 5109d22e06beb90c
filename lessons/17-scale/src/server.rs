//! Help for lesson 17: what all designs have in common, and lessons 05 to 07 have taught:
//! how to listen, which errors of `accept` to survive, and the end on Ctrl+C.

use std::io;
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::os::fd::AsFd;
use std::sync::{Arc, Mutex, Weak};
use std::thread;
use std::time::{Duration, Instant};

use shared::{Backoff, StopSignal, close_all, close_in_background};
use socket2::{Domain, SockRef, Socket, Type};

const BACKLOG: i32 = 4096; // std's TcpListener asks for 128: too few for a burst
const GOODBYE: Duration = Duration::from_millis(300); // for the client to close, too
const FULL: &[u8] = b"error: this server is full, try again later\n";

/// A client of any design. All that the end needs is a descriptor.
type Anyone = Weak<dyn AsFd + Send + Sync>;

pub struct Server {
    pub listener: TcpListener,
    pub patience: Duration,
    pub workers: usize,
    stop: &'static StopSignal,
    clients: Arc<Mutex<Vec<Anyone>>>,
}

impl Server {
    pub fn open(
        address: SocketAddr,
        patience: Duration,
        workers: usize,
    ) -> io::Result<Self> {
        let listener = Socket::new(Domain::for_address(address), Type::STREAM, None)?;
        listener.set_reuse_address(true)?; // bind may pass TIME_WAIT: lesson 06
        listener.bind(&address.into())?;
        listener.listen(BACKLOG)?;
        let stop = StopSignal::watch().map_err(io::Error::other)?;
        let (listener, clients) = (TcpListener::from(listener), Arc::default());
        Ok(Self {
            listener,
            patience,
            workers,
            stop,
            clients,
        })
    }

    /// On Ctrl+C every client sees the end of its stream. Then the process ends, whatever
    /// its other threads wait for: so a design is a loop without an end.
    pub fn ends_on_ctrl_c(&self) -> io::Result<()> {
        let (listener, clients) = (self.listener.try_clone()?, Arc::clone(&self.clients));
        self.stop.on_stop(move || {
            close_everybody(&listener, &clients);
            std::process::exit(0);
        });
        Ok(())
    }

    /// Waits for the next client. For the designs that block: its reads and writes have
    /// their deadlines from here on.
    pub fn accept(&self) -> io::Result<Arc<TcpStream>> {
        let mut backoff = Backoff::default();
        loop {
            match self.listener.accept() {
                Ok((client, _)) => {
                    // Where this fails, the client has gone: the first read says so, too.
                    client.set_read_timeout(Some(self.patience)).ok();
                    client.set_write_timeout(Some(self.patience)).ok();
                    client.set_nodelay(true).ok();
                    let client = Arc::new(client);
                    self.remember(&client);
                    return Ok(client);
                }
                // The end has begun: it takes the clients that still queue.
                Err(_) if self.stop.requested() => thread::park(),
                Err(error) => backoff.wait_or_fail(error)?,
            }
        }
    }

    /// A design owns its clients. We only know of them, as in lesson 07.
    pub fn remember<T: AsFd + Send + Sync + 'static>(&self, client: &Arc<T>) {
        let mut clients = self.clients.lock().expect("nobody panics with this lock");
        if clients.len() == clients.capacity() {
            clients.retain(|client| client.strong_count() > 0); // before it grows
        }
        let someone: Arc<dyn AsFd + Send + Sync> = client.clone();
        clients.push(Arc::downgrade(&someone));
        if self.stop.requested() {
            SockRef::from(client).shutdown(Shutdown::Write).ok();
        }
    }

    /// Whether Ctrl+C has come. From then on the listener is closed.
    pub fn is_stopping(&self) -> bool {
        self.stop.requested()
    }

    /// Says no, without making anybody wait: another thread closes the connection.
    pub fn send_away(&self, client: TcpStream) {
        close_in_background(client, FULL);
    }
}

/// Every client sees the end, also in the queue. Most close: their designs drop them.
fn close_everybody(listener: &TcpListener, clients: &Mutex<Vec<Anyone>>) {
    let end = Instant::now() + GOODBYE;
    let notified = clients
        .lock()
        .expect("nobody panics with this lock")
        .clone();
    for client in notified.iter().filter_map(Weak::upgrade) {
        SockRef::from(&client.as_fd())
            .shutdown(Shutdown::Write)
            .ok();
    }
    if listener.set_nonblocking(true).is_ok() {
        let queued = listener.incoming().map_while(|client| client.ok());
        let queued: Vec<_> = queued.take(BACKLOG as usize).collect();
        // From here on newcomers are refused, and not kept waiting for a reset.
        SockRef::from(listener).shutdown(Shutdown::Both).ok();
        close_all(queued, GOODBYE);
    }
    while notified.iter().any(|client| client.strong_count() > 0) && Instant::now() < end
    {
        thread::sleep(Duration::from_millis(5));
    }
}
