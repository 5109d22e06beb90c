//! The runs of lesson 09.

use super::Run;

pub const RUNS: &[Run] = &[
    Run {
        lesson: "09-framing",
        name: "rest",
        title: "What one recv leaves, the next one gets",
        desc: "The client asks for seq, and the server sends 3,893 bytes. The client's recv \
               takes 1,024 of them, and the others wait in its kernel. Then the client asks \
               for echo hi; its recv returns at once with the next 1,024 bytes of the old \
               answer. hi comes after that, and waits behind the rest.",
        caption: "The second recv does not wait for hi: it has something to return already. \
                  At the end 1,848 bytes wait, and the last three of them are the answer.",
        lifelines: &["client", "server"],
        hides: &[("*", "poll")],
        acks: false,
        cut: [None, None],
        programs: &[
            ("framing", "remote-server-1"),
            ("framing", "remote-client-1"),
        ],
        #[cfg(target_os = "linux")]
        script: |play| {
            play.lesson("server", "framing", "remote-server-1", &[])?;
            play.stage.prints("server", "Listening on")?;
            play.lesson("client", "framing", "remote-client-1", &[])?;
            play.stage.prints("client", ">>: ")?;
            play.stage.picture_begins()?;
            play.stage.types("client", "seq 1000 | fmt")?;
            play.stage.prints("client", ">>: ")?;
            play.stage.keeps(9000, 2869)?;
            play.stage.quiet()?;
            play.stage.types("client", "echo hi")?;
            play.stage.prints("client", ">>: ")?;
            play.stage.keeps(9000, 1848)?; // hi has come
            play.stage.picture_ends()
        },
    },
    Run {
        lesson: "09-framing",
        name: "two-sends-one-recv",
        title: "Two sends, one recv",
        desc: "The client sends echo Tracy, and then echo Sarah, in two calls and two packets, \
               while the server waits for the end of sleep 1. A second later the server's \
               recv returns 22: both lines at once. It runs them together, and sends one \
               answer.",
        caption: "Two calls of write, two packets, one recv. Had the server not been busy, it \
                  would have been two.",
        lifelines: &["client", "server"],
        hides: &[("*", "poll")],
        acks: false,
        cut: [None, None],
        programs: &[("framing", "remote-server-1")],
        #[cfg(target_os = "linux")]
        script: |play| {
            play.lesson("server", "framing", "remote-server-1", &[])?;
            play.stage.prints("server", "Listening on")?;
            play.outside("client", "nc 127.0.0.1 9000")?;
            play.stage.connected(9000)?;
            play.stage.picture_begins()?;
            play.stage.types("client", "sleep 1")?;
            play.stage.prints("server", "runs sleep 1")?;
            play.stage.types("client", "echo Tracy")?;
            play.stage.keeps(9000, 11)?;
            play.stage.types("client", "echo Sarah")?;
            play.stage.keeps(9000, 22)?;
            play.stage.prints("client", "Sarah")?;
            play.stage.picture_ends()
        },
    },
    Run {
        lesson: "09-framing",
        name: "frame",
        title: "The length first, then so many bytes",
        desc: "The client sends one packet: four bytes of length, 8, and echo hi. The server's \
               first recv returns the 4 bytes, the second one the 8. The answer goes back in \
               the same way, and the client reads it with two recv.",
        caption: "One packet, two recv: the first one learns from the length how much the \
                  second one may take.",
        lifelines: &["client", "server"],
        hides: &[("*", "poll")],
        acks: false,
        cut: [None, None],
        programs: &[
            ("framing", "remote-server-3"),
            ("framing", "remote-client-3"),
        ],
        #[cfg(target_os = "linux")]
        script: |play| {
            play.lesson("server", "framing", "remote-server-3", &[])?;
            play.stage.prints("server", "Listening on")?;
            play.lesson("client", "framing", "remote-client-3", &[])?;
            play.stage.prints("client", ">>: ")?;
            play.stage.picture_begins()?;
            play.stage.types("client", "echo hi")?;
            play.stage.prints("client", ">>: ")?;
            play.stage.picture_ends()
        },
    },
    Run {
        lesson: "09-framing",
        name: "a-length-of-letters",
        title: "GET is a length, and too long",
        desc: "The client sends GET / HTTP/1.1. The server reads one byte and then three more, \
               the letters GET and a space. That is a length far above the limit, so it \
               closes. There is unread input, so its kernel sends a reset.",
        caption: "The server has read four bytes, taken no memory, and closed. Eleven bytes \
                  were unread: that is why it is an RST.",
        lifelines: &["client", "server"],
        hides: &[("*", "poll"), ("server", "accept")],
        acks: false,
        cut: [None, None],
        programs: &[("framing", "framed-server-2")],
        #[cfg(target_os = "linux")]
        script: |play| {
            play.lesson("server", "framing", "framed-server-2", &[])?;
            play.stage.prints("server", "Listening on")?;
            play.outside("client", "nc 127.0.0.1 9000")?;
            play.stage.connected(9000)?;
            play.stage.picture_begins()?;
            play.stage.types("client", "GET / HTTP/1.1")?;
            play.stage.prints("server", "has left")?;
            play.stage.ends("client")?;
            play.stage.picture_ends()
        },
    },
    Run {
        lesson: "09-framing",
        name: "drips",
        title: "Each byte starts the clock anew",
        desc: "The client sends the five bytes of a frame one by one, with 0.6 seconds before \
               each. The server sleeps in recv five times, never longer than 0.6 seconds. \
               After three seconds the frame is complete, and the server answers, although \
               its timeout is two seconds.",
        caption: "Five sleeps of 0.6 s. None of them is longer than the timeout of 2 s, and \
                  all of them together are. (The name is A, so that the picture has room.)",
        lifelines: &["client", "server"],
        hides: &[("client", "sleep"), ("server", "accept")],
        acks: false,
        cut: [
            Some(("client", "sendto", 1)),
            Some(("client", "getsockname", 1)),
        ],
        programs: &[("framing", "framed-server-2")],
        #[cfg(target_os = "linux")]
        script: |play| {
            play.lesson("server", "framing", "framed-server-2", &[])?;
            play.stage.prints("server", "Listening on")?;
            let change = (r"\x07Michael", r"\x01A");
            play.peer("client", "lessons/09-framing/peers/drips.py", change)?;
            play.stage.connected(9000)?;
            play.stage.ends("client")?;
            play.stage.picture_ends()
        },
    },
];
