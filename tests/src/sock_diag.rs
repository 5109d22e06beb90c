//! One question to the kernel by netlink: which TCP sockets have this local port?
//! sock_diag(7), and linux/inet_diag.h for the bytes. No right is needed.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::os::fd::AsRawFd;

use nix::sys::socket::{
    AddressFamily, MsgFlags, NetlinkAddr, SockFlag, SockProtocol, SockType, recv, sendto,
    socket,
};

use crate::kernel::TcpRow;

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

/// All TCP sockets of this network namespace, in every state, whose local port is `port`.
///
/// # Errors
/// Where the kernel has no sock_diag, and those of socket(2), sendto(2) and recv(2).
pub fn tcp_sockets_on(port: u16) -> io::Result<Vec<TcpRow>> {
    let mut rows = Vec::new();
    for family in [AF_INET, AF_INET6] {
        ask(family, port, &mut rows)?;
    }
    Ok(rows)
}

fn ask(family: u8, port: u16, rows: &mut Vec<TcpRow>) -> io::Result<()> {
    let netlink = socket(
        AddressFamily::Netlink,
        SockType::Raw,
        SockFlag::SOCK_CLOEXEC,
        SockProtocol::NetlinkSockDiag,
    )?;
    let kernel = NetlinkAddr::new(0, 0);
    sendto(
        netlink.as_raw_fd(),
        &request(family, port),
        &kernel,
        MsgFlags::empty(),
    )?;
    let mut buffer = vec![0; 64 * 1024];
    loop {
        let length = recv(netlink.as_raw_fd(), &mut buffer, MsgFlags::empty())?;
        let mut rest = &buffer[..length];
        while rest.len() >= HEADER {
            let size = number(rest, 0) as usize;
            match u16::from_ne_bytes([rest[4], rest[5]]) {
                NLMSG_DONE => return Ok(()),
                NLMSG_ERROR => return Err(io::Error::other("no sock_diag")),
                _ if size < HEADER + ANSWER || size > rest.len() => {
                    return Err(io::Error::other("an answer that is too short"));
                }
                _ => rows.push(row(&rest[HEADER..size])),
            }
            // Messages begin at multiples of four.
            rest = rest.get(size.next_multiple_of(4)..).unwrap_or_default();
        }
    }
}

/// nlmsghdr and inet_diag_req_v2: every state, this local port, any addresses.
fn request(family: u8, port: u16) -> Vec<u8> {
    let mut bytes = Vec::new();
    bytes.extend(72_u32.to_ne_bytes());
    bytes.extend(SOCK_DIAG_BY_FAMILY.to_ne_bytes());
    bytes.extend((NLM_F_REQUEST | NLM_F_DUMP).to_ne_bytes());
    bytes.extend([0; 8]); // sequence number and sender
    bytes.extend([family, TCP, 0, 0]);
    bytes.extend(u32::MAX.to_ne_bytes()); // a bit for each state
    bytes.extend(port.to_be_bytes());
    bytes.resize(72, 0);
    bytes
}

/// inet_diag_msg.
fn row(answer: &[u8]) -> TcpRow {
    let address = |port: usize, ip: usize| -> SocketAddr {
        let port = u16::from_be_bytes([answer[port], answer[port + 1]]);
        let bytes = &answer[ip..ip + 16];
        let ip: IpAddr = match answer[0] {
            AF_INET => Ipv4Addr::new(bytes[0], bytes[1], bytes[2], bytes[3]).into(),
            _ => Ipv6Addr::from(<[u8; 16]>::try_from(bytes).expect("16 bytes")).into(),
        };
        (ip, port).into()
    };
    TcpRow {
        local: address(4, 8),
        remote: address(6, 24),
        state: answer[1],
        receive_queue: number(answer, 56) as usize,
        send_queue: number(answer, 60) as usize,
        inode: number(answer, 68).into(),
    }
}

fn number(bytes: &[u8], at: usize) -> u32 {
    u32::from_ne_bytes(bytes[at..at + 4].try_into().expect("four bytes"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{kernel, peer};

    #[test]
    fn it_says_what_the_table_says() {
        let (listener, address) = peer::listener();
        let mut client = peer::connect(address);
        peer::write(&mut client, "hello");
        let (server, _) = listener.accept().expect("the client");
        let _waiting = peer::connect(address);
        crate::until("five bytes wait, and a client", || {
            let rows = tcp_sockets_on(address.port()).expect("sock_diag");
            let is_there = |state, queue| {
                rows.iter()
                    .any(|row| row.state == state && row.receive_queue == queue)
            };
            let both = is_there(kernel::ESTABLISHED, 5) && is_there(kernel::LISTEN, 1);
            both.then_some(())
        });
        let mut rows = tcp_sockets_on(address.port()).expect("sock_diag");
        let mut table = kernel::tcp_sockets();
        table.retain(|row| row.local.port() == address.port());
        let order = |row: &TcpRow| (row.state, row.remote);
        rows.sort_by_key(order);
        table.sort_by_key(order);
        // The table has no limit for a listener's queue; sock_diag has, as its send queue.
        for row in rows.iter_mut().chain(&mut table) {
            if row.state == kernel::LISTEN {
                row.send_queue = 0;
            }
        }
        assert_eq!(rows, table);
        drop(server);
    }
}
