//! A network of the run's own, and a packet socket that hears all of it.
//!
//! What is absent: a way out. The namespace has a loopback and nothing else.

use std::fs;
use std::io::{self, IoSliceMut};
use std::net::UdpSocket;
use std::os::fd::{AsRawFd, OwnedFd};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use nix::sched::{CloneFlags, unshare};
use nix::sys::signal::Signal;
use nix::sys::socket::{
    AddressFamily, ControlMessageOwned, MsgFlags, NetlinkAddr, SockFlag, SockProtocol,
    SockType, bind, recv, recvmsg, sendto, setsockopt, socket, sockopt,
};
use nix::sys::time::{TimeVal, TimeValLike};
use nix::unistd::{Pid, getgid, getuid};

/// Moves this process into a user and a network namespace of its own, where it is root,
/// and switches the loopback on. It must not have a second thread yet.
pub fn enter() -> io::Result<()> {
    let (user, group) = (getuid(), getgid());
    unshare(CloneFlags::CLONE_NEWUSER | CloneFlags::CLONE_NEWNET)?;
    map_ids(&format!("0 {user} 1"), &format!("0 {group} 1"))?;
    loopback(true)
}

/// Gives the rights of [`enter`] away again: what is started now has none in the network, and
/// behaves as an ordinary user's program does.
pub fn give_rights_away() -> io::Result<()> {
    unshare(CloneFlags::CLONE_NEWUSER)?;
    map_ids("1000 0 1", "1000 0 1")
}

/// The kernel kills this process when its parent ends, also after it has become another
/// program.
pub fn die_with_the_parent() -> io::Result<()> {
    Ok(nix::sys::prctl::set_pdeathsig(Signal::SIGKILL)?)
}

fn map_ids(users: &str, groups: &str) -> io::Result<()> {
    fs::write("/proc/self/setgroups", "deny")?; // or the next but one is forbidden
    fs::write("/proc/self/uid_map", users)?;
    fs::write("/proc/self/gid_map", groups)
}

/// A new loopback is down. `ip link set lo up` or `down`, without the tool: rtnetlink(7).
pub fn loopback(up: bool) -> io::Result<()> {
    const RTM_NEWLINK: u16 = 16;
    const REQUEST_AND_ACK: u16 = 1 | 4;
    const LOOPBACK: i32 = 1; // always the first interface
    const UP: u32 = 1;
    let mut message = Vec::new();
    message.extend(32u32.to_ne_bytes()); // the header: the length of all
    message.extend(RTM_NEWLINK.to_ne_bytes());
    message.extend(REQUEST_AND_ACK.to_ne_bytes());
    message.extend([0; 8]); // sequence and port
    message.extend([0; 4]); // struct ifinfomsg: family, padding, type
    message.extend(LOOPBACK.to_ne_bytes());
    let flags = if up { UP } else { 0 };
    message.extend(flags.to_ne_bytes());
    message.extend(UP.to_ne_bytes()); // which of them change
    let netlink = socket(
        AddressFamily::Netlink,
        SockType::Raw,
        SockFlag::SOCK_CLOEXEC,
        SockProtocol::NetlinkRoute,
    )?;
    let kernel = NetlinkAddr::new(0, 0);
    bind(netlink.as_raw_fd(), &kernel)?;
    sendto(netlink.as_raw_fd(), &message, &kernel, MsgFlags::empty())?;
    let mut answer = [0; 256];
    let length = recv(netlink.as_raw_fd(), &mut answer, MsgFlags::empty())?;
    // struct nlmsgerr stands after the header of 16 bytes: 0, or the error, negative.
    match answer.get(16..20).filter(|_| length >= 20) {
        Some(error) => match i32::from_ne_bytes(error.try_into().unwrap_or_default()) {
            0 => Ok(()),
            error => Err(io::Error::from_raw_os_error(-error)),
        },
        None => Err(io::ErrorKind::UnexpectedEof.into()),
    }
}

/// Gives every new socket of this network buffers of these sizes: tcp(7).
pub fn buffers(receive: u32, send: u32) -> io::Result<()> {
    for (file, bytes) in [("tcp_rmem", receive), ("tcp_wmem", send)] {
        let file = format!("/proc/sys/net/ipv4/{file}");
        fs::write(file, format!("{bytes} {bytes} {bytes}"))?; // least, default, most
    }
    Ok(())
}

/// From here on a new socket of IPv6 takes no client over IPv4, unless it asks for it: ipv6(7).
pub fn only_v6() -> io::Result<()> {
    fs::write("/proc/sys/net/ipv6/bindv6only", "1")
}

/// A packet, and the microsecond since 1970 in which the kernel delivered it.
#[derive(Debug, Clone)]
pub struct Packet {
    pub at: u64,
    pub bytes: Vec<u8>,
}

/// Hears every packet on the loopback until it is asked to [`stop`](Self::stop).
pub struct Capture {
    ending: Arc<AtomicBool>,
    heard: Heard,
    threads: Vec<JoinHandle<io::Result<()>>>,
}

/// What was heard until now, of each protocol.
#[derive(Clone, Default)]
pub struct Heard {
    count: Arc<AtomicUsize>,
    packets: [Arc<Mutex<Vec<Packet>>>; 2],
}

impl Heard {
    /// All packets until now, in order.
    pub fn packets(&self) -> Vec<Packet> {
        let mut all = Vec::new();
        for packets in &self.packets {
            let packets = packets.lock().unwrap_or_else(PoisonError::into_inner);
            all.extend(in_order(packets.clone()));
        }
        all.sort_by_key(|packet| packet.at);
        all
    }
}

impl Capture {
    /// With the protocols named one by one each packet comes once, when it is delivered.
    /// With ETH_P_ALL it would come twice: when it is sent, too.
    pub fn start() -> io::Result<Self> {
        let ending = Arc::new(AtomicBool::new(false));
        let heard = Heard::default();
        let mut threads = Vec::new();
        let protocols = [SockProtocol::EthIp, SockProtocol::EthIpv6];
        for (protocol, packets) in protocols.into_iter().zip(&heard.packets) {
            // SOCK_DGRAM: without the header of the link.
            let socket = socket(
                AddressFamily::Packet,
                SockType::Datagram,
                SockFlag::SOCK_CLOEXEC,
                protocol,
            )?;
            setsockopt(&socket, sockopt::ReceiveTimestampns, &true)?;
            // On a busy machine we come late, and what has no room until then is lost. Root
            // may have as much as it likes, others twice the limit of the system (socket(7)).
            setsockopt(&socket, sockopt::RcvBufForce, &ROOM)
                .or_else(|_| setsockopt(&socket, sockopt::RcvBuf, &ROOM))?;
            // To look at `ending` now and then.
            let tick = TimeVal::milliseconds(20);
            setsockopt(&socket, sockopt::ReceiveTimeout, &tick)?;
            if protocol == SockProtocol::EthIp {
                wait_for_stamps(&socket)?;
            }
            let (ending, packets) = (Arc::clone(&ending), Arc::clone(packets));
            let count = Arc::clone(&heard.count);
            threads.push(thread::spawn(move || {
                hear(&socket, &ending, &packets, &count)
            }));
        }
        Ok(Self {
            ending,
            heard,
            threads,
        })
    }

    /// How many packets there were until now.
    pub fn heard(&self) -> usize {
        self.heard.count.load(SeqCst)
    }

    /// What there is to hear while it goes on.
    pub fn so_far(&self) -> Heard {
        self.heard.clone()
    }

    /// All packets, in order.
    pub fn stop(self) -> io::Result<Vec<Packet>> {
        self.ending.store(true, SeqCst);
        for thread in self.threads {
            let ended = thread.join();
            ended.map_err(|_| io::Error::other("the capture broke off"))??;
        }
        Ok(self.heard.packets())
    }
}

/// The kernel begins to stamp packets a while after it was asked to, and stamps what comes
/// before that when it is read. So: send something, let time pass, read it, and look whether
/// the stamp is older than that time.
fn wait_for_stamps(socket: &OwnedFd) -> io::Result<()> {
    let probe = UdpSocket::bind("127.0.0.1:0")?;
    let own = probe.local_addr()?;
    let end = Instant::now() + Duration::from_secs(5);
    let mut buffer = vec![0; 2048];
    while Instant::now() < end {
        probe.send_to(b"probe", own)?;
        let sent = now();
        thread::sleep(Duration::from_millis(2)); // the time that passes
        match receive(socket, &mut buffer) {
            Ok((_, at)) if at <= sent => return Ok(()),
            Ok(_) | Err(nix::Error::EAGAIN | nix::Error::EINTR) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(io::Error::other("the kernel does not stamp packets"))
}

/// Microseconds since 1970.
pub fn now() -> u64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    now.map_or(0, |now| u64::try_from(now.as_micros()).unwrap_or(0))
}

/// One packet: its length, and when the kernel has delivered it.
fn receive(socket: &OwnedFd, buffer: &mut [u8]) -> nix::Result<(usize, u64)> {
    let mut control = nix::cmsg_space!(nix::sys::time::TimeSpec);
    let mut place = [IoSliceMut::new(buffer)];
    let flags = MsgFlags::empty();
    let message =
        recvmsg::<()>(socket.as_raw_fd(), &mut place, Some(&mut control), flags)?;
    let mut stamps = message.cmsgs()?.filter_map(|control| match control {
        ControlMessageOwned::ScmTimestampns(time) => {
            u64::try_from(Duration::from(time).as_micros()).ok()
        }
        _ => None,
    });
    let at = stamps.next().ok_or(nix::Error::EPROTO)?; // it was asked for
    Ok((message.bytes, at))
}

/// The order in which they came is the truth. The stamp of an answer that the kernel made
/// on the spot may be a microsecond or two before that of the packet it answers.
fn in_order(mut packets: Vec<Packet>) -> Vec<Packet> {
    let mut next = u64::MAX;
    for packet in packets.iter_mut().rev() {
        packet.at = packet.at.min(next);
        next = packet.at;
    }
    packets
}

/// Bytes of packets that wait for us. One of the loopback has up to 64 KiB.
const ROOM: usize = 16 << 20;

/// The most that is kept of a run: a picture has a hundred packets, not a million.
const MOST_PACKETS: usize = 20_000;

fn hear(
    socket: &OwnedFd,
    ending: &AtomicBool,
    packets: &Mutex<Vec<Packet>>,
    heard: &AtomicUsize,
) -> io::Result<()> {
    let mut buffer = vec![0; 70_000];
    loop {
        let (length, at) = match receive(socket, &mut buffer) {
            Ok(received) => received,
            // What had come when the end was asked for has been read by now.
            Err(nix::Error::EAGAIN) if ending.load(SeqCst) => return Ok(()),
            Err(nix::Error::EAGAIN | nix::Error::EINTR) => continue,
            Err(error) => return Err(error.into()),
        };
        heard.fetch_add(1, SeqCst);
        let mut packets = packets.lock().unwrap_or_else(PoisonError::into_inner);
        if packets.len() < MOST_PACKETS {
            let bytes = buffer[..length].to_vec();
            packets.push(Packet { at, bytes });
        }
    }
}

/// A row of `/proc/net/tcp` or `tcp6`, of a connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    pub local: u16,
    pub remote: u16,
    pub state: &'static str,
    pub unread: u64,
}

/// What the kernel knows of the connections of this network; of listeners without a peer
/// the remote port is 0.
pub fn connections() -> io::Result<Vec<Row>> {
    let mut rows = Vec::new();
    for file in ["/proc/self/net/tcp", "/proc/self/net/tcp6"] {
        let text = match fs::read_to_string(file) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue, // no IPv6
            text => text?,
        };
        rows.extend(text.lines().skip(1).filter_map(row));
    }
    Ok(rows)
}

/// The ports of a process: its descriptors are links to `socket:[NUMBER]`, and these numbers
/// stand in the tables of its network.
pub fn ports(pid: Pid) -> Vec<u16> {
    let links = fs::read_dir(format!("/proc/{pid}/fd"))
        .into_iter()
        .flatten();
    let links = links
        .flatten()
        .filter_map(|it| fs::read_link(it.path()).ok());
    let own: Vec<_> = links.map(|it| it.display().to_string()).collect();
    let mut ports = Vec::new();
    for table in ["tcp", "tcp6", "udp", "udp6"] {
        let text = fs::read_to_string(format!("/proc/{pid}/net/{table}"));
        for line in text.unwrap_or_default().lines().skip(1) {
            let fields: Vec<_> = line.split_whitespace().collect();
            let number = fields.get(9).map(|number| format!("socket:[{number}]"));
            let local = fields.get(1).and_then(|local| local.rsplit_once(':'));
            let port = local.and_then(|(_, port)| u16::from_str_radix(port, 16).ok());
            if number.is_some_and(|number| own.contains(&number)) {
                ports.extend(port.filter(|port| *port != 0));
            }
        }
    }
    ports
}

fn row(line: &str) -> Option<Row> {
    const STATES: [&str; 11] = [
        "ESTABLISHED",
        "SYN_SENT",
        "SYN_RECV",
        "FIN_WAIT1",
        "FIN_WAIT2",
        "TIME_WAIT",
        "CLOSED",
        "CLOSE_WAIT",
        "LAST_ACK",
        "LISTEN",
        "CLOSING",
    ];
    let fields: Vec<_> = line.split_whitespace().collect();
    let port = |field: &str| {
        let (_, port) = field.rsplit_once(':')?;
        u16::from_str_radix(port, 16).ok()
    };
    let state = usize::from_str_radix(fields.get(3)?, 16).ok()?;
    let unread = fields.get(4)?.split_once(':')?.1;
    Some(Row {
        local: port(fields.get(1)?)?,
        remote: port(fields.get(2)?)?,
        state: STATES.get(state.checked_sub(1)?)?,
        unread: u64::from_str_radix(unread, 16).ok()?,
    })
}
