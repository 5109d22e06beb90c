//! The runs of lesson 13.

#[cfg(target_os = "linux")]
use std::time::Duration;

use super::Run;

/// What `nc` does before and after.
const NC: &[(&str, &str)] = &[
    ("*", "poll"),
    ("*", "getsockopt"),
    ("*", "setsockopt"),
    ("two", "read"),
    ("two", "shutdown"),
    ("two", "close"),
    ("three", "connect"),
    ("server", "socket"),
    ("client", "shutdown"),
];

pub const RUNS: &[Run] = &[
    Run {
        lesson: "13-server-framework",
        name: "pool",
        title: "Two workers are taken, and a third client waits",
        desc: "The server's first thread sleeps in accept, two workers sleep in recv with \
               clients one and two. Client three connects; accept returns, and the first \
               thread sleeps in accept again. Client three says hello, and its 6 bytes wait. \
               Client two leaves: its worker's recv returns 0, it closes, and at once the same \
               worker's recv returns hello.",
        caption: "Three bars: accept and two workers. Client three is connected and accepted, \
                  and its words wait until a worker is free. (Client one is not drawn.)",
        lifelines: &["two", "server", "three"],
        hides: NC,
        acks: false,
        cut: [Some(("three", "connect", 1)), None],
        programs: &[("server-framework", "server-framework-6")],
        #[cfg(target_os = "linux")]
        script: |play| {
            play.lesson("server", "server-framework", "server-framework-6", &[])?;
            play.stage.prints("server", "Listening on")?;
            for name in ["one", "two"] {
                play.outside(name, "nc -N 127.0.0.1 2525")?;
                play.stage.prints("server", " here")?;
                play.stage.quiet()?;
            }
            play.outside("three", "nc -N 127.0.0.1 2525")?;
            play.stage.quiet()?;
            play.stage.types("three", "hello")?;
            play.stage.keeps(2525, 6)?;
            play.stage.thinks(Duration::from_millis(500))?;
            play.stage.presses_ctrl_d("two")?;
            play.stage.ends("two")?;
            play.stage.prints("three", "hello")?;
            play.stage.picture_ends()
        },
    },
    Run {
        lesson: "13-server-framework",
        name: "shutdown",
        title: "Shutdown: first the loop, then the clients",
        desc: "The server sleeps in accept, and its worker in recv. Ctrl+C comes as SIGINT, \
               and both sleep on. Another thread of the server connects to the server and \
               closes; accept returns. Now the server shuts the client's stream down: a FIN \
               goes to the client, and the worker's recv returns 0. The server ends.",
        caption: "SIGINT wakes nobody; the connection to itself does. Then shutdown wakes the \
                  worker, whose client has said nothing.",
        lifelines: &["client", "server", "itself"],
        hides: NC,
        acks: false,
        cut: [None, None],
        programs: &[("server-framework", "server-framework-8")],
        #[cfg(target_os = "linux")]
        script: |play| {
            play.lesson("server", "server-framework", "server-framework-8", &[])?;
            play.stage.own_client("server", "itself")?;
            play.stage.prints("server", "Listening on")?;
            play.outside("client", "nc -N 127.0.0.1 2525")?;
            play.stage.prints("server", "1 here")?;
            play.stage.picture_begins()?;
            play.stage.presses_ctrl_c("server")?;
            play.stage.ends("server")?;
            play.stage.picture_ends()
        },
    },
];
