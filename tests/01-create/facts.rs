//! What tutorials get wrong about creating sockets, shown on real ones.

use std::io::{ErrorKind, Read};
use std::net::SocketAddr;

use socket2::{Domain, Protocol, Socket, Type};

use super::{answer, create};

#[cfg(target_os = "linux")]
#[test]
fn a_socket_asked_for_protocol_0_gets_the_usual_protocol_of_its_family_and_type() {
    for (kind, usual) in [(Type::STREAM, Protocol::TCP), (Type::DGRAM, Protocol::UDP)] {
        for family in [Domain::IPV4, Domain::IPV6] {
            let Ok(socket) = Socket::new(family, kind, None) else {
                assert_eq!(family, Domain::IPV6, "every machine has IPv4");
                continue;
            };
            assert_eq!(socket.protocol().expect("SO_PROTOCOL"), Some(usual));
        }
    }
}

/// Claim: A raw socket with IPPROTO_IP receives every IP packet.
/// Truth: Linux: EPROTONOSUPPORT; IPPROTO_RAW is send-only; take a given protocol, or
/// AF_PACKET (raw(7)).
#[cfg(target_os = "linux")]
#[test]
fn a_raw_socket_with_ipproto_ip_is_refused_whoever_asks() {
    let raw = Socket::new(Domain::IPV4, Type::RAW, None);
    let error = raw.expect_err("IPPROTO_IP is 0, and raw sockets have no usual one");
    assert_eq!(error.raw_os_error(), Some(nix::libc::EPROTONOSUPPORT));
}

/// Claim: A raw socket with IPPROTO_IP receives every IP packet.
#[cfg(target_os = "linux")]
#[test]
fn a_raw_socket_with_ipproto_raw_sends_and_receives_nothing() {
    let raw_socket = |protocol| Socket::new(Domain::IPV4, Type::RAW, Some(protocol));
    let ipproto_raw = Protocol::from(255);
    let (Ok(raw), Ok(mut icmp)) = (raw_socket(ipproto_raw), raw_socket(Protocol::ICMPV4))
    else {
        tests::skip!("raw sockets need root");
    };
    icmp.set_read_timeout(Some(tests::ANSWER))
        .expect("a deadline");

    // An ICMP echo request (RFC 792) in an IPv4 header (RFC 791) made by hand: IPPROTO_RAW
    // means that the header is ours. The kernel fills in its length and its checksum.
    let (request, reply) = (8, 0);
    let id = u16::from_ne_bytes([17, std::process::id() as u8]);
    let sum = u32::from(u16::from_be_bytes([request, 0])) + u32::from(id);
    let checksum = !((sum & 0xffff) + (sum >> 16)) as u16;
    let mut packet = vec![0x45, 0, 0, 0, 0, 0, 0, 0, 64, 1, 0, 0];
    packet.extend([127, 0, 0, 1, 127, 0, 0, 1, request, 0]);
    packet.extend(checksum.to_be_bytes());
    packet.extend(id.to_be_bytes());
    packet.extend([0, 0]);
    let loopback: SocketAddr = "127.0.0.1:0".parse().expect("an address");
    let sent = raw.send_to(&packet, &loopback.into()).expect("it sends");
    assert_eq!(sent, packet.len());

    // The socket for ICMP receives the request, and the kernel's reply to it.
    for expected in [request, reply] {
        let mut packet = [0; 1500];
        while packet[24..26] != id.to_be_bytes() || packet[20] != expected {
            let count = icmp.read(&mut packet).expect("both packets come");
            assert!(count >= 28, "an IPv4 header and an ICMP header");
        }
    }

    // This one, said to receive every IP packet, has received none.
    raw.set_nonblocking(true).expect("O_NONBLOCK");
    let error = (&raw).read(&mut [0; 1500]).expect_err("send-only");
    assert_eq!(error.kind(), ErrorKind::WouldBlock);
}

#[cfg(unix)]
#[test]
fn dropping_a_socket_closes_it() {
    let (mut one, other) =
        Socket::pair(Domain::UNIX, Type::STREAM, None).expect("a pair");
    one.set_read_timeout(Some(tests::ANSWER))
        .expect("a deadline");
    drop(other);
    let read = one.read(&mut [0]).expect("the end, and no silence");
    assert_eq!(read, 0, "the other end is closed");
}

#[cfg(unix)]
#[test]
fn the_number_of_a_closed_descriptor_is_used_again() {
    let ended = create().run();
    let number = |text: &str| -> u32 {
        let line = ended.stdout.lines().find(|line| line.starts_with(text));
        let number = line.and_then(|line| line.rsplit(' ').next()).expect(text);
        number.parse().expect("a number")
    };
    let dropped = number("dropping the socket with descriptor ");
    assert_eq!(number("the next socket has descriptor "), dropped);
}

#[cfg(target_os = "linux")]
#[test]
fn a_raw_unix_socket_is_a_datagram_socket_on_linux() {
    assert_eq!(
        answer(&create().run(), "AF_UNIX SOCK_RAW 0"),
        "AF_UNIX SOCK_DGRAM 0"
    );
}
