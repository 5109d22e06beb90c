//! The runs of lesson 15.

use super::Run;

/// What Python and Rust's std do around what matters.
const AROUND: &[(&str, &str)] = &[
    ("*", "getsockopt"),
    ("*", "setsockopt"),
    ("*", "getsockname"),
    ("*", "fcntl"),
    ("*", "ioctl"),
];

pub const RUNS: &[Run] = &[
    Run {
        lesson: "15-mail",
        name: "server-first",
        title: "The server speaks first",
        desc: "The client connects, and sends nothing. The server accepts, and sends the first \
               line; the client's recv returns it. Then they take turns: the client sends USER \
               ada and receives +OK, sends PASS swordfish and receives +OK.",
        caption: "The first arrow with words in it comes from the server. From there on they \
                  take turns: a command, a reply.",
        lifelines: &["client", "server"],
        hides: AROUND,
        acks: false,
        cut: [
            Some(("client", "connect", 1)),
            Some(("client", "sendto", 3)),
        ],
        programs: &[("mail", "mail-1")],
        #[cfg(target_os = "linux")]
        script: |play| {
            play.peer("server", POP3, ("1100", "1100"))?;
            play.stage.prints("server", "listening")?;
            play.lesson("client", "mail", "mail-1", &[])?;
            play.stage.ends("client")?;
            play.stage.picture_ends()
        },
    },
    Run {
        lesson: "15-mail",
        name: "no-dot",
        title: "A refusal, and a client that waits for a dot",
        desc: "The client asks for mail 9, and recv returns the refusal. It calls recv again, \
               for the rest of a text, and sleeps. The server sleeps in poll, for the next \
               command. After two seconds its patience is over, and it closes. The client's \
               recv returns 0.",
        caption: "The refusal is whole with the first recv. The second waits for a dot that \
                  will not come, and the server waits for a command.",
        lifelines: &["client", "server"],
        hides: AROUND,
        acks: false,
        cut: [Some(("client", "sendto", 6)), None],
        programs: &[("mail", "mail-4")],
        #[cfg(target_os = "linux")]
        script: |play| {
            play.peer("server", POP3, ("1100", "1100"))?;
            play.stage.prints("server", "listening")?;
            play.lesson("client", "mail", "mail-4", &[])?;
            play.stage.ends("client")?;
            play.stage.picture_ends()
        },
    },
    Run {
        lesson: "15-mail",
        name: "end-of-mail",
        title: "A dot ends the mail, and the talk goes on",
        desc: "The client sends DATA, and the server answers 354. The client sends the whole \
               mail with one call. The server receives it, finds the line that is a single dot, \
               and answers 250. Over the same connection the client sends QUIT, and receives \
               221. Only then the server closes, and the first FIN is sent.",
        caption: "The end of the mail is its last line. No FIN says it: the first one comes after \
                  QUIT.",
        lifelines: &["client", "server"],
        hides: AROUND,
        acks: false,
        cut: [Some(("client", "sendto", 4)), None],
        programs: &[("mail", "mail-send-2")],
        #[cfg(target_os = "linux")]
        script: |play| {
            play.peer("server", SMTP, ("2525", "2525"))?;
            play.stage.prints("server", "listening")?;
            play.lesson("client", "mail", "mail-send-2", &[])?;
            for line in ["These are dots:", ".", "Did you see them?"] {
                play.stage.types("client", line)?;
            }
            play.stage.presses_ctrl_d("client")?;
            play.stage.ends("client")?;
            play.stage.picture_ends()
        },
    },
];

#[cfg(target_os = "linux")]
const POP3: &str = "lessons/15-mail/peers/pop3.py";
#[cfg(target_os = "linux")]
const SMTP: &str = "lessons/15-mail/peers/smtp.py";
