//! What the kernel knows of sockets, from /proc/net (proc(5)): without touching them.
//!
//! In a cage there is only the program and the judge. Elsewhere everybody's sockets are
//! seen, and a check uses ports that nobody else has.

use std::collections::BTreeSet;
use std::fs;
use std::io::ErrorKind;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use socket2::{Domain, Socket, Type};

/// How long to wait between two looks. On Linux a look costs the kernel up to 5 ms: it goes
/// through the table of all networks. Elsewhere each look takes the port for some
/// microseconds, in which the program cannot have it.
pub const BETWEEN_TWO_LOOKS: Duration = match cfg!(target_os = "linux") {
    true => Duration::from_millis(5),
    false => Duration::from_millis(20),
};

const LISTEN: &str = "0A";
const CLOSED: &str = "07"; // also: a UDP socket that is bound

/// Whether somebody listens there, or on all addresses. Where the system does not say:
/// whether the port is taken, which it is from bind on.
pub fn listens(address: SocketAddr) -> bool {
    if !cfg!(target_os = "linux") {
        return is_taken(address, Type::STREAM);
    }
    listeners().iter().any(|found| {
        found.port() == address.port()
            && (found.ip() == address.ip() || found.ip().is_unspecified())
    })
}

/// Whether a UDP socket is bound there, or on all addresses.
pub fn receives(address: SocketAddr) -> bool {
    if !cfg!(target_os = "linux") {
        return is_taken(address, Type::DGRAM);
    }
    let found = ["udp", "udp6"].map(|table| rows(table, CLOSED));
    found.into_iter().flatten().any(|found| {
        found.port() == address.port()
            && (found.ip() == address.ip() || found.ip().is_unspecified())
    })
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
    let port = |text: &str| Some(address(text)?.port());
    ["tcp", "tcp6"].iter().find_map(|table| {
        let text = fs::read_to_string(format!("/proc/net/{table}")).ok()?;
        text.lines().skip(1).find_map(|line| {
            let words: Vec<_> = line.split_whitespace().collect();
            let same = port(words.get(1)?)? == local.port()
                && port(words.get(2)?)? == remote.port();
            let (_, queue) = words.get(4)?.split_once(':')?;
            same.then(|| u64::from_str_radix(queue, 16).ok())?
        })
    })
}

/// The addresses of all listeners.
pub fn listeners() -> Vec<SocketAddr> {
    ["tcp", "tcp6"].map(|table| rows(table, LISTEN)).concat()
}

/// Whether the port is taken by a socket that does not listen. Such a socket is in no
/// table; that nobody else can bind the port gives it away.
pub fn bound_not_listening(address: SocketAddr) -> bool {
    is_taken(address, Type::STREAM) && !listens(address)
}

/// How many sockets these processes have open: their descriptors are links to
/// `socket:[NUMBER]` (proc(5)). None, where there is no such list.
pub fn open_in(processes: &[u32]) -> Option<usize> {
    let mut found = BTreeSet::new();
    let mut known = false;
    for process in processes {
        // One that ends meanwhile has no list.
        let Ok(links) = fs::read_dir(format!("/proc/{process}/fd")) else {
            continue;
        };
        known = true;
        let targets = links
            .flatten()
            .filter_map(|link| fs::read_link(link.path()).ok());
        found.extend(
            targets.filter(|target| target.to_string_lossy().starts_with("socket:")),
        );
    }
    known.then_some(found.len())
}

fn rows(table: &str, state: &str) -> Vec<SocketAddr> {
    let text = fs::read_to_string(format!("/proc/net/{table}")).unwrap_or_default();
    let rows = text.lines().skip(1).filter_map(|line| {
        let mut words = line.split_whitespace().skip(1);
        let local = words.next()?;
        words.next()?;
        (words.next()? == state).then(|| address(local))?
    });
    rows.collect()
}

// The kernel prints the address as 32-bit words in the machine's own byte order.
fn address(text: &str) -> Option<SocketAddr> {
    let (ip, port) = text.split_once(':')?;
    let port = u16::from_str_radix(port, 16).ok()?;
    let words = (0..ip.len()).step_by(8);
    let words =
        words.map(|start| u32::from_str_radix(ip.get(start..start + 8)?, 16).ok());
    let words: Option<Vec<u32>> = words.collect();
    let bytes: Vec<u8> = words?.into_iter().flat_map(u32::to_ne_bytes).collect();
    if let Ok(four) = <[u8; 4]>::try_from(&bytes[..]) {
        return Some((Ipv4Addr::from(four), port).into());
    }
    let sixteen = <[u8; 16]>::try_from(&bytes[..]).ok()?;
    Some((Ipv6Addr::from(sixteen), port).into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::{TcpListener, UdpSocket};

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
