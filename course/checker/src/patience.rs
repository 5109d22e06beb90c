//! How long a program bears a peer that is silent: the timeouts that it has set on its own
//! end of a connection, or given to the poll in which it waits. No check waits for minutes to
//! see them.

use std::net::SocketAddr;
use std::time::Duration;

/// What a program bears of a peer that does nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Patience {
    /// The timeout of a call.
    pub timeout: Duration,
    /// How many calls may wait for so long before one has failed.
    pub waits: u32,
}

impl Patience {
    /// How long it takes until a program without more patience gives up.
    pub fn whole(&self) -> Duration {
        self.waits * self.timeout
    }
}

/// How long a peer may be silent, as the tasks say. A program that bears more is not asked.
#[cfg(target_os = "linux")]
const SILENCE: Duration = Duration::from_secs(4);

/// How long these processes bear it when this peer neither sends nor receives, by the timeouts
/// on the socket that is connected to it (SO_RCVTIMEO, SO_SNDTIMEO), and by those of the calls
/// in which they wait; none: there are no short ones, or the system does not let us look.
#[cfg(target_os = "linux")]
pub fn with(processes: &[u32], peer: SocketAddr) -> Option<Patience> {
    let mut pids = processes.iter();
    let options = pids.find_map(|pid| linux::timeouts(*pid, peer));
    // A timeout of Python's is none of the socket's: it waits in poll before each call.
    let waits = processes
        .iter()
        .flat_map(|pid| crate::proc::waits::of(*pid));
    let waits = waits.map(|timeout| Patience { timeout, waits: 1 });
    let all = options.into_iter().flatten().chain(waits);
    all.filter(|one| one.timeout <= SILENCE)
        .max_by_key(Patience::whole)
}

/// Sets the timeout of these processes' reads from this peer, where they have set a longer one,
/// and says how long that was.
#[cfg(target_os = "linux")]
pub fn shortened(processes: &[u32], peer: SocketAddr, to: Duration) -> Option<Duration> {
    let mut pids = processes.iter();
    pids.find_map(|pid| linux::shortened(*pid, |one| linux::is_connected(one, peer), to))
}

/// The same of reads from the socket that is bound to this address, and connected to nobody.
#[cfg(target_os = "linux")]
pub fn shortened_on(
    processes: &[u32],
    own: SocketAddr,
    to: Duration,
) -> Option<Duration> {
    let mut pids = processes.iter();
    pids.find_map(|pid| linux::shortened(*pid, |one| linux::is_bound(one, own), to))
}

/// Elsewhere the options of another process are its own affair.
#[cfg(not(target_os = "linux"))]
pub fn shortened(_: &[u32], _: SocketAddr, _: Duration) -> Option<Duration> {
    None
}

/// Elsewhere the options of another process are its own affair.
#[cfg(not(target_os = "linux"))]
pub fn shortened_on(_: &[u32], _: SocketAddr, _: Duration) -> Option<Duration> {
    None
}

/// Elsewhere the options of another process are its own affair.
#[cfg(not(target_os = "linux"))]
pub fn with(_processes: &[u32], _peer: SocketAddr) -> Option<Patience> {
    None
}

#[cfg(target_os = "linux")]
mod linux {
    use super::{Duration, Patience, SocketAddr};
    use std::fs;

    use rustix::process::{Pid, PidfdFlags, PidfdGetfdFlags, pidfd_getfd, pidfd_open};
    use socket2::Socket;

    /// None: this process has no such socket.
    pub fn timeouts(pid: u32, peer: SocketAddr) -> Option<Vec<Patience>> {
        copy(pid, |socket| is_connected(socket, peer)).map(|socket| of(&socket))
    }

    /// The timeout of its reads, which is another one then. None: there is none.
    pub fn shortened(
        pid: u32,
        is_it: impl Fn(&Socket) -> bool,
        to: Duration,
    ) -> Option<Duration> {
        let socket = copy(pid, is_it)?;
        let before = socket
            .read_timeout()
            .ok()
            .flatten()
            .filter(|one| *one > to)?;
        socket.set_read_timeout(Some(to)).ok()?;
        Some(before)
    }

    /// A copy of this descriptor of the program's: the socket is its own, and ours for a moment,
    /// too. It is to be dropped before the program can close its own.
    fn copy(pid: u32, is_it: impl Fn(&Socket) -> bool) -> Option<Socket> {
        let process = Pid::from_raw(pid.cast_signed())?;
        let process = pidfd_open(process, PidfdFlags::empty()).ok()?;
        let links = fs::read_dir(format!("/proc/{pid}/fd")).ok()?.flatten();
        let sockets =
            links.filter(|link| crate::proc::socket_number(&link.path()).is_some());
        let numbers = sockets.filter_map(|link| link.file_name().to_str()?.parse().ok());
        let copy = |number| pidfd_getfd(&process, number, PidfdGetfdFlags::empty()).ok();
        numbers.filter_map(copy).map(Socket::from).find(is_it)
    }

    pub fn is_connected(socket: &Socket, peer: SocketAddr) -> bool {
        let other = socket.peer_addr().ok().and_then(|other| other.as_socket());
        other.is_some_and(|other| is_same(other, peer))
    }

    pub fn is_bound(socket: &Socket, own: SocketAddr) -> bool {
        let local = socket.local_addr().ok().and_then(|local| local.as_socket());
        socket.peer_addr().is_err() && local.is_some_and(|local| is_same(local, own))
    }

    /// A socket for both families has an IPv4 address as `::ffff:127.0.0.1` (ipv6(7)).
    fn is_same(seen: SocketAddr, address: SocketAddr) -> bool {
        seen.port() == address.port() && seen.ip().to_canonical() == address.ip()
    }

    fn of(socket: &Socket) -> Vec<Patience> {
        let set = |timeout: std::io::Result<Option<Duration>>| timeout.ok().flatten();
        let read =
            set(socket.read_timeout()).map(|timeout| Patience { timeout, waits: 1 });
        // A write that has taken a part returns in time, and the next one waits anew.
        let write =
            set(socket.write_timeout()).map(|timeout| Patience { timeout, waits: 2 });
        read.into_iter().chain(write).collect()
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;
    use std::net::{TcpListener, TcpStream};

    #[test]
    fn a_timeout_of_a_poll_is_seen_from_outside() {
        let script =
            "import socket\na, b = socket.socketpair()\na.settimeout(2.5)\na.recv(1)";
        let python = std::process::Command::new("python3")
            .args(["-c", script])
            .spawn();
        let mut python = match python {
            Ok(python) => python,
            Err(error) => return println!("no python3 to look at: {error}"),
        };
        let end = std::time::Instant::now() + crate::ANSWER;
        let mut seen = None;
        while seen.is_none() && std::time::Instant::now() < end {
            seen = with(&[python.id()], ([127, 0, 0, 1], 9).into());
            std::thread::yield_now();
        }
        python.kill().expect("killed");
        python.wait().expect("its end");
        let moment = Duration::from_millis(2500);
        assert!(
            seen.is_some_and(
                |one| one.timeout.abs_diff(moment) < Duration::from_millis(20)
            ),
            "{seen:?}"
        );
    }

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
        let seen = with(&own, peer).expect("a timeout").timeout;
        // The kernel counts in ticks of its clock.
        assert!(
            seen.abs_diff(moment) < Duration::from_millis(20),
            "{seen:?}"
        );
        drop(client);
    }

    #[test]
    fn a_timeout_of_a_socket_for_datagrams_is_made_a_short_one() {
        let server = std::net::UdpSocket::bind("127.0.0.1:0").expect("a socket");
        let address = server.local_addr().expect("an address");
        let (own, moment) = ([std::process::id()], Duration::from_millis(40));
        assert_eq!(shortened_on(&own, address, moment), None);
        let long = Duration::from_secs(3600);
        server.set_read_timeout(Some(long)).expect("set");
        assert_eq!(shortened_on(&own, address, moment), Some(long));
        let now = server.read_timeout().expect("told");
        assert!(now.is_some_and(|now| now < long / 2), "{now:?}");
    }
}
