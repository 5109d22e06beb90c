//! What the kernel said one day, in a table: nobody is asked.

fn main() {
    for kind in std::env::args().skip(1) {
        println!("{kind} {}", outcome(&kind));
    }
}

fn outcome(kind: &str) -> &'static str {
    let words: Vec<&str> = kind.split('/').collect();
    let (family, of_type, protocol) = match words[..] {
        [family, of_type] => (family, of_type, ""),
        [family, of_type, protocol] if !protocol.is_empty() => (family, of_type, protocol),
        _ => return "unknown",
    };
    let known = ["inet", "inet6", "unix"].contains(&family)
        && ["stream", "dgram", "raw"].contains(&of_type)
        && ["", "tcp", "udp", "icmp", "icmpv6"].contains(&protocol);
    match (family, of_type, protocol) {
        _ if !known => "unknown",
        ("unix", _, "") => "ok",
        ("unix", ..) => "EPROTONOSUPPORT",
        (_, "raw", "") => "EPROTONOSUPPORT",
        (_, "raw", _) => "EPERM",
        (_, "stream", "" | "tcp") | (_, "dgram", "" | "udp") => "ok",
        ("inet", "dgram", "icmp") | ("inet6", "dgram", "icmpv6") => "ok",
        _ => "EPROTONOSUPPORT",
    }
}
