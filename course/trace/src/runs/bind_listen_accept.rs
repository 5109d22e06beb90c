//! The runs of lesson 05.

#[cfg(target_os = "linux")]
use std::time::Duration;

use super::Run;

pub const RUNS: &[Run] = &[
    Run {
        lesson: "05-bind-listen-accept",
        name: "time-wait",
        title: "The port of a server that has just ended",
        desc: "The server answers its client, closes first, and ends. Its end of the \
               connection goes on without it, through FIN-WAIT-1 and FIN-WAIT-2 to \
               TIME-WAIT, where it stays for a minute. A second server calls bind for the \
               same port, and gets EADDRINUSE.",
        caption: "The program has ended, its end of the connection has not: it is in \
                  TIME-WAIT, and bind says no.",
        lifelines: &["client", "server", "again"],
        hides: &[
            ("*", "poll"),
            ("*", "getsockopt"),
            ("*", "setsockopt"),
            ("*", "getsockname"),
            ("client", "socket"),
            ("client", "read"),
            ("client", "shutdown"),
            ("client", "close"),
        ],
        acks: false,
        cut: [Some(("client", "write", 1)), None],
        programs: &[("bind-listen-accept", "bind-listen-accept-1")],
        #[cfg(target_os = "linux")]
        script: |play| {
            let program = "bind-listen-accept-1";
            play.lesson("server", "bind-listen-accept", program, &[])?;
            play.stage.prints("server", "Listening on")?;
            play.outside("client", "nc -N 127.0.0.1 8888")?;
            play.stage.prints("server", "is connected")?;
            play.stage.quiet()?;
            play.stage.types("client", "hello")?;
            play.stage.ends("server")?;
            play.stage.prints("client", "Hello, client!")?;
            play.stage.quiet()?;
            play.stage.presses_ctrl_d("client")?;
            play.stage.ends("client")?;
            play.stage.quiet()?;
            play.lesson("again", "bind-listen-accept", program, &[])?;
            play.stage.ends("again")?;
            play.stage.picture_ends()
        },
    },
    Run {
        lesson: "05-bind-listen-accept",
        name: "unread",
        title: "A close with unread input destroys the connection",
        desc: "The client sends a letter of 121 bytes. The server's recv returns 100 of them; \
               it sends its answer, and closes. RST goes to the client, and no FIN. The \
               client has its answer already. When it sends its next line, almost a second \
               later, send returns ECONNRESET.",
        caption: "21 bytes were never read: close sends RST in place of FIN. The client \
                  learns of it with its next call.",
        lifelines: &["client", "server"],
        hides: &[("*", "poll"), ("*", "getsockopt"), ("*", "setsockopt")],
        acks: false,
        cut: [Some(("client", "sendto", 1)), None],
        programs: &[
            ("bind-listen-accept", "bind-listen-accept-4"),
            ("bind-listen-accept", "talk-client-1"),
        ],
        #[cfg(target_os = "linux")]
        script: |play| {
            let program = "bind-listen-accept-4";
            play.lesson("server", "bind-listen-accept", program, &[])?;
            play.stage.prints("server", "Listening on")?;
            play.lesson("client", "bind-listen-accept", "talk-client-1", &[])?;
            play.stage.prints("server", "is connected")?;
            play.stage.quiet()?;
            play.stage.types("client", &"Hello, server! ".repeat(8))?;
            play.stage.ends("server")?;
            play.stage.prints("client", "Hello, client!")?;
            play.stage.thinks(Duration::from_millis(900))?;
            play.stage.types("client", "And now?")?;
            play.stage.ends("client")?;
            play.stage.picture_ends()
        },
    },
    Run {
        lesson: "05-bind-listen-accept",
        name: "drain",
        title: "Shut down, read the rest, close",
        desc: "The client sends a letter of 120 bytes. The server reads 100, sends its answer, \
               and calls shutdown for its sending half: a FIN goes out. It reads the 20 bytes \
               that are left, and then recv returns 0, because the client has closed. Only \
               then the server closes. There is no RST.",
        caption: "shutdown sends the FIN, and the server can still receive. When close comes, \
                  nothing is unread.",
        lifelines: &["client", "server"],
        hides: &[
            ("*", "poll"),
            ("*", "getsockopt"),
            ("*", "setsockopt"),
            ("*", "getsockname"),
            ("*", "getpeername"),
        ],
        acks: false,
        cut: [Some(("client", "sendto", 1)), None],
        programs: &[("bind-listen-accept", "bind-listen-accept-5")],
        #[cfg(target_os = "linux")]
        script: |play| {
            let program = "bind-listen-accept-5";
            play.lesson("server", "bind-listen-accept", program, &[])?;
            play.stage.prints("server", "Listening on")?;
            let file = "lessons/05-bind-listen-accept/peers/long_letter.py";
            play.peer("client", file, ("666_666", "8"))?;
            play.stage.prints("server", "is connected")?;
            play.stage.prints("client", "Hello, client!")?;
            play.stage.ends("client")?;
            play.stage.ends("server")?;
            play.stage.picture_ends()
        },
    },
    Run {
        lesson: "05-bind-listen-accept",
        name: "full-queue",
        title: "Whoever finds the queue full hears nothing",
        desc: "The server sleeps in recv with its first client, and eleven others fill its \
               queue. The late client calls connect: its SYN goes out, and no answer comes. \
               After a second its kernel sends the SYN again. The first client leaves, accept \
               returns the next one, and there is room. The next SYN is answered, and \
               connect returns 0.",
        caption: "No refusal and no error: the SYN of the late client is dropped until accept \
                  has made room. All that it sees is a slow connect.",
        lifelines: &["first", "server", "late"],
        hides: &[
            ("*", "poll"),
            ("*", "getsockopt"),
            ("*", "setsockopt"),
            ("first", "read"),
            ("first", "shutdown"),
            ("first", "close"),
        ],
        acks: false,
        cut: [Some(("late", "connect", 1)), Some(("late", "sendto", 1))],
        programs: &[
            ("bind-listen-accept", "bind-listen-accept-3"),
            ("bind-listen-accept", "bind-listen-accept-client-1"),
        ],
        #[cfg(target_os = "linux")]
        script: |play| {
            play.lesson("server", "bind-listen-accept", "bind-listen-accept-3", &[])?;
            play.stage.prints("server", "Listening on")?;
            play.outside("first", "nc -N 127.0.0.1 8888")?;
            play.stage.prints("server", "is connected")?;
            for place in 1..=11 {
                play.outside(&format!("in the queue: {place}"), "nc 127.0.0.1 8888")?;
                play.stage.quiet()?;
            }
            let client = "bind-listen-accept-client-1";
            play.lesson("late", "bind-listen-accept", client, &[])?;
            play.stage.thinks(Duration::from_millis(1300))?;
            play.stage.presses_ctrl_d("first")?;
            // What the late client says, once it is in.
            play.stage.keeps(8888, 15)?;
            play.stage.picture_ends()
        },
    },
    Run {
        lesson: "05-bind-listen-accept",
        name: "hung-up",
        title: "Nobody notices that Bob has left",
        desc: "It is Ada's turn. Bob's program is ended by Ctrl+C, and its kernel sends a FIN: \
               Ada's end is in CLOSE-WAIT. Her program reads the keyboard, and calls nothing \
               on the socket for almost a second. Ada types a line: send succeeds, and RST \
               comes back. Only her next recv returns 0.",
        caption: "The news was there for all the time: CLOSE-WAIT. The program learns of it \
                  when it calls recv, one send too late.",
        lifelines: &["Bob", "Ada"],
        hides: &[],
        acks: false,
        cut: [None, None],
        programs: &[
            ("bind-listen-accept", "talk-1"),
            ("bind-listen-accept", "talk-client-1"),
        ],
        #[cfg(target_os = "linux")]
        script: |play| {
            play.lesson("Ada", "bind-listen-accept", "talk-1", &[])?;
            play.stage.prints("Ada", "Listening on")?;
            play.lesson("Bob", "bind-listen-accept", "talk-client-1", &[])?;
            play.stage.prints("Bob", "Connected")?;
            play.stage.types("Bob", "Hello, is that Ada?")?;
            play.stage.prints("Ada", "is that Ada?")?;
            play.stage.picture_begins()?;
            play.stage.presses_ctrl_c("Bob")?;
            play.stage.ends("Bob")?;
            play.stage.thinks(Duration::from_millis(900))?;
            play.stage.types("Ada", "Yes! Who is there?")?;
            play.stage.ends("Ada")?;
            play.stage.picture_ends()
        },
    },
];
