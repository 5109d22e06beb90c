//! The runs of the book: who is started, what is typed and pressed, and what the picture of
//! it is about.

#[cfg(target_os = "linux")]
use std::time::Duration;

use crate::draw::Picture;

#[cfg(target_os = "linux")]
use crate::stage::Stage;
#[cfg(target_os = "linux")]
use shared::Result;

/// Where a picture begins and ends, if the stage does not say it: each before a program's
/// nth call of a name.
pub type Cut = [Option<(&'static str, &'static str, usize)>; 2];

/// A run of the book.
pub struct Run {
    /// `lessons/LESSON/runs/NAME.jsonl`; unique in the book.
    pub lesson: &'static str,
    pub name: &'static str,
    pub title: &'static str,
    /// What there is to see, for who hears the picture.
    pub desc: &'static str,
    /// The one point, below the picture.
    pub caption: &'static str,
    pub lifelines: &'static [&'static str],
    pub hides: &'static [(&'static str, &'static str)],
    pub acks: bool,
    pub cut: Cut,
    /// The lesson's programs that have to be built: package and program.
    pub programs: &'static [(&'static str, &'static str)],
    #[cfg(target_os = "linux")]
    pub script: fn(&mut Play<'_>) -> Result<()>,
}

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
    },
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
        lesson: "08-udp",
        name: "udp-unheard",
        title: "Nobody has the port, and the client is not told",
        desc: "The client sends a datagram to port 9000, where no program is. The kernel \
               answers at once that the port is unreachable. But the client sleeps on in \
               recv, for a second, until its timeout: EAGAIN.",
        caption: "The answer is there at once, and recv sleeps on: the socket is not \
                  connected, and its kernel keeps the answer to itself.",
        lifelines: &["client", "port 9000"],
        hides: &[("*", "setsockopt")],
        acks: false,
        cut: [Some(("client", "sendto", 1)), Some(("client", "sendto", 2))],
        programs: &[("udp", "udp-client-4")],
        #[cfg(target_os = "linux")]
        script: |play| {
            play.lesson("client", "udp", "udp-client-4", &[])?;
            play.stage.quiet()?;
            play.stage.types("client", "hello")?;
            play.stage.prints("client", "[no answer")?;
            play.stage.picture_ends()
        },
    },
    Run {
        lesson: "08-udp",
        name: "udp-refused",
        title: "The same with a socket that is connected",
        desc: "The client has connected its socket, and sends a datagram to port 9000, \
               where no program is. The kernel answers at once that the port is \
               unreachable, and recv returns ECONNREFUSED at once.",
        caption: "connect sent nothing. But now the kernel knows whose answer it is, and \
                  recv returns it.",
        lifelines: &["client", "port 9000"],
        hides: &[("*", "setsockopt"), ("*", "bind")],
        acks: false,
        cut: [Some(("client", "socket", 1)), None],
        programs: &[("udp", "udp-client-5")],
        #[cfg(target_os = "linux")]
        script: |play| {
            play.lesson("client", "udp", "udp-client-5", &[])?;
            play.stage.quiet()?;
            play.stage.types("client", "hello")?;
            play.stage.prints("client", "[no answer")?;
            play.stage.picture_ends()
        },
    },
    Run {
        lesson: "10-select",
        name: "deaf",
        title: "Who sleeps in one recv is deaf to the other socket",
        desc: "The client sleeps in recv with the first server. The second server says \
               something: the bytes come, and wait. Only when the first has spoken, recv \
               returns, and the next recv fetches what the second said long ago.",
        caption: "The bytes of the second have come, and wait: the program sleeps in a call \
                  that does not look at them.",
        lifelines: &["first", "client", "second"],
        hides: &[("*", "poll"), ("*", "read")],
        acks: false,
        cut: [None, None],
        programs: &[("select", "select-1")],
        #[cfg(target_os = "linux")]
        script: |play| {
            two_servers(play, "select-1")?;
            play.stage.picture_begins()?;
            play.stage.types("second", "hello")?;
            play.stage.thinks(Duration::from_millis(700))?;
            play.stage.types("first", "good morning")?;
            play.stage.prints("client", "second: hello")?;
            play.stage.picture_ends()
        },
    },
    Run {
        lesson: "10-select",
        name: "select",
        title: "One sleep for two sockets",
        desc: "The client sleeps in select, which looks at both sockets. The second server \
               speaks, select returns 1, and recv fetches it at once. The same when the \
               first speaks.",
        caption: "The program sleeps in one call for both. Whoever speaks wakes it, and \
                  the recv after it never sleeps.",
        lifelines: &["first", "client", "second"],
        hides: &[("*", "poll"), ("*", "read")],
        acks: false,
        cut: [None, None],
        programs: &[("select", "select-3")],
        #[cfg(target_os = "linux")]
        script: |play| {
            two_servers(play, "select-3")?;
            play.stage.picture_begins()?;
            play.stage.types("second", "hello")?;
            play.stage.prints("client", "second: hello")?;
            play.stage.thinks(Duration::from_millis(700))?;
            play.stage.types("first", "good morning")?;
            play.stage.prints("client", "first: good morning")?;
            play.stage.picture_ends()
        },
    },
];

/// The two nc of lesson 10, and its client.
#[cfg(target_os = "linux")]
fn two_servers(play: &mut Play<'_>, client: &str) -> Result<()> {
    play.outside("first", "nc -l 127.0.0.1 9999")?;
    play.stage.listens(9999)?;
    play.outside("second", "nc -l 127.0.0.1 8888")?;
    play.stage.listens(8888)?;
    play.lesson("client", "select", client, &[])?;
    play.stage.connected(9999)?;
    play.stage.connected(8888)
}

/// A run by its name.
pub fn find(name: &str) -> Option<&'static Run> {
    RUNS.iter().find(|run| run.name == name)
}

impl Run {
    pub fn picture(&self) -> Picture {
        let words = |list: &[&str]| list.iter().map(|word| (*word).to_string()).collect();
        let pair = |(program, name): &(&str, &str)| {
            ((*program).to_string(), (*name).to_string())
        };
        Picture {
            name: format!("run-{}", self.name),
            title: self.title.to_string(),
            desc: self.desc.to_string(),
            caption: self.caption.to_string(),
            lifelines: words(self.lifelines),
            hides: self.hides.iter().map(pair).collect(),
            acks: self.acks,
        }
    }

    /// Where it is kept, from the root of the course: the data, and the figure.
    pub fn files(&self) -> [String; 2] {
        ["jsonl", "html"]
            .map(|kind| format!("lessons/{}/runs/{}.{kind}", self.lesson, self.name))
    }
}

/// A stage, and where the programs are.
#[cfg(target_os = "linux")]
pub struct Play<'a> {
    pub stage: &'a mut Stage,
    pub root: &'a std::path::Path,
    /// The lessons' programs, and their files.
    pub built: &'a std::collections::HashMap<String, String>,
}

#[cfg(target_os = "linux")]
impl Play<'_> {
    /// Starts a lesson's program, as `cargo run -p PACKAGE --bin PROGRAM` does.
    pub fn lesson(
        &mut self,
        name: &str,
        package: &str,
        program: &str,
        args: &[&str],
    ) -> Result<()> {
        let mut shown = format!("cargo run -p {package}");
        if program != package {
            shown += &format!(" --bin {program}");
        }
        if !args.is_empty() {
            shown += &format!(" -- {}", args.join(" "));
        }
        let file = self.built.get(program).cloned();
        let file = file.ok_or_else(|| {
            shared::Error::new(format!("the program {program} was not built"))
        })?;
        let args = args.iter().map(|arg| (*arg).to_string());
        let command: Vec<_> = std::iter::once(file).chain(args).collect();
        self.stage.start(name, &shown, &command)
    }

    /// Starts an outside program.
    pub fn outside(&mut self, name: &str, line: &str) -> Result<()> {
        let mut command: Vec<_> = line.split(' ').map(str::to_string).collect();
        // There are several programs called nc; the book's is OpenBSD's.
        if command[0] == "nc" && in_path("nc.openbsd") {
            command[0] += ".openbsd";
        }
        self.stage.start(name, line, &command)
    }

    /// Starts one of the lessons' clients in Python, with a number changed.
    pub fn peer(&mut self, name: &str, file: &str, change: (&str, &str)) -> Result<()> {
        use shared::Context;
        let program = std::fs::read_to_string(self.root.join(file));
        let program = program.context(format!("cannot read {file}"))?;
        let program = program.replace(change.0, change.1);
        let command = ["python3", "-c", &program].map(str::to_string);
        self.stage.start(name, &format!("python3 {file}"), &command)
    }
}

#[cfg(target_os = "linux")]
fn in_path(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|folder| folder.join(program).is_file())
}
