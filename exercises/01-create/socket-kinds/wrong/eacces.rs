//! Knows one name for all that is not permitted.

use shared::explain;
use socket2::{Domain, Protocol, Socket, Type};

fn create(kind: &str) -> Option<std::io::Result<Socket>> {
    let mut words = kind.split('/');
    let family = match words.next()? {
        "inet" => Domain::IPV4,
        "inet6" => Domain::IPV6,
        "unix" => Domain::UNIX,
        _ => return None,
    };
    let of_type = match words.next()? {
        "stream" => Type::STREAM,
        "dgram" => Type::DGRAM,
        "raw" => Type::RAW,
        _ => return None,
    };
    let protocol = match words.next() {
        None => None,
        Some("tcp") => Some(Protocol::TCP),
        Some("udp") => Some(Protocol::UDP),
        Some("icmp") => Some(Protocol::ICMPV4),
        Some("icmpv6") => Some(Protocol::ICMPV6),
        Some(_) => return None,
    };
    Some(Socket::new(family, of_type, protocol))
}

fn main() {
    for kind in std::env::args().skip(1) {
        match create(&kind) {
            None => println!("{kind} unknown"),
            Some(Ok(_)) => println!("{kind} ok"),
            Some(Err(error)) if error.kind() == std::io::ErrorKind::PermissionDenied => {
                println!("{kind} EACCES");
            }
            Some(Err(error)) => println!("{kind} {}", explain(&error).name.unwrap()),
        }
    }
}
