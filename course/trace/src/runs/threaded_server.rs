//! The runs of lesson 07.

use super::Run;

pub const RUNS: &[Run] = &[Run {
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
}];
