//! The runs of lesson 06.

#[cfg(target_os = "linux")]
use std::time::Duration;

use super::Run;

pub const RUNS: &[Run] = &[
    Run {
        lesson: "06-forever-loop",
        name: "second-client",
        title: "The second client waits for accept",
        desc: "The server sleeps in recv with client one. Client two connects, and sends a \
               line; the server's kernel acknowledges it at once, and keeps it. Only after \
               client one has closed, about a second later, accept returns, and recv hands the \
               line out.",
        caption: "Client two's line is acknowledged before accept has returned: the kernel \
                  did it, and the program knew nothing.",
        lifelines: &["one", "server", "two"],
        hides: &[
            ("*", "poll"),
            ("*", "getsockopt"),
            ("*", "setsockopt"),
            ("*", "shutdown"),
            ("one", "read"),
            ("one", "close"),
            ("two", "socket"),
            ("one", "socket"),
        ],
        acks: true,
        cut: [Some(("two", "connect", 1)), Some(("server", "sendto", 4))],
        programs: &[("forever-loop", "forever-loop-1")],
        #[cfg(target_os = "linux")]
        script: |play| {
            play.lesson("server", "forever-loop", "forever-loop-1", &[])?;
            play.stage.prints("server", "Listening on")?;
            play.outside("one", "nc -N 127.0.0.1 8888")?;
            play.stage.prints("server", "is served")?;
            play.stage.types("one", "I am the first")?;
            play.stage.prints("one", "OK... I am the first\n")?;
            play.stage.quiet()?;
            play.outside("two", "nc -N 127.0.0.1 8888")?;
            play.stage.quiet()?;
            play.stage.types("two", "hello")?;
            play.stage.keeps(8888, 6)?;
            play.stage.thinks(Duration::from_millis(900))?;
            play.stage.presses_ctrl_d("one")?;
            play.stage.ends("one")?;
            play.stage.prints("two", "OK... hello\n")?;
            play.stage.picture_ends()
        },
    },
    Run {
        lesson: "06-forever-loop",
        name: "ctrl-c-accept",
        title: "Ctrl+C does not wake accept",
        desc: "The server sleeps in accept. Ctrl+C sends SIGINT; a handler sets the flag, \
               and accept sleeps on, for almost a second. Only when a client connects accept \
               returns; the server looks at the flag, closes the connection and ends.",
        caption: "SIGINT comes in the middle of the sleep, the handler runs, and the sleep \
                  goes on. It is the client that wakes accept.",
        lifelines: &["server", "client"],
        hides: &[
            ("*", "poll"),
            ("*", "getsockopt"),
            ("*", "setsockopt"),
            ("*", "shutdown"),
            ("client", "socket"),
            ("client", "close"),
        ],
        acks: false,
        cut: [None, None],
        programs: &[("forever-loop", "forever-loop-5")],
        #[cfg(target_os = "linux")]
        script: |play| {
            play.lesson("server", "forever-loop", "forever-loop-5", &[])?;
            play.stage.prints("server", "Listening on")?;
            play.stage.picture_begins()?;
            play.stage.presses_ctrl_c("server")?;
            play.stage.thinks(Duration::from_millis(800))?;
            play.outside("client", "nc 127.0.0.1 8888")?;
            play.stage.ends("server")?;
            play.stage.picture_ends()
        },
    },
    Run {
        lesson: "06-forever-loop",
        name: "nagle",
        title: "Three sends for an answer, and 40 ms of waiting",
        desc: "The server calls send three times: for OK, for the line, and for its end. \
               The first piece travels at once. The others wait in the server's kernel for \
               an acknowledgement, which the client's kernel delays by about 40 milliseconds. Then \
               both travel as one segment.",
        caption: "Three calls of send, two segments: the second one waits for the ACK, and \
                  the ACK waits for company. (The client asks twice here and not fifty \
                  times; this is its second question.)",
        lifelines: &["client", "server"],
        hides: &[("*", "poll"), ("*", "getsockname"), ("*", "getpeername")],
        acks: true,
        cut: [Some(("client", "sendto", 2)), Some(("client", "close", 1))],
        programs: &[("forever-loop", "forever-loop-2")],
        #[cfg(target_os = "linux")]
        script: |play| {
            play.lesson("server", "forever-loop", "forever-loop-2", &[])?;
            play.stage.prints("server", "Listening on")?;
            play.peer(
                "client",
                "lessons/06-forever-loop/peers/fifty.py",
                ("50", "2"),
            )?;
            play.stage.prints("client", " s\n")?;
            play.stage.prints("server", "has left")?;
            play.stage.picture_ends()
        },
    },
];
