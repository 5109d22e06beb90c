//! The runs of lesson 03.

use super::Run;

pub const RUNS: &[Run] = &[
    Run {
        lesson: "03-connect",
        name: "connected",
        title: "A client connects",
        desc: "The client calls connect and sleeps in it while SYN goes to the server, SYN \
               and ACK come back, and ACK goes out; then connect returns 0. The server \
               slept in accept, which returns a new descriptor. When the client closes, a \
               FIN goes to the server, whose recv returns 0.",
        caption: "connect returns when the second packet of the handshake is there. The \
                  client's end of the connection is ESTABLISHED before the server's is.",
        lifelines: &["client", "server"],
        hides: &[
            ("server", "setsockopt"),
            ("server", "poll"),
            ("server", "shutdown"),
            ("*", "getsockname"),
            ("*", "getpeername"),
        ],
        acks: false,
        cut: [Some(("client", "socket", 1)), None],
        programs: &[("connect", "connect-1")],
        #[cfg(target_os = "linux")]
        script: |play| {
            play.outside("server", "nc -l 127.0.0.1 8000")?;
            play.stage.listens(8000)?;
            play.stage.quiet()?;
            play.lesson("client", "connect", "connect-1", &[])?;
            play.stage.ends("client")?;
            play.stage.ends("server")?;
            play.stage.picture_ends()
        },
    },
    Run {
        lesson: "03-connect",
        name: "refused",
        title: "A connect that is refused",
        desc: "The client calls connect. SYN goes to port 8000, where no program listens. \
               RST comes back at once from the kernel of that host, and connect returns \
               ECONNREFUSED.",
        caption: "Refused is an answer: no program, but a kernel is at home, and says RST.",
        lifelines: &["client", "port 8000"],
        hides: &[],
        acks: false,
        cut: [Some(("client", "socket", 1)), None],
        programs: &[("connect", "connect-1")],
        #[cfg(target_os = "linux")]
        script: |play| {
            play.lesson("client", "connect", "connect-1", &[])?;
            play.stage.ends("client")?;
            play.stage.picture_ends()
        },
    },
];
