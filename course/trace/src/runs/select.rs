//! The runs of lesson 10.

#[cfg(target_os = "linux")]
use std::time::Duration;

#[cfg(target_os = "linux")]
use shared::Result;

#[cfg(target_os = "linux")]
use super::Play;
use super::Run;

pub const RUNS: &[Run] = &[
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
        name: "forgotten",
        title: "The set that was not made anew",
        desc: "The client sleeps in select, with 3 and 4 in its set: both servers. The second \
               speaks, and select returns. The next select has only 4 in its set. The first \
               speaks, its bytes wait, and select sleeps on. The second speaks, and wakes it.",
        caption: "3 is the socket of the first, 4 that of the second. The second question is \
                  the first answer: it asks for 4 alone.",
        lifelines: &["first", "client", "second"],
        hides: &[("*", "poll"), ("*", "read")],
        acks: false,
        cut: [None, None],
        programs: &[("select", "select-2")],
        #[cfg(target_os = "linux")]
        script: |play| {
            two_servers(play, "select-2")?;
            play.stage.picture_begins()?;
            play.stage.types("second", "hello")?;
            play.stage.prints("client", "second: hello")?;
            play.stage.thinks(Duration::from_millis(700))?;
            play.stage.types("first", "good morning")?;
            play.stage.thinks(Duration::from_millis(700))?;
            play.stage.types("second", "anybody?")?;
            play.stage.prints("client", "second: anybody?")?;
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
