//! What lesson 16's ping needs besides its messages: options of its socket, and words.

use std::io::{self, ErrorKind};
use std::net::{IpAddr, SocketAddr, UdpSocket};
use std::time::Instant;

use socket2::{Socket, Type};

/// Whether datagram sockets for ICMP receive as raw ones do: with the IP header, and with
/// the identifier that was sent. Apple's systems do that (icmp(4) there), Linux does not.
pub const AS_RAW: bool = cfg!(target_vendor = "apple");

/// Sets how many hosts may hand a packet on (IP_TTL, IPV6_UNICAST_HOPS). On Linux a
/// datagram socket is also told when a host on the way reports that it cannot deliver:
/// then `recv` fails (IP_RECVERR, ip(7)). A raw socket receives such reports as messages.
///
/// # Errors
/// EINVAL for a `ttl` of 0, and others of setsockopt(2).
pub fn prepare(socket: &Socket, kind: Type, to: SocketAddr, ttl: u8) -> io::Result<()> {
    match to {
        SocketAddr::V4(_) => socket.set_ttl_v4(ttl.into())?,
        SocketAddr::V6(_) => socket.set_unicast_hops_v6(ttl.into())?,
    }
    #[cfg(target_os = "linux")]
    if kind == Type::DGRAM {
        use nix::sys::socket::{setsockopt, sockopt};
        match to {
            SocketAddr::V4(_) => setsockopt(socket, sockopt::Ipv4RecvErr, &true)?,
            SocketAddr::V6(_) => setsockopt(socket, sockopt::Ipv6RecvErr, &true)?,
        }
    }
    Ok(())
}

/// The next message and its sender, before `end`: recvfrom(2) with the deadline of lesson
/// 08.
///
/// # Errors
/// TimedOut when nothing has come by then; what recvfrom returns otherwise.
pub fn receive(
    socket: &UdpSocket,
    buffer: &mut [u8],
    end: Instant,
) -> io::Result<(usize, IpAddr)> {
    loop {
        let left = end.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(ErrorKind::TimedOut.into());
        }
        socket.set_read_timeout(Some(left))?;
        match socket.recv_from(buffer) {
            Ok((length, sender)) => return Ok((length, sender.ip())),
            Err(error) if would_block(&error) => {}
            Err(error) => return Err(error),
        }
    }
}

fn would_block(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::Interrupted | ErrorKind::TimedOut | ErrorKind::WouldBlock
    )
}

/// Why a packet was not delivered, by type and code of the message that a host on the way
/// has sent (RFC 792, RFC 1812 section 5.2.7.1, RFC 4443 section 3).
pub fn undelivered(teller: IpAddr, kind: u8, code: u8) -> io::Error {
    let (error, reason) = match (teller.is_ipv6(), kind, code) {
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
    io::Error::new(error, format!("{teller} says: {reason}"))
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
