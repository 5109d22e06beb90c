//! The runs of lesson 11.

#[cfg(target_os = "linux")]
use std::time::Duration;

#[cfg(target_os = "linux")]
use shared::Result;

#[cfg(target_os = "linux")]
use super::Play;
use super::Run;

/// What hides the point where one client is slow.
const SLOW: &[(&str, &str)] = &[
    ("newcomer", "poll"),
    ("newcomer", "socket"),
    ("newcomer", "connect"),
    ("newcomer", "getsockopt"),
    ("newcomer", "setsockopt"),
];

pub const RUNS: &[Run] = &[
    Run {
        lesson: "11-chat",
        name: "whole-lines",
        title: "Half a line waits in the server, and nobody waits for it",
        desc: "A client sends Hel and no more. The server's recv returns 3; it sends nothing to \
               Ann, and sleeps in select again, which looks at both. Ann says that it is \
               raining, and the server passes that on at once. Then lo and the end of the line \
               come, and only now the server sends Hello to Ann.",
        caption: "Three bytes are in rest, and the server does not wait for more of them: it \
                  sleeps in select, for everybody.",
        lifelines: &["half", "server", "ann"],
        hides: &[("*", "poll"), ("*", "read")],
        acks: false,
        cut: [Some(("half", "sendto", 1)), None],
        programs: &[("chat", "chat-2")],
        #[cfg(target_os = "linux")]
        script: |play| {
            play.lesson("server", "chat", "chat-2", &[])?;
            play.stage.prints("server", "Listening on")?;
            play.outside("ann", "nc 127.0.0.1 2626")?;
            play.stage.connected(2626)?;
            play.stage.quiet()?;
            play.peer("half", "lessons/11-chat/peers/half_line.py", ("x", "x"))?;
            play.stage.prints("half", "half a line is sent")?;
            play.stage.quiet()?;
            play.stage.types("ann", "It is raining.")?;
            play.stage.thinks(Duration::from_millis(500))?;
            play.stage.types("half", "")?;
            play.stage.prints("ann", "Hello!")?;
            play.stage.picture_ends()
        },
    },
    Run {
        lesson: "11-chat",
        name: "sleeper",
        title: "One sleeper stops everybody",
        desc: "A talker, who is not drawn, says two lines. The server passes on the first. Of \
               it the sleeper's kernel takes 384 bytes, and says: window 0. For the second \
               line the server calls send, and sleeps in it. A newcomer connects; the kernel \
               answers, and the server sleeps on, for a second. Then Enter wakes the sleeper. \
               It reads, its window opens, send returns, and the server accepts the newcomer.",
        caption: "The newcomer is connected, and the server sleeps in send, for a client that \
                  does not read. (What is received comes from a talker who is not drawn; the \
                  buffers are small, so that two lines are enough.)",
        lifelines: &["sleeper", "server", "newcomer"],
        hides: SLOW,
        acks: false,
        cut: [None, Some(("server", "sendto", 9))],
        programs: &[("chat", "chat-3")],
        #[cfg(target_os = "linux")]
        script: |play| slow_reader(play, "chat-3"),
    },
    Run {
        lesson: "11-chat",
        name: "queue",
        title: "A queue for the sleeper, and nobody waits",
        desc: "The same talker, sleeper and newcomer. The sleeper's kernel says window 0. The \
               server receives one more line, does not call send, and sleeps in select. The \
               newcomer is accepted and welcomed at once. A second later the sleeper reads, \
               its window opens, select returns 1, and the server sends what was in the queue.",
        caption: "The second line is received, and no send follows it: it lies in the queue. The \
                  newcomer is welcome at once. (The talker is not drawn.)",
        lifelines: &["sleeper", "server", "newcomer"],
        hides: SLOW,
        acks: false,
        cut: [None, Some(("server", "sendto", 10))],
        programs: &[("chat", "chat-4")],
        #[cfg(target_os = "linux")]
        script: |play| slow_reader(play, "chat-4"),
    },
];

/// One does not read, one talks until the buffers between it and the server are full, and
/// somebody new comes.
#[cfg(target_os = "linux")]
fn slow_reader(play: &mut Play<'_>, server: &str) -> Result<()> {
    play.stage.buffers(4096, 1024)?;
    play.lesson("server", "chat", server, &[])?;
    play.stage.prints("server", "Listening on")?;
    play.peer("sleeper", "lessons/11-chat/peers/sleeper.py", ("x", "x"))?;
    play.stage.connected(2626)?;
    play.stage.prints("sleeper", "I do not read")?;
    play.outside("talker", "nc 127.0.0.1 2626")?;
    play.stage.prints("talker", "connected")?;
    let line = "x".repeat(999);
    for _ in 0..2 {
        play.stage.quiet()?;
        play.stage.types("talker", &line)?;
    }
    play.stage.picture_begins()?;
    play.stage.types("talker", &line)?;
    play.stage.thinks(Duration::from_millis(400))?; // the sleeper's window closes
    play.stage.types("talker", &line)?;
    play.stage.quiet()?;
    play.outside("newcomer", "nc 127.0.0.1 2626")?;
    play.stage.thinks(Duration::from_millis(900))?;
    play.stage.types("sleeper", "")?;
    play.stage.prints("newcomer", "connected")?;
    play.stage.picture_ends()
}
