//! What comes: clients who connect.

use std::io;
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use shared::{close_all, reachable};
use socket2::{Domain, SockRef, Socket, Type};

use crate::server::GOODBYE;
use crate::{Request, Transport};

const BACKLOG: i32 = 1024; // clients whom the kernel connects ahead of us: lesson 07
const PATIENCE: Duration = Duration::from_secs(300); // with a client who says nothing

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
        listener.set_reuse_address(true)?; // bind may pass TIME_WAIT: lesson 05
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
        // Any client wakes accept, so we connect. Without our address, shutdown wakes it.
        let woken = TcpStream::connect_timeout(&reachable(own), GOODBYE / 10);
        if by_force && woken.is_err() {
            SockRef::from(&self.listener).shutdown(Shutdown::Read).ok();
        }
    }

    fn close_queue(&self) {
        let mut queued = Vec::new();
        if self.listener.set_nonblocking(true).is_ok() {
            while queued.len() < BACKLOG as usize {
                match self.listener.accept() {
                    Ok((client, _)) => queued.push(client),
                    Err(_) => break, // nobody waits any more
                }
            }
        }
        // Who comes from now on is refused. On Linux; where it fails, it changes nothing.
        SockRef::from(&self.listener).shutdown(Shutdown::Read).ok();
        close_all(queued, GOODBYE);
    }
}
