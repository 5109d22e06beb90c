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
        ..Server::default()
    };
    vec![
        server("forever-loop", forever_loop)
            .wrong(&[("--patience 0", "`0` does not fit --patience")])
            .wrong(&[("--patience soon", "`soon` does not fit --patience")])
            .shown(
                "control-loop",
                "a_reset_before_accept_is_survived",
                "NotConnected",
            )
            .shown(
                "control-loop",
                "a_reset_in_the_middle_ends_that_connection_only",
                "ConnectionReset",
            ),
    ]
}
