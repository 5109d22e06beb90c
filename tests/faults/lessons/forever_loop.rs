//! Lesson 06.

use crate::row::{Crowd, Row, Server, line, server};

pub fn rows() -> Vec<Row> {
    let forever_loop = Server {
        default: "127.0.0.1:8888",
        crowd: Crowd::InTurn,
        asks: |word| (line(word), [b"OK... ", word, b"\n"].concat()),
        too_long: ("error: this line is too long\n", "a line was too long"),
        closes_at: || {
            let said = format!("hello\n{}", "x".repeat(60_000));
            (said.into(), "OK... hello\nerror: this line is too long\n")
        },
        bears_a_drip: false, // its timeout is for each recv: lesson 09
        ..Server::default()
    };
    vec![
        server("forever-loop", forever_loop)
            .wrong(&[("--patience 0", "`0` does not fit --patience")])
            .wrong(&[("--patience soon", "`soon` does not fit --patience")])
            .shown(
                "forever-loop-1",
                "a_reset_before_accept_is_survived",
                "ConnectionReset",
            )
            .cured("forever-loop-2", "a_reset_before_accept_is_survived")
            .shown(
                "forever-loop-1",
                "a_reset_in_the_middle_ends_that_connection_only",
                "ConnectionReset",
            )
            .cured(
                "forever-loop-2",
                "a_reset_in_the_middle_ends_that_connection_only",
            )
            .shown(
                "forever-loop-1",
                "a_peer_that_closed_ends_that_connection_only",
                "Error: Os",
            )
            .cured(
                "forever-loop-2",
                "a_peer_that_closed_ends_that_connection_only",
            )
            .shown(
                "forever-loop-1",
                "an_aborted_accept_is_survived",
                "ConnectionAborted",
            )
            .cured("forever-loop-2", "an_aborted_accept_is_survived")
            .shown(
                "forever-loop-2",
                "bytes_that_are_not_text_are_no_panic",
                "failed to fill whole buffer",
            )
            .cured("forever-loop-4", "bytes_that_are_not_text_are_no_panic")
            .shown(
                "forever-loop-3",
                "an_endless_message_is_refused",
                "no line came",
            )
            .shown(
                "forever-loop-2",
                "without_descriptors_it_waits_and_recovers",
                "a busy loop",
            )
            .shown(
                "forever-loop-4",
                "ctrl_c_and_sigterm_end_it_cleanly",
                "code: None",
            ),
    ]
}
