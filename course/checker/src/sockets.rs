//! Who has which port, as the kernel tells it: no socket is touched.
//!
//! In a sandbox there is only the program and the checker. Elsewhere everybody's sockets are
//! seen, and a check uses ports that nobody else has.

use std::io::ErrorKind;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use socket2::{Domain, Socket, Type};

use crate::proc::{self, CLOSED, ESTABLISHED, LISTEN};

/// How long to wait between two looks. Elsewhere than on Linux each look takes the port for
/// some microseconds, in which the program cannot have it.
pub const BETWEEN_TWO_LOOKS: Duration = match cfg!(target_os = "linux") {
    true => Duration::from_millis(1),
    false => Duration::from_millis(20),
};

/// Whether somebody listens there, or on all addresses. Where the system does not say:
/// whether the port is taken, which it is from bind on.
pub fn listens(address: SocketAddr) -> bool {
    if !cfg!(target_os = "linux") {
        return is_taken(address, Type::STREAM);
    }
    #[cfg(target_os = "linux")]
    {
        let nobody = SocketAddr::new(address.ip(), 0);
        if let Ok(found) = crate::sock_diag::who_gets(address, nobody) {
            return found.is_some_and(|row| row.state == LISTEN);
        }
    }
    listeners().iter().any(|found| is_for(*found, address))
}

/// How many connections have been tried until now, in this network: also those that were
/// refused, or answered by nobody (RFC 4022, tcpActiveOpens). None, where those of other
/// programs count as well, or the system does not say.
pub fn attempts() -> Option<u64> {
    crate::sandbox::sandboxed().then(|| proc::counted("Tcp", "ActiveOpens"))?
}

/// Whether a UDP socket is bound there, or on all addresses.
pub fn receives(address: SocketAddr) -> bool {
    if !cfg!(target_os = "linux") {
        return is_taken(address, Type::DGRAM);
    }
    receivers().into_iter().any(|found| is_for(found, address))
}

/// Whether a socket that is bound there gets what is sent to this address. One for both
/// families has an IPv4 address as `::ffff:127.0.0.1` (ipv6(7)): Java's have.
fn is_for(bound: SocketAddr, address: SocketAddr) -> bool {
    let ip = bound.ip().to_canonical();
    bound.port() == address.port() && (ip == address.ip() || ip.is_unspecified())
}

/// Whether a socket has the port there, or on all addresses: then bind is refused. A
/// connection would use up the one client of a server that serves one.
fn is_taken(address: SocketAddr, kind: Type) -> bool {
    let all = match address {
        SocketAddr::V4(_) => SocketAddr::from((Ipv4Addr::UNSPECIFIED, address.port())),
        SocketAddr::V6(_) => SocketAddr::from((Ipv6Addr::UNSPECIFIED, address.port())),
    };
    let bind = |address: SocketAddr| {
        let socket = Socket::new(Domain::for_address(address), kind, None)?;
        // Old connections do not count. On Windows this would take the port from its owner,
        // and some systems give it to two sockets of UDP.
        if cfg!(unix) && kind == Type::STREAM {
            socket.set_reuse_address(true)?;
        }
        socket.bind(&address.into())
    };
    [address, all].into_iter().any(|address| {
        bind(address).is_err_and(|error| error.kind() == ErrorKind::AddrInUse)
    })
}

/// How many bytes wait in the program's end of a connection to be received; none: the
/// system does not say.
pub fn unread(local: SocketAddr, remote: SocketAddr) -> Option<u64> {
    connection(local, remote).map(|row| row.unread)
}

/// How many bytes wait in either end of a connection to be received by the program; 0, where
/// the system does not say.
pub fn not_received(local: SocketAddr, remote: SocketAddr) -> usize {
    let there = connection(local, remote).map(|row| row.unread);
    let here = connection(remote, local).map(|row| row.unsent);
    let both = there.unwrap_or_default() + here.unwrap_or_default();
    usize::try_from(both).unwrap_or(usize::MAX)
}

/// How many bytes wait in either end of a connection to be received, and how many to be
/// acknowledged; nothing, where the system does not say.
pub fn waiting(local: SocketAddr, remote: SocketAddr) -> [Option<(u64, u64)>; 2] {
    let ends = [connection(local, remote), connection(remote, local)];
    ends.map(|row| row.map(|row| (row.unread, row.unsent)))
}

/// Whether the program's end of a connection is open in both directions.
pub fn is_established(local: SocketAddr, remote: SocketAddr) -> bool {
    connection(local, remote).is_some_and(|row| row.state == ESTABLISHED)
}

fn connection(local: SocketAddr, remote: SocketAddr) -> Option<proc::Row> {
    let is_it = |row: &proc::Row| {
        row.local.port() == local.port() && row.remote.port() == remote.port()
    };
    #[cfg(target_os = "linux")]
    if let Ok(found) = crate::sock_diag::who_gets(local, remote) {
        return found.filter(is_it);
    }
    let mut rows = ["tcp", "tcp6"].into_iter().flat_map(proc::sockets);
    rows.find(is_it)
}

/// The addresses of all listeners.
pub fn listeners() -> Vec<SocketAddr> {
    #[cfg(target_os = "linux")]
    if let Ok(found) = crate::sock_diag::listeners() {
        return found.iter().map(|row| row.local).collect();
    }
    ["tcp", "tcp6"].map(|table| rows(table, LISTEN)).concat()
}

/// The addresses of all UDP sockets that are bound and not connected.
pub fn receivers() -> Vec<SocketAddr> {
    ["udp", "udp6"].map(|table| rows(table, CLOSED)).concat()
}

/// How many datagrams have come for ports of UDP that nobody has; none, where those of other
/// programs count as well, or the system does not say.
pub fn refused_datagrams() -> Option<u64> {
    crate::sandbox::sandboxed().then(|| proc::counted("Udp", "NoPorts"))?
}

/// Whether the port is taken by a socket that does not listen. Such a socket is in no
/// table; that nobody else can bind the port gives it away.
pub fn bound_not_listening(address: SocketAddr) -> bool {
    is_taken(address, Type::STREAM) && !listens(address)
}

/// The addresses in a table with this state.
fn rows(table: &str, state: u8) -> Vec<SocketAddr> {
    let rows = proc::sockets(table).into_iter();
    rows.filter(|row| row.state == state)
        .map(|row| row.local)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::{TcpListener, UdpSocket};

    #[test]
    fn a_socket_for_both_families_has_the_address_of_either() {
        let address = "127.0.0.1:7000".parse().expect("an address");
        for (bound, is) in [
            ("127.0.0.1:7000", true),
            ("[::ffff:127.0.0.1]:7000", true),
            ("0.0.0.0:7000", true),
            ("[::]:7000", true),
            ("[::ffff:127.0.0.2]:7000", false),
            ("[::1]:7000", false),
            ("127.0.0.1:7001", false),
        ] {
            assert_eq!(is_for(bound.parse().expect(bound), address), is, "{bound}");
        }
    }

    #[test]
    fn a_port_is_taken_while_somebody_has_it_and_no_connection_is_made_to_see_it() {
        for everywhere in ["127.0.0.1:0", "0.0.0.0:0"] {
            let server = TcpListener::bind(everywhere).expect("a listener");
            let port = server.local_addr().expect("an address").port();
            let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
            assert!(is_taken(address, Type::STREAM));
            server.set_nonblocking(true).expect("set");
            let came = server.accept().map_err(|error| error.kind());
            assert_eq!(came.expect_err("nobody"), ErrorKind::WouldBlock);
            let server = UdpSocket::bind(everywhere).expect("a socket");
            let port = server.local_addr().expect("an address").port();
            assert!(is_taken((Ipv4Addr::LOCALHOST, port).into(), Type::DGRAM));
        }
        // Another program may take one of them meanwhile, and not all of them.
        for kind in [Type::STREAM, Type::DGRAM] {
            let mut all = (20_000..20_100).map(|port| (Ipv4Addr::LOCALHOST, port).into());
            assert!(all.any(|address| !is_taken(address, kind)));
        }
    }
}
