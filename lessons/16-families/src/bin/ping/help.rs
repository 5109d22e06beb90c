//! Help for lesson 16: what `ping` needs besides the bytes of its messages: options, the
//! TTL of an answer, and words for what was not delivered.

use std::io::{self, ErrorKind};
use std::net::{IpAddr, SocketAddr, UdpSocket};
use std::time::Instant;

use socket2::{Socket, Type};

/// Whether datagram sockets for ICMP receive as raw ones do: with the IP header, and with
/// the identifier that was sent. Apple's systems do that (icmp(4) there), Linux does not.
pub const AS_RAW: bool = cfg!(target_vendor = "apple");

/// Sets how many hosts may hand a packet on (IP_TTL, IPV6_UNICAST_HOPS). On Linux a
/// datagram socket also learns when a host on the way reports that it cannot deliver:
/// then `recv` fails (IP_RECVERR, ip(7)). A raw socket receives such reports as messages.
/// And each message brings its TTL along (IP_RECVTTL).
///
/// # Errors
/// EINVAL for a `ttl` of 0, and others of setsockopt(2).
pub fn set_options(
    socket: &Socket,
    kind: Type,
    to: SocketAddr,
    ttl: u8,
) -> io::Result<()> {
    match to {
        SocketAddr::V4(_) => socket.set_ttl_v4(ttl.into())?,
        SocketAddr::V6(_) => socket.set_unicast_hops_v6(ttl.into())?,
    }
    receive_more(socket, kind, to)
}

#[cfg(target_os = "linux")]
fn receive_more(socket: &Socket, kind: Type, to: SocketAddr) -> io::Result<()> {
    use nix::sys::socket::{setsockopt, sockopt};
    match to {
        SocketAddr::V4(_) => setsockopt(socket, sockopt::Ipv4RecvTtl, &true)?,
        SocketAddr::V6(_) => socket.set_recv_hoplimit_v6(true)?,
    }
    if kind == Type::DGRAM {
        match to {
            SocketAddr::V4(_) => setsockopt(socket, sockopt::Ipv4RecvErr, &true)?,
            SocketAddr::V6(_) => setsockopt(socket, sockopt::Ipv6RecvErr, &true)?,
        }
    }
    Ok(())
}

#[cfg(not(target_os = "linux"))]
fn receive_more(_: &Socket, _: Type, _: SocketAddr) -> io::Result<()> {
    Ok(())
}

/// What a socket has received: the message, who sent it, and its TTL on arrival, where the
/// system says it.
pub struct Received {
    pub length: usize,
    pub from: IpAddr,
    pub ttl: Option<i32>,
}

/// The next message, before `end`: recvmsg(2) with the deadline of lesson 08.
///
/// # Errors
/// TimedOut when nothing has come by then; what recvmsg returns otherwise.
pub fn receive(
    socket: &UdpSocket,
    buffer: &mut [u8],
    end: Instant,
) -> io::Result<Received> {
    loop {
        let left = end.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(ErrorKind::TimedOut.into());
        }
        socket.set_read_timeout(Some(left))?;
        match receive_one(socket, buffer) {
            Err(error) if not_now(&error) => {}
            received => return received,
        }
    }
}

/// The TTL is not among the bytes that recvfrom(2) gives (only a raw socket of IPv4 has the
/// header). With IP_RECVTTL it comes beside them, as a control message (cmsg(3)).
#[cfg(target_os = "linux")]
fn receive_one(socket: &UdpSocket, buffer: &mut [u8]) -> io::Result<Received> {
    use std::io::IoSliceMut;
    use std::os::fd::AsRawFd;

    use nix::sys::socket::ControlMessageOwned::{Ipv4Ttl, Ipv6HopLimit};
    use nix::sys::socket::{MsgFlags, SockaddrStorage, recvmsg};

    let mut control = nix::cmsg_space!(i32);
    let mut parts = [IoSliceMut::new(buffer)];
    let message = recvmsg::<SockaddrStorage>(
        socket.as_raw_fd(),
        &mut parts,
        Some(&mut control),
        MsgFlags::empty(),
    )?;
    let mut ttl = None;
    for control in message.cmsgs()? {
        if let Ipv4Ttl(value) | Ipv6HopLimit(value) = control {
            ttl = Some(value);
        }
    }
    let address = message.address.ok_or(ErrorKind::InvalidData)?;
    let v4 = address.as_sockaddr_in().map(|address| address.ip().into());
    let v6 = address.as_sockaddr_in6().map(|address| address.ip().into());
    Ok(Received {
        length: message.bytes,
        from: v4.or(v6).ok_or(ErrorKind::InvalidData)?,
        ttl,
    })
}

#[cfg(not(target_os = "linux"))]
fn receive_one(socket: &UdpSocket, buffer: &mut [u8]) -> io::Result<Received> {
    let (length, from) = socket.recv_from(buffer)?;
    Ok(Received {
        length,
        from: from.ip(),
        ttl: None,
    })
}

fn not_now(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::Interrupted | ErrorKind::TimedOut | ErrorKind::WouldBlock
    )
}

/// Why a packet was not delivered, by type and code of the message that a host on the way
/// has sent (RFC 792, RFC 1812 section 5.2.7.1, RFC 4443 section 3).
pub fn undelivered(reporter: IpAddr, kind: u8, code: u8) -> io::Error {
    let (error, reason) = match (reporter.is_ipv6(), kind, code) {
        (false, 3, 0) | (true, 1, 0) => (
            ErrorKind::NetworkUnreachable,
            "there is no route to this network",
        ),
        (false, 3, 1) | (true, 1, 3) => {
            (ErrorKind::HostUnreachable, "this host cannot be reached")
        }
        (false, 3, 9 | 10 | 13) | (true, 1, 1) => {
            (ErrorKind::HostUnreachable, "this is not allowed here")
        }
        (false, 11, _) | (true, 3, _) => (
            ErrorKind::HostUnreachable,
            "the packet has passed too many hosts",
        ),
        _ => (ErrorKind::HostUnreachable, "the packet cannot be delivered"),
    };
    io::Error::new(error, format!("{reporter} says: {reason}"))
}

/// A link-local address without its interface: `fe80::2` in place of `fe80::2%eth0`.
pub fn lacks_its_interface(address: SocketAddr) -> bool {
    match address {
        SocketAddr::V4(_) => false,
        SocketAddr::V6(v6) => v6.ip().is_unicast_link_local() && v6.scope_id() == 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_reason_has_other_numbers_in_ipv6() {
        let v4 = |kind, code| undelivered([10, 0, 0, 1].into(), kind, code).to_string();
        let v6 = |kind, code| {
            let error = undelivered([0xfc00, 0, 0, 0, 0, 0, 0, 1].into(), kind, code);
            error.to_string().replace("fc00::1", "10.0.0.1")
        };
        assert_eq!(v4(3, 0), v6(1, 0));
        assert_eq!(v4(3, 1), v6(1, 3));
        assert_eq!(v4(3, 13), v6(1, 1));
        assert_eq!(v4(11, 0), v6(3, 0));
        assert_eq!(v4(3, 2), v6(1, 4));
        assert_ne!(v4(3, 0), v4(3, 1));
        assert!(v4(11, 0).starts_with("10.0.0.1 says: "));
    }
}
