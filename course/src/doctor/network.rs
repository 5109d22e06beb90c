//! Loopback, the lessons' ports, descriptors, raw sockets.

use std::io::{self, ErrorKind};
use std::net::{
    IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener, TcpStream, ToSocketAddrs,
    UdpSocket,
};
use std::time::Duration;

use shared::explain;
use socket2::{Domain, Protocol, Socket, Type};

use super::Finding;
use course::workspace::Lesson;

/// The ports that the lessons' servers listen on without an argument.
const PORTS: [(u16, bool, &[&str]); 11] = [
    (8000, TCP, &["03", "04"]),
    (8888, TCP, &["05", "06"]),
    (9999, TCP, &["07"]),
    (9000, UDP, &["08"]),
    (9000, TCP, &["09"]),
    (2626, TCP, &["11"]),
    (2525, TCP, &["13"]),
    (9001, TCP, &["13"]),
    (8080, UDP, &["13"]),
    (4646, TCP, &["16"]),
    (7777, TCP, &["17"]),
];
const TCP: bool = true;
const UDP: bool = false;

pub fn findings(lessons: &[Lesson]) -> Vec<Finding> {
    let mut findings = vec![ipv4(), ipv6(), localhost()];
    let there = |number: &&&str| lessons.iter().any(|lesson| lesson.number == **number);
    for (number, tcp, users) in PORTS {
        let users: Vec<_> = users.iter().filter(there).copied().collect();
        if !users.is_empty() {
            let users = match users[..] {
                [one] => format!("lesson {one}"),
                _ => format!("lessons {}", users.join(" and ")),
            };
            findings.push(port(number, tcp, &users));
        }
    }
    #[cfg(unix)]
    findings.push(descriptors());
    findings.push(raw_socket());
    #[cfg(unix)]
    findings.push(ping_socket());
    findings
}

fn ipv4() -> Finding {
    let what = "IPv4 loopback";
    match conversation(Ipv4Addr::LOCALHOST.into()) {
        Ok(()) => Finding::good(what, "127.0.0.1 listens and answers"),
        Err(error) => Finding::bad(
            what,
            format!("no connection to 127.0.0.1: {}", explain(&error)),
            "every lesson talks to this machine itself; on Linux `ip link set lo up` \
             switches the loopback device on, and a firewall must let it pass",
        ),
    }
}

fn ipv6() -> Finding {
    let what = "IPv6 loopback";
    match conversation(Ipv6Addr::LOCALHOST.into()) {
        Ok(()) => Finding::good(what, "::1 listens and answers"),
        Err(error) => Finding::note(
            what,
            format!("no connection to ::1: {}", explain(&error)),
            "the lessons work over IPv4; their [::1] examples show an error here",
        ),
    }
}

/// A whole connection: listen, connect, accept.
fn conversation(ip: IpAddr) -> io::Result<()> {
    let listener = TcpListener::bind((ip, 0))?;
    let address = listener.local_addr()?;
    let client = TcpStream::connect_timeout(&address, Duration::from_secs(2))?;
    let (_, peer) = listener.accept()?;
    if client.local_addr()? == peer {
        return Ok(());
    }
    Err(io::Error::other("somebody else connected"))
}

fn localhost() -> Finding {
    let what = "localhost";
    let hint =
        "lesson 02 looks this name up; it belongs into the hosts file (/etc/hosts)";
    match ("localhost", 0).to_socket_addrs() {
        Ok(addresses) => {
            let addresses: Vec<_> = addresses.map(|address| address.ip()).collect();
            let list: Vec<_> = addresses.iter().map(IpAddr::to_string).collect();
            let is = format!("is {}", list.join(" and "));
            if addresses.iter().all(IpAddr::is_loopback) {
                Finding::good(what, is)
            } else {
                Finding::note(what, is, hint)
            }
        }
        Err(error) => Finding::note(what, explain(&error).to_string(), hint),
    }
}

fn port(port: u16, tcp: bool, lessons: &str) -> Finding {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let (protocol, bound) = if tcp {
        ("TCP", TcpListener::bind(address).map(drop))
    } else {
        ("UDP", UdpSocket::bind(address).map(drop))
    };
    let what = format!("port {port}, {protocol}");
    match bound {
        Ok(()) => Finding::good(what, format!("free, for {lessons}")),
        Err(error) if error.kind() == ErrorKind::AddrInUse => Finding::note(
            what,
            "in use by another program",
            format!(
                "{} shows which. End it, or give {lessons} another port: \
                 `cargo run -- run … 127.0.0.1:0`",
                who_holds(port, tcp)
            ),
        ),
        Err(error) => Finding::note(
            what,
            explain(&error).to_string(),
            format!("give {lessons} another port: `cargo run -- run … 127.0.0.1:0`"),
        ),
    }
}

fn who_holds(port: u16, tcp: bool) -> String {
    if cfg!(target_os = "linux") {
        let table = if tcp { "-tlnp" } else { "-ulnp" };
        format!("`ss {table} 'sport = :{port}'`")
    } else if cfg!(windows) {
        format!("`netstat -ano | findstr :{port}`")
    } else if tcp {
        format!("`lsof -nP -iTCP:{port} -sTCP:LISTEN`")
    } else {
        format!("`lsof -nP -iUDP:{port}`")
    }
}

/// Every socket is a descriptor, so this is how many connections a program can have.
#[cfg(unix)]
fn descriptors() -> Finding {
    use nix::sys::resource::{RLIM_INFINITY, Resource, getrlimit};
    let what = "descriptors";
    let written = |limit| match limit {
        RLIM_INFINITY => "unlimited".to_string(),
        limit => limit.to_string(),
    };
    match getrlimit(Resource::RLIMIT_NOFILE) {
        Err(errno) => {
            Finding::note(what, errno.to_string(), "lesson 07 says what they are")
        }
        Ok((soft, hard)) => {
            let is = format!("{} in a program, up to {}", written(soft), written(hard));
            if soft >= 1024 {
                Finding::good(what, is)
            } else {
                let hint = "each client of a server needs one; `ulimit -n 1024` in the \
                            shell raises the limit before a lesson with many clients";
                Finding::note(what, is, hint)
            }
        }
    }
}

fn raw_socket() -> Finding {
    let what = "raw sockets";
    match Socket::new(Domain::IPV4, Type::RAW, Some(Protocol::ICMPV4)) {
        Ok(_) => Finding::good(what, "allowed"),
        Err(error) => {
            // The refusal is what most readers have, and lesson 01 explains it.
            Finding::good(
                what,
                format!("{}, as lesson 01 shows", explain(&error).words),
            )
        }
    }
}

/// ICMP echo without a right, where the system has that (icmp(7), ping_group_range).
#[cfg(unix)]
fn ping_socket() -> Finding {
    let what = "ping sockets";
    match Socket::new(Domain::IPV4, Type::DGRAM, Some(Protocol::ICMPV4)) {
        Ok(_) => Finding::good(what, "allowed"),
        Err(error) => Finding::good(
            what,
            format!("{}, as lesson 16 shows", explain(&error).words),
        ),
    }
}
