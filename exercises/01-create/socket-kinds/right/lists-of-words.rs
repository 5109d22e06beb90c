//! The words in lists, and nix's names of the errors.

#[cfg(unix)]
fn main() {
    use nix::errno::Errno;
    use socket2::{Domain, Protocol, Socket, Type};
    let families = [
        ("inet", Domain::IPV4),
        ("inet6", Domain::IPV6),
        ("unix", Domain::UNIX),
    ];
    let types = [
        ("stream", Type::STREAM),
        ("dgram", Type::DGRAM),
        ("raw", Type::RAW),
    ];
    let protocols = [
        ("tcp", Protocol::TCP),
        ("udp", Protocol::UDP),
        ("icmp", Protocol::ICMPV4),
        ("icmpv6", Protocol::ICMPV6),
    ];
    for kind in std::env::args().skip(1) {
        let words: Vec<&str> = kind.splitn(3, '/').collect();
        let family = families.iter().find(|(word, _)| *word == words[0]);
        let of_type = types.iter().find(|(word, _)| words.get(1) == Some(word));
        let protocol = protocols
            .iter()
            .find(|(word, _)| words.get(2) == Some(word));
        let (Some(family), Some(of_type)) = (family, of_type) else {
            println!("{kind} unknown");
            continue;
        };
        if words.len() == 3 && protocol.is_none() {
            println!("{kind} unknown");
            continue;
        }
        match Socket::new(family.1, of_type.1, protocol.map(|found| found.1)) {
            Ok(_) => println!("{kind} ok"),
            Err(error) => println!(
                "{kind} {:?}",
                Errno::from_raw(error.raw_os_error().unwrap())
            ),
        }
    }
}

#[cfg(not(unix))]
fn main() {}
