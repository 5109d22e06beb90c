//! What the checks of lesson 02 share.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::{Duration, Instant};

use checker::{Failure, Stage};

/// Without a sandbox a name server is asked, and it may keep silent for longer than a
/// program may take: then nothing can be said of the program.
pub fn is_told_soon(stage: &Stage, name: &str) -> bool {
    let start = Instant::now();
    stage.resolves(name, 0);
    start.elapsed() < Duration::from_secs(2) || checker::sandbox::sandboxed()
}

/// A name with so many addresses of each family.
pub fn fresh_name(
    stage: &mut Stage,
    fours: usize,
    sixes: usize,
) -> Result<String, Failure> {
    let mut addresses: Vec<_> = (0..fours).map(|_| ipv4(stage)).collect();
    addresses.extend((0..sixes).map(|_| ipv6(stage)));
    stage.chance.shuffle(&mut addresses);
    stage.named(&addresses)
}

/// An address for examples (RFC 5737): nothing is ever sent there.
pub fn ipv4(stage: &mut Stage) -> IpAddr {
    Ipv4Addr::new(198, 51, 100, stage.chance.u8(1..)).into()
}

/// An address for examples (RFC 3849).
pub fn ipv6(stage: &mut Stage) -> IpAddr {
    let last = stage.chance.u16(1..);
    Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, stage.chance.u16(1..), last).into()
}

/// An IPv4 address written as one of IPv6 (RFC 4291): it is asked for as it stands.
pub fn mapped(stage: &mut Stage) -> IpAddr {
    Ipv4Addr::new(198, 51, 100, stage.chance.u8(1..))
        .to_ipv6_mapped()
        .into()
}

pub fn port(stage: &mut Stage) -> u16 {
    stage.chance.u16(1024..)
}

pub fn list(lines: impl Iterator<Item = String>) -> String {
    const SHOWN: usize = 8;
    let mut lines: Vec<_> = lines.collect();
    let more = lines.len().saturating_sub(SHOWN);
    lines.truncate(SHOWN);
    if more > 0 {
        lines.push(format!("({more} lines more)"));
    }
    if lines.is_empty() {
        return "no line".into();
    }
    lines.join("\n")
}

/// Compares lines with addresses, in any order.
pub fn same(lines: &[String], all: &[SocketAddr]) -> Result<(), Failure> {
    let expected = list(all.iter().map(ToString::to_string));
    let fail = || Failure::new(&expected, list(lines.iter().cloned()));
    let mut found = Vec::new();
    for line in lines {
        let Some(address) = all.iter().find(|address| address.to_string() == *line)
        else {
            let failure = fail();
            return Err(match supposed(line, all) {
                Some((cause, hint)) => failure.certain(cause).hint(hint),
                None => failure,
            });
        };
        if found.contains(&address) {
            return Err(fail().certain("an address is printed twice").hint(2));
        }
        found.push(address);
    }
    let Some(missing) = all.iter().find(|address| !found.contains(address)) else {
        return Ok(());
    };
    let alike = |one: &&SocketAddr| one.is_ipv4() == missing.is_ipv4();
    let whole_family = !found.iter().any(alike);
    let both = all.iter().any(SocketAddr::is_ipv4) && all.iter().any(SocketAddr::is_ipv6);
    if whole_family && (!lines.is_empty() || (missing.is_ipv6() && !both)) {
        let family = if missing.is_ipv4() { "IPv4" } else { "IPv6" };
        return Err(fail()
            .likely(format!("the {family} addresses are missing"))
            .hint(1));
    }
    let failure = fail();
    Err(if lines.is_empty() {
        failure
    } else {
        failure.likely("some addresses are missing: a name may have several")
    })
}

/// What is wrong with a line that is none of the addresses.
pub fn supposed(line: &str, all: &[SocketAddr]) -> Option<(&'static str, u8)> {
    if line.contains("::ffff:") && all.iter().any(SocketAddr::is_ipv4) {
        let cause = "an IPv4 address was turned into an IPv6 address: it is to stay one";
        return Some((cause, 3));
    }
    let mut words = line.split([' ', ',']).filter(|word| !word.is_empty());
    if words.clone().count() > 1 && words.all(|word| word.parse::<SocketAddr>().is_ok()) {
        return Some(("each address has a line of its own", 2));
    }
    if line.contains("V4(") || line.contains("V6(") {
        let cause = "an address is to be printed as SocketAddr prints itself with {}";
        return Some((cause, 2));
    }
    if let Ok(address) = line.parse::<SocketAddr>() {
        let mapped = |one: &SocketAddr| one.ip().to_canonical() == address.ip();
        if all.iter().any(|one| one.is_ipv6() && mapped(one)) && address.is_ipv4() {
            let cause =
                "an IPv6 address was turned into an IPv4 address: it is to stay one";
            return Some((cause, 3));
        }
        return if all.iter().any(|one| one.ip() == address.ip()) {
            Some(("the port is not the one that was asked for", 2))
        } else {
            Some(("this address is none of those that the resolver gives", 1))
        };
    }
    let plain = all.iter().any(|one| line == one.ip().to_string());
    if plain {
        return Some(("the port is missing: a line is an address and a port", 2));
    }
    let unbracketed = |one: &SocketAddr| line == format!("{}:{}", one.ip(), one.port());
    if all.iter().any(unbracketed) {
        return Some(("an IPv6 address with a port stands in brackets", 2));
    }
    None
}
