//! Asks the kernel once for each kind, and gives the answer again.

use socket2::{Domain, Protocol, Socket, Type};
use std::collections::HashMap;
use std::fmt::Write as _;
const F: [(&str, Domain); 3] = [
    ("inet", Domain::IPV4),
    ("inet6", Domain::IPV6),
    ("unix", Domain::UNIX),
];
const T: [(&str, Type); 3] = [
    ("stream", Type::STREAM),
    ("dgram", Type::DGRAM),
    ("raw", Type::RAW),
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
    let mut known: HashMap<String, String> = HashMap::new();
    for a in std::env::args().skip(1) {
        let outcome = known
            .entry(a.clone())
            .or_insert_with(|| one(&a).unwrap_or("unknown".into()));
        writeln!(out, "{a} {outcome}").unwrap();
    }
    print!("{out}");
}
