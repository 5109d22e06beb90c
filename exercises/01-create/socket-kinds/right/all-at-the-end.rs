//! One match over all words, errors by their numbers, and one write for all lines.

use std::io::Write;

use socket2::{Domain, Protocol, Socket, Type};

fn outcome(kind: &str) -> String {
    let words: Vec<&str> = kind.split('/').collect();
    let (domain, rest) = match &words[..] {
        ["inet", rest @ ..] => (Domain::IPV4, rest),
        ["inet6", rest @ ..] => (Domain::IPV6, rest),
        ["unix", rest @ ..] => (Domain::UNIX, rest),
        _ => return "unknown".into(),
    };
    let (kind, rest) = match rest {
        ["stream", rest @ ..] => (Type::STREAM, rest),
        ["dgram", rest @ ..] => (Type::DGRAM, rest),
        ["raw", rest @ ..] => (Type::RAW, rest),
        _ => return "unknown".into(),
    };
    let protocol = match rest {
        [] => None,
        ["tcp"] => Some(Protocol::from(6)),
        ["udp"] => Some(Protocol::from(17)),
        ["icmp"] => Some(Protocol::from(1)),
        ["icmpv6"] => Some(Protocol::from(58)),
        _ => return "unknown".into(),
    };
    let made = Socket::new_raw(domain, kind, protocol);
    match made.map_err(|error| error.raw_os_error()) {
        Ok(_) => "ok".into(),
        Err(Some(1)) => "EPERM".into(),
        Err(Some(13)) => "EACCES".into(),
        Err(Some(93)) => "EPROTONOSUPPORT".into(),
        Err(Some(94)) => "ESOCKTNOSUPPORT".into(),
        Err(Some(97)) => "EAFNOSUPPORT".into(),
        Err(number) => format!("{number:?}"),
    }
}

fn main() {
    let lines = std::env::args().skip(1).map(|kind| {
        let outcome = outcome(&kind);
        format!("{kind} {outcome}\n")
    });
    let all: String = lines.collect();
    std::io::stdout().write_all(all.as_bytes()).unwrap();
}
