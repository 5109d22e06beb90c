//! Questions to the kernel by netlink: who has this port, and what waits in its buffers?
//! sock_diag(7), and linux/inet_diag.h for the bytes. No right is needed.
//!
//! /proc/net/tcp tells the same, and costs 5 ms each time: for it the kernel goes through the
//! table of all networks. One socket is found in ten microseconds here.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::os::fd::AsRawFd;

use nix::sys::socket::{
    AddressFamily, MsgFlags, NetlinkAddr, SockFlag, SockProtocol, SockType, recv, sendto,
    socket,
};

pub use crate::proc::Row;

const SOCK_DIAG_BY_FAMILY: u16 = 20;
const NLM_F_REQUEST: u16 = 1;
const NLM_F_DUMP: u16 = 0x300;
const NLMSG_ERROR: u16 = 2;
const NLMSG_DONE: u16 = 3;
/// nlmsghdr.
const HEADER: usize = 16;
/// inet_diag_msg up to its inode, which is its last field.
const ANSWER: usize = 72;
const AF_INET: u8 = 2;
const AF_INET6: u8 = 10;
const TCP: u8 = 6;
/// A bit for each state (include/net/tcp_states.h).
const EVERY_STATE: u32 = u32::MAX;
const LISTENS: u32 = 1 << 10;
/// INET_DIAG_NOCOOKIE: whichever socket it is.
const ANY_SOCKET: [u8; 8] = [0xff; 8];

/// All TCP sockets of this network namespace, in every state, whose local port is `port`.
///
/// # Errors
/// Where the kernel has no sock_diag, and those of socket(2), sendto(2) and recv(2).
pub fn tcp_sockets_on(port: u16) -> io::Result<Vec<Row>> {
    all(EVERY_STATE, port)
}

/// All TCP sockets of this network namespace that listen.
///
/// # Errors
/// As [`tcp_sockets_on`].
pub fn listeners() -> io::Result<Vec<Row>> {
    all(LISTENS, 0)
}

fn all(states: u32, port: u16) -> io::Result<Vec<Row>> {
    let mut rows = Vec::new();
    for family in [AF_INET, AF_INET6] {
        let any: IpAddr = match family {
            AF_INET => Ipv4Addr::UNSPECIFIED.into(),
            _ => Ipv6Addr::UNSPECIFIED.into(),
        };
        let ends = [(any, port), (any, 0)].map(SocketAddr::from);
        ask(NLM_F_DUMP, family, states, ends, &mut rows)?;
    }
    Ok(rows)
}

/// The TCP socket that gets what comes from `remote` for `local`: the end of this connection,
/// or else who listens there. None: nobody would get it.
///
/// # Errors
/// As [`tcp_sockets_on`].
pub fn who_gets(local: SocketAddr, remote: SocketAddr) -> io::Result<Option<Row>> {
    const ENOENT: i32 = 2;
    let family = if local.is_ipv4() { AF_INET } else { AF_INET6 };
    let mut rows = Vec::new();
    match ask(0, family, EVERY_STATE, [local, remote], &mut rows) {
        Err(error) if error.raw_os_error() == Some(ENOENT) => Ok(None),
        asked => asked.map(|()| rows.pop()),
    }
}

/// Asks for one socket, or, with NLM_F_DUMP, for all.
fn ask(
    dump: u16,
    family: u8,
    states: u32,
    ends: [SocketAddr; 2],
    rows: &mut Vec<Row>,
) -> io::Result<()> {
    let netlink = socket(
        AddressFamily::Netlink,
        SockType::Raw,
        SockFlag::SOCK_CLOEXEC,
        SockProtocol::NetlinkSockDiag,
    )?;
    let request = request(dump, family, states, ends);
    let (kernel, flags) = (NetlinkAddr::new(0, 0), MsgFlags::empty());
    sendto(netlink.as_raw_fd(), &request, &kernel, flags)?;
    let mut buffer = vec![0; 64 * 1024];
    loop {
        let length = recv(netlink.as_raw_fd(), &mut buffer, flags)?;
        let mut rest = &buffer[..length];
        while rest.len() >= HEADER {
            let size = number(rest, 0) as usize;
            match u16::from_ne_bytes([rest[4], rest[5]]) {
                NLMSG_DONE => return Ok(()),
                NLMSG_ERROR if size >= HEADER + 4 => {
                    let error = number(rest, HEADER).cast_signed(); // a negative errno
                    return Err(io::Error::from_raw_os_error(-error));
                }
                _ if size < HEADER + ANSWER || size > rest.len() => {
                    return Err(io::Error::other("an answer that is too short"));
                }
                _ => rows.push(row(&rest[HEADER..size])),
            }
            // Messages begin at multiples of four.
            rest = rest.get(size.next_multiple_of(4)..).unwrap_or_default();
        }
        if dump == 0 {
            return Ok(());
        }
    }
}

/// nlmsghdr and inet_diag_req_v2.
fn request(dump: u16, family: u8, states: u32, ends: [SocketAddr; 2]) -> Vec<u8> {
    let mut bytes = Vec::new();
    bytes.extend(72_u32.to_ne_bytes());
    bytes.extend(SOCK_DIAG_BY_FAMILY.to_ne_bytes());
    bytes.extend((NLM_F_REQUEST | dump).to_ne_bytes());
    bytes.extend([0; 8]); // sequence number and sender
    bytes.extend([family, TCP, 0, 0]);
    bytes.extend(states.to_ne_bytes());
    // inet_diag_sockid: both ports, both addresses, an interface, a cookie.
    bytes.extend(ends.map(|end| end.port().to_be_bytes()).as_flattened());
    for end in ends {
        let start = bytes.len();
        match end.ip() {
            IpAddr::V4(ip) => bytes.extend(ip.octets()),
            IpAddr::V6(ip) => bytes.extend(ip.octets()),
        }
        bytes.resize(start + 16, 0);
    }
    bytes.extend([0; 4]);
    bytes.extend(ANY_SOCKET);
    bytes
}

/// inet_diag_msg.
fn row(answer: &[u8]) -> Row {
    let address = |port: usize, ip: usize| -> SocketAddr {
        let port = u16::from_be_bytes([answer[port], answer[port + 1]]);
        let bytes = &answer[ip..ip + 16];
        let ip: IpAddr = match answer[0] {
            AF_INET => Ipv4Addr::new(bytes[0], bytes[1], bytes[2], bytes[3]).into(),
            _ => Ipv6Addr::from(<[u8; 16]>::try_from(bytes).expect("16 bytes")).into(),
        };
        (ip, port).into()
    };
    Row {
        local: address(4, 8),
        remote: address(6, 24),
        state: answer[1],
        unread: number(answer, 56).into(),
        unsent: number(answer, 60).into(),
        inode: number(answer, 68).into(),
    }
}

fn number(bytes: &[u8], at: usize) -> u32 {
    u32::from_ne_bytes(bytes[at..at + 4].try_into().expect("four bytes"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::proc;
    use std::io::Write;
    use std::net::{TcpListener, TcpStream};
    use std::time::{Duration, Instant};

    /// Looks until it is there.
    fn until(what: &str, look: impl Fn() -> bool) {
        let end = Instant::now() + Duration::from_secs(10);
        while !look() {
            assert!(Instant::now() < end, "{what}");
            std::thread::yield_now();
        }
    }

    #[test]
    fn it_says_what_the_table_says() {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a listener");
        let address = listener.local_addr().expect("an address");
        let mut client = TcpStream::connect(address).expect("a client");
        client.write_all(b"hello").expect("said");
        let (server, _) = listener.accept().expect("the client");
        let _waiting = TcpStream::connect(address).expect("another one");
        let on_it = || tcp_sockets_on(address.port()).expect("sock_diag");
        until("five bytes wait, and a client", || {
            let rows = on_it();
            let is = |state, unread| {
                let mut rows = rows.iter();
                rows.any(|row| row.state == state && row.unread == unread)
            };
            is(proc::ESTABLISHED, 5) && is(proc::LISTEN, 1)
        });
        let mut rows = on_it();
        let mut table = ["tcp", "tcp6"].map(proc::sockets).concat();
        table.retain(|row| row.local.port() == address.port());
        let order = |row: &Row| (row.state, row.remote);
        rows.sort_by_key(order);
        table.sort_by_key(order);
        // The table has no limit for a listener's queue; sock_diag has, as its send queue.
        for row in rows.iter_mut().chain(&mut table) {
            if row.state == proc::LISTEN {
                row.unsent = 0;
            }
        }
        assert_eq!(rows, table);
        drop(server);
    }

    #[test]
    fn one_socket_is_found_by_its_addresses_and_a_listener_where_there_is_no_connection()
    {
        for everywhere in ["127.0.0.1:0", "0.0.0.0:0", "[::]:0"] {
            let Ok(listener) = TcpListener::bind(everywhere) else {
                continue; // no IPv6 here
            };
            let port = listener.local_addr().expect("an address").port();
            let address: SocketAddr = ([127, 0, 0, 1], port).into();
            let mut client = TcpStream::connect(address).expect("a client");
            let here = client.local_addr().expect("its own");
            client.write_all(b"hello").expect("said");
            let found = |local, remote| who_gets(local, remote).expect("sock_diag");
            until("five bytes wait at this end", || {
                found(address, here).is_some_and(|row| row.unread == 5)
            });
            let nobody = ([127, 0, 0, 1], 0).into();
            let row = found(address, nobody).expect("a listener");
            assert_eq!(row.state, proc::LISTEN, "{everywhere}");
            assert!(
                listeners()
                    .expect("sock_diag")
                    .iter()
                    .any(|row| row.local.port() == port)
            );
            drop(listener);
            until("nobody listens any more", || {
                found(address, nobody).is_none()
            });
        }
    }
}
