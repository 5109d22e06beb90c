//! Guesses that everything raw needs a right, and asks nobody.

fn main() {
    for kind in std::env::args().skip(1) {
        let outcome = match &kind.split('/').collect::<Vec<_>>()[..] {
            [_, "raw", ..] => "EPERM",
            ["inet", "stream", "udp" | "icmp"] => "EPROTONOSUPPORT",
            ["inet", "dgram", "tcp"] => "EPROTONOSUPPORT",
            _ => "ok",
        };
        println!("{kind} {outcome}");
    }
}
