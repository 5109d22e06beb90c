//! getaddrinfo with a type among the hints, so that each address comes once.

use dns_lookup::{AddrInfoHints, SockType, getaddrinfo};

fn main() {
    for question in std::env::args().skip(1) {
        let hints = AddrInfoHints {
            socktype: SockType::Stream.into(),
            ..AddrInfoHints::default()
        };
        let (host, port) = question.rsplit_once(':').unwrap_or_default();
        let host = host.trim_matches(['[', ']']);
        let found = getaddrinfo(Some(host), Some(port), Some(hints));
        let mut lines = Vec::new();
        for info in found.into_iter().flatten().flatten() {
            let line = format!("{question} {}", info.sockaddr);
            if !lines.contains(&line) {
                lines.push(line);
            }
        }
        if lines.is_empty() {
            lines.push(format!("{question} unknown"));
        }
        println!("{}", lines.join("\n"));
    }
}
