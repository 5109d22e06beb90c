//! The headers of a packet: IPv4 and IPv6, TCP, UDP, and what ICMP says of a datagram.

use std::net::{Ipv4Addr, Ipv6Addr};

use crate::network::Packet;

/// A segment of TCP or a datagram of UDP, as it stands in the packet.
#[derive(Debug, Clone, Default)]
pub struct Raw {
    pub at: u64,
    pub from: (String, u16),
    pub to: (String, u16),
    pub udp: bool,
    /// ICMP's "port unreachable", as an answer to the datagram between these ports.
    pub icmp: bool,
    pub flags: u8,
    pub seq: u32,
    pub ack: u32,
    /// As it stands there, not multiplied (RFC 7323, section 2): 0 is 0 all the same.
    pub window: u16,
    pub data: Vec<u8>,
}

pub const FIN: u8 = 1;
pub const SYN: u8 = 2;
pub const RST: u8 = 4;
pub const PSH: u8 = 8;
pub const ACK: u8 = 16;

/// Reads the headers: RFC 791, RFC 8200, RFC 9293, RFC 768, RFC 792. None: something
/// else.
pub fn read(packet: &Packet) -> Option<Raw> {
    let ip = ip(&packet.bytes)?;
    let rest = ip.payload;
    if ip.protocol == ICMP && rest.get(..2)? == PORT_UNREACHABLE {
        return unreachable(packet.at, rest.get(8..)?);
    }
    // Here TCP and UDP have their ports.
    let (source, target) = (u16_at(rest, 0)?, u16_at(rest, 2)?);
    let raw = Raw {
        at: packet.at,
        from: (ip.from, source),
        to: (ip.to, target),
        ..Raw::default()
    };
    match ip.protocol {
        TCP => Some(Raw {
            seq: u32_at(rest, 4)?,
            ack: u32_at(rest, 8)?,
            flags: *rest.get(13)?,
            window: u16_at(rest, 14)?,
            data: rest.get(usize::from(rest[12] >> 4) * 4..)?.to_vec(),
            ..raw
        }),
        UDP => Some(Raw {
            udp: true,
            data: rest.get(8..)?.to_vec(),
            ..raw
        }),
        _ => None,
    }
}

const ICMP: u8 = 1;
const TCP: u8 = 6;
const UDP: u8 = 17;

/// ICMP's type 3, "destination unreachable", and of it code 3.
const PORT_UNREACHABLE: [u8; 2] = [3, 3];

/// What stands in a header of IP, and what follows it.
struct Ip<'a> {
    protocol: u8,
    from: String,
    to: String,
    payload: &'a [u8],
}

fn ip(all: &[u8]) -> Option<Ip<'_>> {
    match all.first()? >> 4 {
        4 => {
            let total = usize::from(u16_at(all, 2)?);
            Some(Ip {
                protocol: *all.get(9)?,
                from: ipv4_at(all, 12)?,
                to: ipv4_at(all, 16)?,
                payload: all.get(ipv4_header(all)?..total)?,
            })
        }
        6 => {
            let length = usize::from(u16_at(all, 4)?);
            Some(Ip {
                protocol: *all.get(6)?,
                from: ipv6_at(all, 8)?,
                to: ipv6_at(all, 24)?,
                payload: all.get(40..40 + length)?,
            })
        }
        _ => None,
    }
}

/// How long a header of IPv4 is: it says so itself, in words of four bytes.
fn ipv4_header(bytes: &[u8]) -> Option<usize> {
    Some(usize::from(bytes.first()? & 15) * 4)
}

/// RFC 792: what could not be delivered follows the header, from its own IP header on.
fn unreachable(at: u64, inner: &[u8]) -> Option<Raw> {
    // Of the datagram the first eight bytes at least are there; its length may say more.
    let header = ipv4_header(inner)?;
    let ports = inner.get(header..header + 4)?;
    Some(Raw {
        at,
        from: (ipv4_at(inner, 16)?, u16_at(ports, 2)?),
        to: (ipv4_at(inner, 12)?, u16_at(ports, 0)?),
        udp: *inner.get(9)? == UDP,
        icmp: true,
        ..Raw::default()
    })
}

fn ipv4_at(bytes: &[u8], at: usize) -> Option<String> {
    let bytes: [u8; 4] = bytes.get(at..at + 4)?.try_into().ok()?;
    Some(Ipv4Addr::from(bytes).to_string())
}

fn ipv6_at(bytes: &[u8], at: usize) -> Option<String> {
    let bytes: [u8; 16] = bytes.get(at..at + 16)?.try_into().ok()?;
    Some(Ipv6Addr::from(bytes).to_string())
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    let bytes = bytes.get(at..at + 2)?;
    Some(u16::from_be_bytes(bytes.try_into().ok()?))
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    let bytes = bytes.get(at..at + 4)?;
    Some(u32::from_be_bytes(bytes.try_into().ok()?))
}
