//! The runs of lesson 14.

use super::Run;

pub const RUNS: &[Run] = &[
    Run {
        lesson: "14-http",
        name: "until-close",
        title: "The page is there, and recv sleeps on",
        desc: "The client sends its first request, and recv returns the whole answer. It calls \
               recv again, and sleeps; the server sleeps in poll, and waits for a request. \
               After two seconds its patience is over, and it closes. The client's recv \
               returns 0. Its second request is answered by RST, and the recv after it \
               returns 0 again.",
        caption: "For two seconds both wait for each other. Then the end comes, and the \
                  request after it goes to nobody.",
        lifelines: &["client", "server"],
        hides: NOT_SHOWN,
        acks: false,
        cut: [Some(("client", "sendto", 1)), None],
        programs: &[("http", "http-2")],
        #[cfg(target_os = "linux")]
        script: |play| asks_the_web_server(play, "http-2"),
    },
    Run {
        lesson: "14-http",
        name: "keep-alive",
        title: "Two pages over one connection",
        desc: "The client connects, sends a request, and receives its answer; then it sends \
               the second request at once, over the same connection. One handshake, two \
               answers, and no FIN between them.",
        caption: "One handshake for both pages. The client knows by Content-Length that the \
                  first answer is whole, and asks on at once.",
        lifelines: &["client", "server"],
        hides: NOT_SHOWN,
        acks: false,
        cut: [Some(("client", "socket", 1)), Some(("client", "sendto", 3))],
        programs: &[("http", "http-3")],
        #[cfg(target_os = "linux")]
        script: |play| asks_the_web_server(play, "http-3"),
    },
    Run {
        lesson: "14-http",
        name: "no-body",
        title: "An answer without a body, and a client that waits for one",
        desc: "The client asks for a page, and recv returns a head with status 204. It calls \
               recv again, for a body, and sleeps. The server has said all, and waits for the \
               next request. After two seconds it closes, and the client's recv returns 0.",
        caption: "All of the answer has come with the first recv. The second one waits for \
                  what the status has ruled out.",
        lifelines: &["client", "server"],
        hides: NOT_SHOWN,
        acks: false,
        cut: [Some(("client", "sendto", 4)), None],
        programs: &[("http", "http-4")],
        #[cfg(target_os = "linux")]
        script: |play| asks_the_web_server(play, "http-4"),
    },
];

/// What the client does besides, to prepare its socket.
const NOT_SHOWN: &[(&str, &str)] = &[
    ("*", "getsockopt"),
    ("*", "setsockopt"),
    ("*", "getsockname"),
    ("*", "fcntl"),
    ("*", "ioctl"),
];

/// A step of the lesson asks a server that keeps its connections, and ends.
#[cfg(target_os = "linux")]
fn asks_the_web_server(play: &mut super::Play<'_>, step: &str) -> shared::Result<()> {
    let server = "lessons/14-http/peers/web.py";
    play.peer("server", server, ("8000", "8000"))?;
    play.stage.prints("server", "listening")?;
    play.lesson("client", "http", step, &[])?;
    play.stage.ends("client")?;
    play.stage.picture_ends()
}
