//! The runs of lesson 08.

#[cfg(target_os = "linux")]
use std::time::Duration;

use super::Run;

pub const RUNS: &[Run] = &[
    Run {
        lesson: "08-udp",
        name: "late-answer",
        title: "The answer to the question before",
        desc: "The client sends one, and sleeps in recv. After a second recv returns EAGAIN, \
               and the client sends one again. The server, which took one and a half seconds, \
               answers the first, and then the second. The client takes the first ONE. It \
               sends two, and recv returns at once: it is the second ONE.",
        caption: "Nothing was lost. The second ONE was in the queue of the socket before two \
                  was sent, and recv hands out what came first.",
        lifelines: &["client", "server"],
        hides: &[("*", "setsockopt"), ("*", "bind")],
        acks: false,
        cut: [Some(("client", "sendto", 1)), None],
        programs: &[("udp", "udp-client-3")],
        #[cfg(target_os = "linux")]
        script: |play| {
            play.peer("server", "lessons/08-udp/peers/slow.py", ("9000", "9000"))?;
            play.stage.prints("server", "slow")?;
            play.lesson("client", "udp", "udp-client-3", &[])?;
            play.stage.quiet()?;
            play.stage.types("client", "one")?;
            play.stage.prints("client", "ONE")?;
            play.stage.thinks(Duration::from_millis(300))?;
            play.stage.types("client", "two")?;
            play.stage.prints("client", "ONE")?;
            play.stage.picture_ends()
        },
    },
    Run {
        lesson: "08-udp",
        name: "udp-unheard",
        title: "Nobody has the port, and the client is not told",
        desc: "The client sends a datagram to port 9000, where no program is. The kernel \
               answers at once that the port is unreachable. But the client sleeps on in \
               recv, for a second, until its timeout: EAGAIN.",
        caption: "The answer is there at once, and recv sleeps on: the socket is not \
                  connected, and its kernel keeps the answer to itself.",
        lifelines: &["client", "port 9000"],
        hides: &[("*", "setsockopt")],
        acks: false,
        cut: [Some(("client", "sendto", 1)), Some(("client", "sendto", 2))],
        programs: &[("udp", "udp-client-4")],
        #[cfg(target_os = "linux")]
        script: |play| {
            play.lesson("client", "udp", "udp-client-4", &[])?;
            play.stage.quiet()?;
            play.stage.types("client", "hello")?;
            play.stage.prints("client", "[no answer")?;
            play.stage.picture_ends()
        },
    },
    Run {
        lesson: "08-udp",
        name: "udp-refused",
        title: "The same with a socket that is connected",
        desc: "The client has connected its socket, and sends a datagram to port 9000, \
               where no program is. The kernel answers at once that the port is \
               unreachable, and recv returns ECONNREFUSED at once.",
        caption: "connect sent nothing. But now the kernel knows whose answer it is, and \
                  recv returns it.",
        lifelines: &["client", "port 9000"],
        hides: &[("*", "setsockopt"), ("*", "bind")],
        acks: false,
        cut: [Some(("client", "socket", 1)), None],
        programs: &[("udp", "udp-client-5")],
        #[cfg(target_os = "linux")]
        script: |play| {
            play.lesson("client", "udp", "udp-client-5", &[])?;
            play.stage.quiet()?;
            play.stage.types("client", "hello")?;
            play.stage.prints("client", "[no answer")?;
            play.stage.picture_ends()
        },
    },
];
