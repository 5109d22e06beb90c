//! The runs of lesson 07.

#[cfg(target_os = "linux")]
use std::time::Duration;

use super::Run;

pub const RUNS: &[Run] = &[
    Run {
        lesson: "07-threaded-server",
        name: "two-threads",
        title: "A thread for each client",
        desc: "The server's first thread sleeps in accept, its second one in recv with \
               client one. Client two connects: accept returns, and a third thread serves \
               it at once, while client one still says nothing.",
        caption: "Three threads, three sleeps: who says nothing keeps its own thread \
                  waiting, and nobody else.",
        lifelines: &["one", "server", "two"],
        hides: &[
            ("*", "poll"),
            ("*", "getsockopt"),
            ("*", "setsockopt"),
            ("two", "socket"),
            ("two", "read"),
        ],
        acks: false,
        cut: [Some(("two", "connect", 1)), None],
        programs: &[("threaded-server", "threaded-server-1")],
        #[cfg(target_os = "linux")]
        script: |play| {
            play.lesson("server", "threaded-server", "threaded-server-1", &[])?;
            play.stage.prints("server", "Listening on")?;
            play.outside("one", "nc 127.0.0.1 9999")?;
            play.stage.prints("one", "Welcome!")?;
            play.stage.quiet()?;
            play.outside("two", "nc 127.0.0.1 9999")?;
            play.stage.prints("two", "Welcome!")?;
            play.stage.quiet()?;
            play.stage.types("two", "Tracy")?;
            play.stage.prints("two", "Hello, Tracy!")?;
            play.stage.picture_ends()
        },
    },
    Run {
        lesson: "07-threaded-server",
        name: "full",
        title: "A client too many",
        desc: "The server has three clients, and three of its threads sleep in recv. A fourth \
               client connects. The first thread accepts it, sends a line that says why not, \
               and calls shutdown for its sending half. The client reads the line and the \
               end, and closes; then the server closes, and sleeps in accept again. None of \
               the three threads has woken up.",
        caption: "The no comes from the thread that accepts. Those that serve sleep through \
                  it.",
        lifelines: &["server", "fourth"],
        hides: &[
            ("*", "poll"),
            ("*", "getsockopt"),
            ("*", "setsockopt"),
            ("*", "ioctl"),
            ("*", "fcntl"),
            ("fourth", "socket"),
            ("fourth", "shutdown"),
        ],
        acks: false,
        cut: [Some(("fourth", "connect", 1)), None],
        programs: &[("threaded-server", "threaded-server-4")],
        #[cfg(target_os = "linux")]
        script: |play| {
            play.lesson("server", "threaded-server", "threaded-server-4", &[])?;
            play.stage.prints("server", "Listening on")?;
            for name in ["first", "second", "third"] {
                play.outside(name, "nc 127.0.0.1 9999")?;
                play.stage.prints(name, "Welcome!")?;
            }
            play.stage.quiet()?;
            play.outside("fourth", "nc -d 127.0.0.1 9999")?;
            play.stage.ends("fourth")?;
            play.stage.picture_ends()
        },
    },
    Run {
        lesson: "07-threaded-server",
        name: "wake-threads",
        title: "Ctrl+C, and shutdown wakes the threads",
        desc: "The server sleeps in accept, and two of its threads in recv. After Ctrl+C a \
               fourth thread connects to the server itself, and accept returns. The first \
               thread calls shutdown for both clients, and both get a FIN. Client one closes, \
               and the recv of its thread returns 0. Client two stays. After 0.3 seconds the \
               first thread shuts down its receiving half, and the other recv returns 0, too. \
               The server ends.",
        caption: "The first shutdown asks the client to go. The second asks nobody: recv \
                  returns 0, and no segment has come.",
        lifelines: &["one", "server", "two"],
        hides: &[
            ("*", "poll"),
            ("*", "getsockopt"),
            ("*", "setsockopt"),
            ("*", "ioctl"),
            ("*", "fcntl"),
            ("*", "close"),
            ("server", "socket"),
            ("one", "shutdown"),
            ("two", "shutdown"),
        ],
        acks: false,
        cut: [None, None],
        programs: &[("threaded-server", "threaded-server-6")],
        #[cfg(target_os = "linux")]
        script: |play| {
            play.lesson("server", "threaded-server", "threaded-server-6", &[])?;
            play.stage.prints("server", "Listening on")?;
            play.outside("one", "nc -d 127.0.0.1 9999")?;
            play.stage.prints("one", "Welcome!")?;
            play.outside("two", "nc 127.0.0.1 9999")?;
            play.stage.prints("two", "Welcome!")?;
            play.stage.picture_begins()?;
            play.stage.presses_ctrl_c("server")?;
            play.stage.ends("server")?;
            play.stage.picture_ends()
        },
    },
    Run {
        lesson: "07-threaded-server",
        name: "deadlock",
        title: "Two programs that wait for each other",
        desc: "The client connects, reads Welcome, and sends seven bytes, a name without an \
               end of a line. The server's thread reads them, and calls recv again, for the \
               end of the line. The client calls recv, for its greeting. Both sleep, and \
               nothing happens any more, until Ctrl+C ends the client: its kernel sends a \
               FIN, and the server's recv returns 0.",
        caption: "Each sleeps in recv, and only the other could wake it.",
        lifelines: &["client", "server"],
        hides: &[
            ("server", "poll"),
            ("*", "getsockopt"),
            ("*", "setsockopt"),
            ("*", "getsockname"),
            ("*", "getpeername"),
        ],
        acks: false,
        cut: [
            Some(("client", "connect", 1)),
            Some(("server", "sendto", 2)),
        ],
        programs: &[("threaded-server", "threaded-server-client-1")],
        #[cfg(target_os = "linux")]
        script: |play| {
            let file = "lessons/07-threaded-server/peers/greeter.py";
            play.peer("server", file, ("9999", "9999"))?;
            play.stage.prints("server", "Listening on")?;
            let client = "threaded-server-client-1";
            play.lesson("client", "threaded-server", client, &[])?;
            play.stage.prints("client", "Welcome!")?;
            play.stage.thinks(Duration::from_millis(1500))?;
            play.stage.presses_ctrl_c("client")?;
            play.stage.ends("client")?;
            play.stage.picture_ends()
        },
    },
];
