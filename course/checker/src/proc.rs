//! What the kernel tells of processes and sockets in /proc (proc(5)). The checker reads it
//! here, and nowhere else. Where a system has no such folder, there is nothing in it.

use std::collections::BTreeSet;
use std::fs;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::time::Duration;

#[cfg(target_os = "linux")]
pub mod waits;

/// The numbers of all processes; in a sandbox, of those in it.
pub fn processes() -> Vec<u32> {
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    entries
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .collect()
}

/// How many programs run, or wait for a processor, for each of the processors: in the last
/// minute, or now where that is more (proc_loadavg(5)). None: the system does not say.
pub fn busy_programs_for_each_processor() -> f64 {
    let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let processors = std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
    busy_programs(&load) / processors as f64
}

fn busy_programs(load: &str) -> f64 {
    let mut words = load.split([' ', '/']);
    let last_minute: f64 = words
        .next()
        .and_then(|word| word.parse().ok())
        .unwrap_or(0.0);
    let now = words
        .nth(2)
        .and_then(|word| word.parse().ok())
        .unwrap_or(0.0);
    last_minute.max(now)
}

/// What /proc/PID/status says of a process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Status {
    /// `R` runs, `S` sleeps, `T` is stopped, `Z` has ended.
    pub state: char,
    pub parent: u32,
    pub threads: usize,
    /// Whether another program looks on (ptrace(2)).
    pub traced: bool,
    /// What it has touched, in bytes.
    pub memory: u64,
    /// The most that it has asked for, touched or not, in bytes.
    pub asked_for: u64,
}

impl Status {
    /// Whether it has ended, and only waits until its parent hears of that.
    #[cfg(unix)]
    pub fn has_ended(&self) -> bool {
        matches!(self.state, 'Z' | 'X')
    }
}

/// None: there is no such process any more, or the system does not say.
pub fn status(pid: u32) -> Option<Status> {
    status_of(&fs::read_to_string(format!("/proc/{pid}/status")).ok()?)
}

fn status_of(text: &str) -> Option<Status> {
    let field = |name: &str| {
        let rest = text.lines().find_map(|line| line.strip_prefix(name));
        rest.and_then(|rest| rest.split_whitespace().next())
    };
    let number = |name| field(name).and_then(|word| word.parse::<u64>().ok());
    Some(Status {
        state: field("State:")?.chars().next()?,
        parent: number("PPid:")? as u32,
        threads: number("Threads:").unwrap_or(1) as usize,
        traced: number("TracerPid:").is_some_and(|tracer| tracer != 0),
        asked_for: number("VmPeak:").unwrap_or(0) << 10,
        memory: number("VmRSS:").unwrap_or(0) << 10, // what has ended has no such line
    })
}

/// The processor time of a process, with that of its threads that have ended, and that of its
/// children that have ended and were waited for (proc(5): utime to cstime).
pub fn processor_time(pid: u32) -> Option<(Duration, Duration)> {
    let text = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let (_, rest) = text.rsplit_once(')')?;
    let ticks: Vec<u64> = rest
        .split_whitespace()
        .skip(11)
        .take(4)
        .map_while(|word| word.parse().ok())
        .collect();
    let [user, system, childrens_user, childrens_system] = ticks[..] else {
        return None;
    };
    let of = |ticks: u64| Duration::from_millis(ticks * 10); // 100 ticks are a second
    Some((of(user + system), of(childrens_user + childrens_system)))
}

/// Whether a process has something to do, and has had less than half of a processor since it
/// began: others have them.
pub fn is_kept_waiting(pid: u32) -> bool {
    let read = |path: PathBuf| fs::read_to_string(path).unwrap_or_default();
    let process = PathBuf::from(format!("/proc/{pid}"));
    let threads = fs::read_dir(process.join("task"));
    let mut threads = threads.into_iter().flatten().flatten();
    threads.any(|thread| could_run(&read(thread.path().join("stat"))))
        && has_had_little(&read(process.join("stat")), &read("/proc/uptime".into()))
            .unwrap_or(false)
}

/// Whether a thread runs or could run (`R`), or a disk is at work for it (`D`:
/// proc_pid_stat(5), state).
fn could_run(stat: &str) -> bool {
    let state = stat.rsplit_once(") ").map_or("", |(_, rest)| rest);
    state.starts_with(['R', 'D'])
}

/// Whether all threads of a process together have had less than half of a processor
/// (proc_pid_stat(5): utime, stime, starttime).
fn has_had_little(stat: &str, uptime: &str) -> Option<bool> {
    let (_, rest) = stat.rsplit_once(')')?;
    let words: Vec<&str> = rest.split_whitespace().collect();
    let ticks = |place: usize| words.get(place)?.parse::<f64>().ok();
    let worked = (ticks(11)? + ticks(12)?) / 100.0; // 100 ticks are a second
    let up: f64 = uptime.split(' ').next()?.parse().ok()?;
    let age = up - ticks(19)? / 100.0;
    Some(worked < age / 2.0)
}

/// Whether all threads of a process sleep, and how long they have worked so far.
pub fn work(pid: u32) -> Option<(bool, Duration)> {
    let tasks = fs::read_dir(format!("/proc/{pid}/task")).ok()?;
    let (mut sleep, mut ticks) = (true, 0);
    for task in tasks.flatten() {
        // A thread may end between the two calls.
        let text = fs::read_to_string(task.path().join("stat")).unwrap_or_default();
        let Some((_, rest)) = text.rsplit_once(')') else {
            continue;
        };
        let words: Vec<_> = rest.split_whitespace().collect();
        sleep &= words.first() != Some(&"R");
        let fields = words.get(11..13)?.iter();
        ticks += fields
            .filter_map(|word| word.parse::<u64>().ok())
            .sum::<u64>();
    }
    Some((sleep, Duration::from_millis(ticks * 10))) // 100 ticks are a second
}

/// How often the threads of a process have gone to sleep so far; none, where nobody counts.
pub fn naps(pid: u32) -> Option<u64> {
    let tasks = fs::read_dir(format!("/proc/{pid}/task")).ok()?;
    let naps = tasks.flatten().filter_map(|task| {
        let text = fs::read_to_string(task.path().join("status")).ok()?;
        let mut lines = text.lines();
        let count = lines.find_map(|line| line.strip_prefix("voluntary_ctxt_switches:"));
        count?.trim().parse::<u64>().ok()
    });
    naps.reduce(|all, more| all + more)
}

/// How long the threads of a process have waited for a processor so far, all together
/// (Documentation/scheduler/sched-stats.rst, `/proc/PID/schedstat`). Nothing, where nobody
/// measures it.
pub fn waited_for_a_processor(pid: u32) -> Duration {
    let tasks = fs::read_dir(format!("/proc/{pid}/task"));
    let waits = tasks.into_iter().flatten().flatten().filter_map(|task| {
        let text = fs::read_to_string(task.path().join("schedstat")).ok()?;
        text.split_whitespace().nth(1)?.parse::<u64>().ok()
    });
    Duration::from_nanos(waits.sum())
}

/// The sockets that these processes have open, by the numbers of their inodes: their
/// descriptors are links to `socket:[NUMBER]`. None, where there is no such list.
pub fn open_sockets(processes: &[u32]) -> Option<BTreeSet<u32>> {
    let mut found = BTreeSet::new();
    let mut known = false;
    for process in processes {
        // One that ends meanwhile has no list.
        let Ok(links) = fs::read_dir(format!("/proc/{process}/fd")) else {
            continue;
        };
        known = true;
        found.extend(
            links
                .flatten()
                .filter_map(|link| socket_number(&link.path())),
        );
    }
    known.then_some(found)
}

/// The number of the socket that this descriptor is; none: it is something else.
pub fn socket_number(link: &Path) -> Option<u32> {
    let target = fs::read_link(link).ok()?;
    let number = target.to_str()?.strip_prefix("socket:[")?.strip_suffix(']');
    number?.parse().ok()
}

/// A row of a table of sockets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// This end of the connection.
    pub local: SocketAddr,
    /// The other end; port 0 for a listener.
    pub remote: SocketAddr,
    /// As the kernel numbers them, such as [`LISTEN`].
    pub state: u8,
    /// Bytes that wait to be sent, or for the other end to acknowledge them.
    pub unsent: u64,
    /// Bytes that wait to be received; for a listener, clients that wait to be accepted.
    pub unread: u64,
    /// The socket's number: a descriptor of it is a link to `socket:[NUMBER]`.
    pub inode: u64,
}

/// The states of a socket: include/net/tcp_states.h.
pub const ESTABLISHED: u8 = 1;
/// Also of a UDP socket that is bound.
pub const CLOSED: u8 = 7;
pub const LISTEN: u8 = 10;

/// The rows of /proc/net/TABLE: `tcp`, `tcp6`, `udp` or `udp6`.
pub fn sockets(table: &str) -> Vec<Row> {
    let text = fs::read_to_string(format!("/proc/net/{table}")).unwrap_or_default();
    text.lines().skip(1).filter_map(row).collect()
}

/// What the kernel has counted in this network, under a name of this protocol.
pub fn counted(protocol: &str, name: &str) -> Option<u64> {
    counted_in(&fs::read_to_string("/proc/net/snmp").ok()?, protocol, name)
}

/// A line of names stands above one of numbers, and each begins with the protocol.
fn counted_in(snmp: &str, protocol: &str, name: &str) -> Option<u64> {
    let is_its = |line: &&str| line.split_once(": ").is_some_and(|it| it.0 == protocol);
    let mut lines = snmp.lines().filter(is_its);
    let mut names = lines.next()?.split_whitespace();
    let place = names.position(|word| word == name)?;
    lines.next()?.split_whitespace().nth(place)?.parse().ok()
}

fn row(line: &str) -> Option<Row> {
    let words: Vec<_> = line.split_whitespace().collect();
    let (unsent, unread) = words.get(4)?.split_once(':')?;
    Some(Row {
        local: address(words.get(1)?)?,
        remote: address(words.get(2)?)?,
        state: u8::from_str_radix(words.get(3)?, 16).ok()?,
        unsent: u64::from_str_radix(unsent, 16).ok()?,
        unread: u64::from_str_radix(unread, 16).ok()?,
        inode: words.get(9)?.parse().ok()?,
    })
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

    #[test]
    fn a_status_is_read_also_of_what_has_ended() {
        let text = "Name:\tx\nState:\tS (sleeping)\nPPid:\t7\nVmPeak:\t 300 kB\nVmRSS:\t     200 kB\nThreads:\t3\n";
        let status = status_of(text).expect("a status");
        assert_eq!((status.state, status.parent), ('S', 7));
        assert_eq!((status.threads, status.memory), (3, 200 << 10));
        assert_eq!(status.asked_for, 300 << 10);
        let ended = status_of("Name:\tx\nState:\tZ (zombie)\nPPid:\t7\nThreads:\t1\n");
        assert!(ended.expect("a status").has_ended());
        assert_eq!(status_of(""), None);
    }

    #[test]
    fn a_busy_machine_is_one_where_programs_wait_now_or_have_waited() {
        assert_eq!(busy_programs("0.50 0.40 0.30 3/345 1234\n"), 3.0);
        assert_eq!(busy_programs("9.10 4.40 2.30 1/345 1234\n"), 9.1);
        assert_eq!(busy_programs(""), 0.0);
    }

    #[test]
    fn who_could_run_and_has_had_little_of_a_processor_is_kept_waiting() {
        let stat = |state: &str, worked: u32| {
            let before = "1 2 3 4 5 6 7 8 9 10"; // parent to cmajflt
            format!("7 (a (b) c) {state} {before} {worked} 20 0 0 20 0 1 0 5000 9 9\n")
        };
        let uptime = "60.00 99.99\n"; // so it is ten seconds old
        assert_eq!(has_had_little(&stat("R", 470), uptime), Some(true));
        assert_eq!(
            has_had_little(&stat("R", 490), uptime),
            Some(false),
            "a loop"
        );
        assert_eq!(has_had_little("", uptime), None);
        assert!(could_run(&stat("R", 470)) && could_run(&stat("D", 470)));
        assert!(!could_run(&stat("S", 470)) && !could_run(""), "asleep");
    }

    #[test]
    fn what_the_kernel_counts_is_found_under_its_name() {
        let snmp = "Tcp: RtoMin ActiveOpens MaxConn\nTcp: 200 47 -1\n\
                    UdpLite: NoPorts\nUdpLite: 9\nUdp: InDatagrams NoPorts\nUdp: 7 5\n";
        assert_eq!(counted_in(snmp, "Tcp", "ActiveOpens"), Some(47));
        assert_eq!(counted_in(snmp, "Udp", "NoPorts"), Some(5));
        assert_eq!(counted_in(snmp, "Udp", "ActiveOpens"), None);
        assert_eq!(counted_in("", "Tcp", "ActiveOpens"), None);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn this_process_is_there_with_its_sockets() {
        let own = std::process::id();
        assert!(processes().contains(&own));
        assert!(status(own).is_some_and(|status| status.memory > 0));
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a listener");
        let address = listener.local_addr().expect("an address");
        let all = sockets("tcp");
        let row = all.iter().find(|row| row.local == address).expect("a row");
        assert_eq!((row.state, row.unread), (LISTEN, 0));
        assert!(open_sockets(&[own]).is_some_and(|all| !all.is_empty()));
    }
}
