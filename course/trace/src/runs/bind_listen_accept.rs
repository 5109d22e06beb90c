//! The runs of lesson 05.

use super::Run;

pub const RUNS: &[Run] = &[Run {
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
}];
