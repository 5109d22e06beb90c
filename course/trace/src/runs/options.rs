//! The runs of lesson 12. Its programs have both ends of a connection in them: each end has
//! a lifeline.

#[cfg(target_os = "linux")]
use shared::Result;

#[cfg(target_os = "linux")]
use super::Play;
use super::Run;

pub const RUNS: &[Run] = &[
    Run {
        lesson: "12-options",
        name: "half-a-question",
        title: "Half a question gets no answer, and the other half waits",
        desc: "The client calls send twice: for head and for body. Only head travels. The \
               server's recv takes it, and the next recv sleeps: half a question has no \
               answer. After about 40 milliseconds the server's kernel sends an ACK without \
               data. Now body travels, and the server answers.",
        caption: "Both calls of send have returned, and body is still in the client's \
                  kernel: it waits for the ACK of head. (This is the second question.)",
        lifelines: &["client", "server"],
        hides: &[],
        acks: true,
        cut: [Some(("client", "sendto", 3)), Some(("client", "sendto", 5))],
        programs: &[("options", "options-nagle-1")],
        #[cfg(target_os = "linux")]
        script: |play| both_ends(play, "options-nagle-1", ["client", "server"]),
    },
    Run {
        lesson: "12-options",
        name: "nodelay",
        title: "With TCP_NODELAY both halves travel at once",
        desc: "The client calls send for head and for body, and each travels at once, \
               without an acknowledgement between them. One recv of the server returns both, \
               and it answers at once.",
        caption: "No ACK is waited for, and nobody sleeps. It is still two packets.",
        lifelines: &["client", "server"],
        hides: &[],
        acks: true,
        cut: [Some(("client", "sendto", 3)), Some(("client", "sendto", 5))],
        programs: &[("options", "options-nagle-2")],
        #[cfg(target_os = "linux")]
        script: |play| both_ends(play, "options-nagle-2", ["client", "server"]),
    },
    Run {
        lesson: "12-options",
        name: "full-buffers",
        title: "send fills two buffers, and then says EAGAIN",
        desc: "The sender calls send four times for 1,000 bytes each, and each call returns \
               1,000. Two of the pieces travel to the reader's kernel, the other two stay in \
               the sender's. The fifth call returns EAGAIN. The reader has called nothing.",
        caption: "The first two pieces lie in the reader's kernel, the next two in the \
                  sender's. There is no room for a fifth. (Both buffers were set to 4,096 \
                  bytes for this picture; the kernel's bookkeeping stands in them, too.)",
        lifelines: &["sender", "reader"],
        hides: &[],
        acks: false,
        cut: [Some(("sender", "sendto", 1)), Some(("reader", "close", 1))],
        programs: &[("options", "options-buffers-1")],
        #[cfg(target_os = "linux")]
        script: |play| {
            play.stage.buffers(4096, 4096)?;
            both_ends(play, "options-buffers-1", ["sender", "reader"])
        },
    },
    Run {
        lesson: "12-options",
        name: "linger-0",
        title: "close throws away what send has taken",
        desc: "The sender sets SO_LINGER to 0 and sends 300,000 bytes; send returns. 2,048 \
               of them travel, for which the peer has room. The sender closes, and a reset \
               goes out in place of a FIN. The peer reads the 2,048 bytes, then recv \
               returns ECONNRESET. There is no TIME-WAIT.",
        caption: "RST and not FIN: TIME-WAIT is gone, and so are 297,952 bytes. (The peer's \
                  buffer was made small for this picture, so that it has a few of them.)",
        lifelines: &["sender", "peer"],
        hides: &[],
        acks: false,
        cut: [
            Some(("sender", "setsockopt", 1)),
            Some(("peer", "close", 1)),
        ],
        programs: &[("options", "options-linger-1")],
        #[cfg(target_os = "linux")]
        script: |play| {
            play.stage.buffers(4096, 1_000_000)?;
            both_ends(play, "options-linger-1", ["sender", "peer"])
        },
    },
    Run {
        lesson: "12-options",
        name: "keepalive",
        title: "The kernel asks, and then nobody answers",
        desc: "The client sleeps in recv. After two seconds of silence its kernel sends a \
               probe, and the other kernel answers with an ACK; no program wakes up. Then the \
               cable is pulled. No packet is seen any more, and four seconds after the answer \
               recv returns ETIMEDOUT.",
        caption: "The first probe has an answer, and recv sleeps on. The next two get nowhere: \
                  the network is gone, and so the picture has no arrow for them.",
        lifelines: &["client", "server"],
        hides: &[],
        acks: true,
        cut: [
            Some(("client", "recvfrom", 1)),
            Some(("server", "close", 1)),
        ],
        programs: &[("options", "options-keepalive-2")],
        #[cfg(target_os = "linux")]
        script: |play| {
            play.lesson("server", "options", "options-keepalive-2", &[])?;
            play.stage.own_client("server", "client")?;
            play.stage.prints("server", "the peer says nothing")?;
            play.stage.quiet()?;
            play.stage.hears(2)?; // the probe, and its answer
            play.stage.pulls_the_cable("client")?;
            play.stage.ends("server")?;
            play.stage.picture_ends()
        },
    },
];

/// A program of the lesson: it connects to itself, and ends.
#[cfg(target_os = "linux")]
fn both_ends(play: &mut Play<'_>, program: &str, names: [&str; 2]) -> Result<()> {
    let [client, server] = names;
    play.lesson(server, "options", program, &[])?;
    play.stage.own_client(server, client)?;
    play.stage.ends(server)?;
    play.stage.picture_ends()
}
