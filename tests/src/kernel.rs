//! What the kernel knows of a process and its sockets, from /proc (Linux only: proc(5)).

use std::collections::HashSet;
use std::fs;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream};
use std::time::Duration;

use crate::{WHOLE, until_within};

/// A row of /proc/net/tcp or tcp6.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TcpRow {
    /// This end of the connection.
    pub local: SocketAddr,
    /// The other end; port 0 for a listener.
    pub remote: SocketAddr,
    /// The state's number, see [`LISTEN`].
    pub state: u8,
    /// Bytes that were sent and not acknowledged.
    pub send_queue: usize,
    /// Bytes that wait to be read; for a listener, clients that wait to be accepted.
    pub receive_queue: usize,
    pub(crate) inode: u64,
}

#[cfg(target_os = "linux")]
impl From<checker::sock_diag::Row> for TcpRow {
    fn from(row: checker::sock_diag::Row) -> Self {
        let size = |bytes| usize::try_from(bytes).unwrap_or(usize::MAX);
        Self {
            local: row.local,
            remote: row.remote,
            state: row.state,
            send_queue: size(row.unsent),
            receive_queue: size(row.unread),
            inode: row.inode,
        }
    }
}

/// The states of /proc/net/tcp: include/net/tcp_states.h.
pub const ESTABLISHED: u8 = 1;
/// The first packet of the handshake is sent; nothing has come back.
pub const SYN_SENT: u8 = 2;
/// We have closed and wait until the peer closes.
pub const FIN_WAIT_2: u8 = 5;
/// Closed by both; the port is kept for a minute (RFC 9293 section 3.6.1).
pub const TIME_WAIT: u8 = 6;
/// The peer has closed; we have not.
pub const CLOSE_WAIT: u8 = 8;
/// A listener.
pub const LISTEN: u8 = 10;

/// All TCP sockets of this network namespace, IPv4 and IPv6.
pub fn tcp_sockets() -> Vec<TcpRow> {
    sockets_in("/proc/net/tcp")
        .chain(sockets_in("/proc/net/tcp6"))
        .collect()
}

/// The TCP connections and listeners whose local port is `port`.
///
/// After a test with ten thousand connections /proc/net/tcp has as many lines, and to read
/// it again and again would keep a whole processor busy. sock_diag(7) finds one port in half
/// a millisecond; where a system has none, there is still the table.
pub fn tcp_sockets_on(port: u16) -> Vec<TcpRow> {
    #[cfg(target_os = "linux")]
    if let Ok(rows) = checker::sock_diag::tcp_sockets_on(port) {
        return rows.into_iter().map(TcpRow::from).collect();
    }
    let rows = tcp_sockets().into_iter();
    rows.filter(|row| row.local.port() == port).collect()
}

/// Whether the peer has not received yet all that came for it on this connection. Where the
/// kernel does not say, or the peer is in another network: no.
#[cfg(target_os = "linux")]
pub fn is_unread(stream: &TcpStream) -> bool {
    let found = stream.peer_addr().and_then(|there| {
        let here = stream.local_addr()?;
        let row = checker::sock_diag::who_gets(there, here)?;
        Ok(row.filter(|row| row.remote.port() == here.port())) // else it is a listener
    });
    matches!(found, Ok(Some(row)) if row.unread > 0)
}

/// Elsewhere it is not asked.
#[cfg(not(target_os = "linux"))]
pub fn is_unread(_stream: &TcpStream) -> bool {
    false
}

/// All TCP sockets of the network namespace of a process.
pub fn tcp_sockets_of(pid: u32) -> Vec<TcpRow> {
    sockets_in(&format!("/proc/{pid}/net/tcp"))
        .chain(sockets_in(&format!("/proc/{pid}/net/tcp6")))
        .collect()
}

/// The addresses that a process listens on or, for UDP, is bound to.
pub fn listening(pid: u32) -> Vec<SocketAddr> {
    let mine = socket_inodes(pid);
    let of = |table: String| sockets_in(&table);
    let tcp = ["tcp", "tcp6"].map(|table| of(format!("/proc/{pid}/net/{table}")));
    let udp = ["udp", "udp6"].map(|table| of(format!("/proc/{pid}/net/{table}")));
    let tcp = tcp.into_iter().flatten().filter(|row| row.state == LISTEN);
    let udp = udp.into_iter().flatten();
    tcp.chain(udp)
        .filter(|row| mine.contains(&row.inode))
        .map(|row| row.local)
        .collect()
}

/// Waits until a process listens, whose output nobody reads: the address.
#[track_caller]
pub fn comes_to_listen(pid: u32) -> SocketAddr {
    // The kernel's table is long on a machine with many connections.
    until_within(WHOLE, "it listens", || listening(pid).first().copied())
}

fn socket_inodes(pid: u32) -> HashSet<u64> {
    let Ok(entries) = fs::read_dir(format!("/proc/{pid}/fd")) else {
        return HashSet::new();
    };
    entries
        .flatten()
        .filter_map(|entry| {
            let target = fs::read_link(entry.path()).ok()?;
            let target = target
                .to_str()?
                .strip_prefix("socket:[")?
                .strip_suffix(']')?;
            target.parse().ok()
        })
        .collect()
}

fn sockets_in(table: &str) -> impl Iterator<Item = TcpRow> + use<> {
    let text = fs::read_to_string(table).unwrap_or_default();
    let rows: Vec<_> = text.lines().skip(1).filter_map(row).collect();
    rows.into_iter()
}

fn row(line: &str) -> Option<TcpRow> {
    let mut words = line.split_whitespace().skip(1);
    let local = address(words.next()?)?;
    let remote = address(words.next()?)?;
    let state = u8::from_str_radix(words.next()?, 16).ok()?;
    let (send, receive) = words.next()?.split_once(':')?;
    Some(TcpRow {
        local,
        remote,
        state,
        send_queue: usize::from_str_radix(send, 16).ok()?,
        receive_queue: usize::from_str_radix(receive, 16).ok()?,
        inode: words.nth(4)?.parse().ok()?,
    })
}

// The kernel prints the address as 32-bit words in the machine's own byte order.
fn address(text: &str) -> Option<SocketAddr> {
    let (ip, port) = text.split_once(':')?;
    let port = u16::from_str_radix(port, 16).ok()?;
    let mut bytes = Vec::new();
    for start in (0..ip.len()).step_by(8) {
        let word = u32::from_str_radix(ip.get(start..start + 8)?, 16).ok()?;
        bytes.extend(word.to_ne_bytes());
    }
    if let Ok(four) = <[u8; 4]>::try_from(bytes.as_slice()) {
        return Some((Ipv4Addr::from(four), port).into());
    }
    let sixteen = <[u8; 16]>::try_from(bytes.as_slice()).ok()?;
    Some((Ipv6Addr::from(sixteen), port).into())
}

/// How many descriptors a process holds.
pub fn descriptors(pid: u32) -> usize {
    fs::read_dir(format!("/proc/{pid}/fd")).map_or(0, Iterator::count)
}

/// The resident memory of a process, in KiB.
pub fn resident_kib(pid: u32) -> u64 {
    status(pid, "VmRSS:")
}

/// The most resident memory that a process has ever had, in KiB.
pub fn peak_kib(pid: u32) -> u64 {
    status(pid, "VmHWM:")
}

/// How many threads a process has.
pub fn threads(pid: u32) -> u64 {
    status(pid, "Threads:")
}

fn status(pid: u32, field: &str) -> u64 {
    let text = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let line = text
        .lines()
        .find_map(|line| line.strip_prefix(field))
        .unwrap_or("0");
    line.split_whitespace()
        .next()
        .and_then(|number| number.parse().ok())
        .unwrap_or(0)
}

/// The process group of a process; none where there is no such process.
pub fn group(pid: u32) -> Option<u32> {
    let text = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let (_, rest) = text.rsplit_once(") ")?; // state, parent, group
    rest.split(' ').nth(2)?.parse().ok()
}

/// Whether all threads of a process are in this state: they sleep (S) or are stopped (T), as
/// proc_pid_stat(5) has it.
pub fn is_in_state(pid: u32, state: char) -> bool {
    let Ok(mut tasks) = fs::read_dir(format!("/proc/{pid}/task")) else {
        return false;
    };
    tasks.all(|task| {
        let Ok(task) = task else { return true }; // it has just ended
        let text = fs::read_to_string(task.path().join("stat")).unwrap_or_default();
        let after_the_name = text.rsplit_once(") ").map(|(_, rest)| rest);
        after_the_name.is_none_or(|rest| rest.starts_with(state))
    })
}

/// The processor time that a process has used, with a resolution of 10 ms.
pub fn processor_time(pid: u32) -> Duration {
    let text = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    // The name, in parentheses, may hold spaces: count from behind it.
    let rest = text.rsplit_once(") ").map_or("", |(_, rest)| rest);
    let mut fields = rest.split(' ').skip(11).flat_map(str::parse::<u64>);
    let ticks = fields.next().unwrap_or(0) + fields.next().unwrap_or(0);
    Duration::from_millis(ticks * 10)
}
