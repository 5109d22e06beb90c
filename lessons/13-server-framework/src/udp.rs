//! What comes: datagrams.

use std::io::{self, ErrorKind};
use std::net::{Shutdown, SocketAddr, UdpSocket};
use std::sync::Arc;

use shared::reachable;
use socket2::SockRef;

use crate::{Request, Transport};

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
                Err(ref error) if is_port_unreachable(error) => {}
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

fn is_port_unreachable(error: &io::Error) -> bool {
    use ErrorKind::{ConnectionRefused, ConnectionReset};
    matches!(error.kind(), ConnectionRefused | ConnectionReset)
}
