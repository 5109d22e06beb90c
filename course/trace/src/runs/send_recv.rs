//! The runs of lesson 04.

#[cfg(target_os = "linux")]
use std::time::Duration;

use super::Run;

pub const RUNS: &[Run] = &[
    Run {
        lesson: "04-send-recv",
        name: "two-halves",
        title: "A page that comes in two pieces",
        desc: "The client sends its request and calls recv. The server sends 25 bytes, and \
               a second later 15 more. The first recv returns 25, the second sleeps for a \
               second and returns 15, and the third returns 0: the server has closed.",
        caption: "Two segments, two recv, and a third one that returns 0: only that is the \
                  end.",
        lifelines: &["client", "server"],
        hides: &[
            ("*", "getsockname"),
            ("*", "getpeername"),
            ("*", "shutdown"),
        ],
        acks: false,
        cut: [Some(("client", "sendto", 1)), None],
        programs: &[("send-recv", "send-recv-2")],
        #[cfg(target_os = "linux")]
        script: |play| {
            let file = "lessons/04-send-recv/peers/two_halves.py";
            play.peer("server", file, ("8000", "8000"))?;
            play.stage.prints("server", "listening")?;
            play.lesson("client", "send-recv", "send-recv-2", &[])?;
            play.stage.ends("client")?;
            play.stage.ends("server")?;
            play.stage.picture_ends()
        },
    },
    Run {
        lesson: "04-send-recv",
        name: "half-close",
        title: "The end goes one way, the answer comes the other way",
        desc: "The server reads until recv returns 0. The client has sent its line, and says no \
               more. Ctrl+D makes it call shutdown: a FIN goes to the server, whose recv returns 0. \
               The client's end is in FIN-WAIT-2 now, and still the server's answer comes in, \
               and its FIN after it.",
        caption: "A FIN ends one direction. In FIN-WAIT-2 the client has said its last word, \
                  and can hear for as long as it likes.",
        lifelines: &["client", "server"],
        hides: &[
            ("*", "poll"),
            ("*", "getsockopt"),
            ("*", "setsockopt"),
            ("*", "getsockname"),
            ("*", "getpeername"),
        ],
        acks: false,
        cut: [
            Some(("client", "write", 1)),
            Some(("client", "shutdown", 2)),
        ],
        programs: &[],
        #[cfg(target_os = "linux")]
        script: |play| {
            let file = "lessons/04-send-recv/peers/until_end.py";
            play.peer("server", file, ("8000", "8000"))?;
            play.stage.prints("server", "listening")?;
            play.outside("client", "nc -N 127.0.0.1 8000")?;
            play.stage.connected(8000)?;
            play.stage.quiet()?;
            play.stage.types("client", "one line")?;
            play.stage.thinks(Duration::from_millis(700))?;
            play.stage.presses_ctrl_d("client")?;
            play.stage.ends("client")?;
            play.stage.ends("server")?;
            play.stage.picture_ends()
        },
    },
    Run {
        lesson: "04-send-recv",
        name: "reset",
        title: "A server that closes with bytes unread",
        desc: "The client sends its request of 70 bytes. The server reads 10 of them, sends \
               the beginning of an answer, and closes. No FIN goes to the client, but RST. \
               The client's recv returns what had come before, and the next one ECONNRESET.",
        caption: "60 bytes of the request were never read. So close sends RST in place of \
                  FIN, and the client's recv fails where it would have returned 0.",
        lifelines: &["client", "server"],
        hides: &[
            ("*", "getsockopt"),
            ("*", "setsockopt"),
            ("*", "getsockname"),
            ("*", "getpeername"),
        ],
        acks: false,
        cut: [Some(("client", "sendto", 1)), None],
        programs: &[("send-recv", "send-recv-6")],
        #[cfg(target_os = "linux")]
        script: |play| {
            let file = "lessons/04-send-recv/peers/dies.py";
            play.peer("server", file, ("4096", "10"))?;
            play.stage.prints("server", "listening")?;
            play.lesson("client", "send-recv", "send-recv-6", &[])?;
            play.stage.ends("client")?;
            play.stage.ends("server")?;
            play.stage.picture_ends()
        },
    },
];
