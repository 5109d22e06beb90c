//! The runs of lesson 17.

use super::Run;

/// What `nc` does before and after.
const NC: &[(&str, &str)] = &[
    ("one", "poll"),
    ("two", "poll"),
    ("*", "getsockopt"),
    ("*", "setsockopt"),
    ("*", "fcntl"),
    ("*", "read"),
];

pub const RUNS: &[Run] = &[
    Run {
        lesson: "17-scale",
        name: "until-eagain",
        title: "epoll tells once, so read until nothing is left",
        desc: "The server has one thread, which sleeps in epoll_wait; client one is here, and says \
               nothing. Client two connects, and epoll_wait returns 1. The server accepts, and \
               calls accept again, which says EAGAIN: nobody is left. It sleeps in epoll_wait. \
               Client two says hello. Epoll_wait returns 1, recv 6; the server sends it back, \
               and calls recv again, which says EAGAIN: nothing is left.",
        caption: "One sleep for both clients and the listener. Each time accept and recv are \
                  called once more, until they say EAGAIN.",
        lifelines: &["one", "server", "two"],
        hides: NC,
        acks: false,
        cut: [Some(("two", "connect", 1)), None],
        programs: &[("scale", "scale-6")],
        #[cfg(target_os = "linux")]
        script: |play| the_second_client_says_hello(play, "scale-6"),
    },
    Run {
        lesson: "17-scale",
        name: "an-await",
        title: "async, and the same calls",
        desc: "As with epoll, the server's one thread sleeps in epoll_wait while client one says \
               nothing. Client two connects: the server accepts, calls accept again, and then \
               recv; both say EAGAIN, and it sleeps in epoll_wait. Client two says hello; \
               epoll_wait returns 1, recv 6, and the server sends it back. It does not call \
               recv once more.",
        caption: "No call is named await. It is epoll again: one sleep for all tasks, and then the \
                  calls of the one that can go on.",
        lifelines: &["one", "server", "two"],
        hides: NC,
        acks: false,
        cut: [Some(("two", "connect", 1)), None],
        programs: &[("scale", "scale-7")],
        #[cfg(target_os = "linux")]
        script: |play| the_second_client_says_hello(play, "scale-7"),
    },
];

/// A step of the lesson serves two clients. The first one says nothing.
#[cfg(target_os = "linux")]
fn the_second_client_says_hello(
    play: &mut super::Play<'_>,
    step: &str,
) -> shared::Result<()> {
    play.lesson("server", "scale", step, &[])?;
    play.stage.prints("server", "Listening on")?;
    play.outside("one", "nc 127.0.0.1 7777")?;
    play.stage.connected(7777)?;
    play.stage.quiet()?;
    play.outside("two", "nc 127.0.0.1 7777")?;
    play.stage.quiet()?;
    play.stage.types("two", "hello")?;
    play.stage.prints("two", "hello")?;
    play.stage.picture_ends()
}
