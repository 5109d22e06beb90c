//! The runs of lesson 16.

use super::Run;

/// What `nc` does before and after.
const NC: &[(&str, &str)] = &[
    ("*", "poll"),
    ("*", "getsockopt"),
    ("*", "setsockopt"),
    ("*", "fcntl"),
    ("*", "ioctl"),
    ("*", "socket"),
    ("*", "read"),
];

pub const RUNS: &[Run] = &[
    Run {
        lesson: "16-families",
        name: "mapped",
        title: "A client over IPv4 at a socket of IPv6",
        desc: "The server sleeps in accept; its socket is one of IPv6, on every address. The \
               client's socket is one of IPv4, and connects to 127.0.0.1. SYN, SYN ACK and ACK \
               are IPv4 packets. Accept returns, with the address ::ffff:127.0.0.1, and the \
               server sends that to the client.",
        caption: "One connection, and an IPv4 address at both its ends. Only accept writes it as \
                  one of IPv6.",
        lifelines: &["client", "server"],
        hides: NC,
        acks: false,
        cut: [Some(("client", "connect", 1)), Some(("server", "close", 1))],
        programs: &[("families", "dual-stack-1")],
        #[cfg(target_os = "linux")]
        script: |play| {
            play.lesson("server", "families", "dual-stack-1", &["[::]:4646"])?;
            play.stage.prints("server", "Listening on")?;
            play.stage.quiet()?;
            play.outside("client", "nc 127.0.0.1 4646")?;
            play.stage.prints("client", "You are")?;
            play.stage.picture_ends()
        },
    },
    Run {
        lesson: "16-families",
        name: "only-v6",
        title: "The same server, for IPv6 only",
        desc: "The server sleeps in accept, on every address of IPv6. A client over IPv4 \
               connects: its SYN is answered by RST, and it ends with exit code 1; accept \
               sleeps on. Then a client over IPv6 connects to the same port. Accept returns, \
               and the server sends a line.",
        caption: "One port, one server in accept, and a RST all the same: the kernel keeps a \
                  listener for IPv6 away from IPv4.",
        lifelines: &["ipv4", "server", "ipv6"],
        hides: NC,
        acks: false,
        cut: [Some(("ipv4", "connect", 1)), Some(("server", "close", 1))],
        programs: &[("families", "dual-stack-1")],
        #[cfg(target_os = "linux")]
        script: |play| {
            play.stage.only_v6()?;
            play.lesson("server", "families", "dual-stack-1", &["[::]:4646"])?;
            play.stage.prints("server", "Listening on")?;
            play.stage.quiet()?;
            play.outside("ipv4", "nc -v 127.0.0.1 4646")?;
            play.stage.ends("ipv4")?;
            play.outside("ipv6", "nc ::1 4646")?;
            play.stage.prints("ipv6", "You are")?;
            play.stage.picture_ends()
        },
    },
];
