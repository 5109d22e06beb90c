//! Trims the argument.

use std::io;

use shared::explain;
use socket2::{Domain, Protocol, Socket, Type};

fn main() {
    for kind in std::env::args().skip(1) {
        // The socket is a part of what `create` returns: it is closed after the match.
        let outcome = match create(&kind) {
            None => "unknown".into(),
            Some(Ok(_)) => "ok".into(),
            Some(Err(error)) => name(&error),
        };
        println!("{kind} {outcome}");
    }
}

/// The socket, or the kernel's error; `None` when a word is unknown.
fn create(kind: &str) -> Option<io::Result<Socket>> {
    let mut words = kind.trim().split('/');
    let family = family(words.next()?)?;
    let kind = type_of(words.next()?)?;
    let protocol = match words.next() {
        None => None,
        Some(word) => Some(protocol(word)?),
    };
    if words.next().is_some() {
        return None;
    }
    Some(Socket::new(family, kind, protocol))
}

fn family(word: &str) -> Option<Domain> {
    match word {
        "inet" => Some(Domain::IPV4),
        "inet6" => Some(Domain::IPV6),
        "unix" => Some(Domain::UNIX),
        _ => None,
    }
}

fn type_of(word: &str) -> Option<Type> {
    match word {
        "stream" => Some(Type::STREAM),
        "dgram" => Some(Type::DGRAM),
        "raw" => Some(Type::RAW),
        _ => None,
    }
}

fn protocol(word: &str) -> Option<Protocol> {
    match word {
        "tcp" => Some(Protocol::TCP),
        "udp" => Some(Protocol::UDP),
        "icmp" => Some(Protocol::ICMPV4),
        "icmpv6" => Some(Protocol::ICMPV6),
        _ => None,
    }
}

/// `explain` knows the name of an error, if it has one.
fn name(error: &io::Error) -> String {
    explain(error).name.unwrap_or_default().into()
}
