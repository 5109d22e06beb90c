//! The runs of lesson 04.

use super::Run;

pub const RUNS: &[Run] = &[Run {
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
}];
