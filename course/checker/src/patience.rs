//! How long a program bears a peer that is silent: the timeouts that it has set on its own
//! end of a connection. No check waits for minutes to see them.

use std::net::SocketAddr;
use std::time::Duration;

/// How long these processes bear it when this peer neither sends nor receives, by the timeouts
/// on the socket that is connected to it (SO_RCVTIMEO, SO_SNDTIMEO); none: it has no short
/// ones, or the system does not let us look.
#[cfg(target_os = "linux")]
pub fn with(processes: &[u32], peer: SocketAddr) -> Option<Duration> {
    let mut pids = processes.iter();
    pids.find_map(|pid| linux::timeout(*pid, peer)).flatten()
}

/// Elsewhere the options of another process are its own affair.
#[cfg(not(target_os = "linux"))]
pub fn with(_processes: &[u32], _peer: SocketAddr) -> Option<Duration> {
    None
}

#[cfg(target_os = "linux")]
mod linux {
    use super::{Duration, SocketAddr};
    use std::fs;
    use std::os::fd::OwnedFd;

    use rustix::process::{Pid, PidfdFlags, PidfdGetfdFlags, pidfd_getfd, pidfd_open};
    use socket2::{SockRef, Socket};

    /// How long a peer may be silent, as the tasks say. A program that bears more is not asked.
    const SILENCE: Duration = Duration::from_secs(4);

    /// The outer None: this process has no such socket.
    pub fn timeout(pid: u32, peer: SocketAddr) -> Option<Option<Duration>> {
        let process = Pid::from_raw(pid.cast_signed())?;
        let process = pidfd_open(process, PidfdFlags::empty()).ok()?;
        let links = fs::read_dir(format!("/proc/{pid}/fd")).ok()?.flatten();
        let sockets =
            links.filter(|link| crate::proc::socket_number(&link.path()).is_some());
        let mut numbers =
            sockets.filter_map(|link| link.file_name().to_str()?.parse().ok());
        numbers.find_map(|number| {
            // Ours for a moment, too: dropped before the program can close its own.
            let copy = pidfd_getfd(&process, number, PidfdGetfdFlags::empty()).ok()?;
            of(&copy, peer)
        })
    }

    fn of(copy: &OwnedFd, peer: SocketAddr) -> Option<Option<Duration>> {
        let socket: SockRef<'_> = copy.into();
        let socket: &Socket = &socket;
        // A socket for both families has an IPv4 peer as `::ffff:127.0.0.1` (ipv6(7)).
        let other = socket.peer_addr().ok()?.as_socket()?;
        if other.port() != peer.port() || other.ip().to_canonical() != peer.ip() {
            return None;
        }
        // A write that has taken a part returns in time, and the next one waits anew: three
        // times, until all buffers are full.
        let write = socket
            .write_timeout()
            .map(|timeout| timeout.map(|one| 4 * one));
        let both = [socket.read_timeout(), write];
        let short = both.into_iter().filter_map(Result::ok).flatten();
        Some(short.filter(|one| *one <= SILENCE).max())
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;
    use std::net::{TcpListener, TcpStream};

    #[test]
    fn a_timeout_of_a_connection_is_seen_from_outside() {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a listener");
        let address = listener.local_addr().expect("an address");
        let client = TcpStream::connect(address).expect("a connection");
        let (server, peer) = listener.accept().expect("a client");
        let own = [std::process::id()];
        assert_eq!(with(&own, peer), None);
        let moment = Duration::from_millis(700);
        server.set_read_timeout(Some(moment)).expect("set");
        let seen = with(&own, peer).expect("a timeout");
        // The kernel counts in ticks of its clock.
        assert!(
            seen.abs_diff(moment) < Duration::from_millis(20),
            "{seen:?}"
        );
        drop(client);
    }
}
