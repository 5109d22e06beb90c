//! Knows a type more than its task.

use socket2::{Domain, Protocol, Socket, Type};
use std::fmt::Write as _;
const F: [(&str, Domain); 3] = [
    ("inet", Domain::IPV4),
    ("inet6", Domain::IPV6),
    ("unix", Domain::UNIX),
];
const T: [(&str, Type); 4] = [
    ("stream", Type::STREAM),
    ("dgram", Type::DGRAM),
    ("raw", Type::RAW),
    ("seqpacket", Type::SEQPACKET),
];
const P: [(&str, Protocol); 4] = [
    ("tcp", Protocol::TCP),
    ("udp", Protocol::UDP),
    ("icmp", Protocol::ICMPV4),
    ("icmpv6", Protocol::ICMPV6),
];
fn find<V: Copy>(t: &[(&str, V)], w: &str) -> Option<V> {
    t.iter().find(|(n, _)| *n == w).map(|(_, v)| *v)
}
fn one(a: &str) -> Option<String> {
    let (f, rest) = a.split_once('/')?;
    let (t, p) = match rest.split_once('/') {
        Some((t, p)) => (t, Some(find(&P, p)?)),
        None => (rest, None),
    };
    Some(match Socket::new(find(&F, f)?, find(&T, t)?, p) {
        Ok(_) => "ok".into(),
        Err(e) => format!(
            "{:?}",
            nix::errno::Errno::from_raw(e.raw_os_error().unwrap())
        ),
    })
}
fn main() {
    let mut out = String::new();
    for a in std::env::args().skip(1) {
        writeln!(out, "{a} {}", one(&a).unwrap_or("unknown".into())).unwrap();
    }
    print!("{out}");
}
