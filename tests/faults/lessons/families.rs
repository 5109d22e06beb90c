//! Lesson 16. Files of sockets, and hosts that are asked, are in tests/16-families.

use crate::row::{Kind, Row, Server, server};

const NO_ARGUMENT: &[(&str, &str)] = &[("nonsense", "`nonsense`")];

pub fn rows() -> Vec<Row> {
    let too_long: &str = Box::leak("x".repeat(108).into_boxed_str());
    let no_name: &str = Box::leak(format!("@{too_long}").into_boxed_str());
    let dual_stack = Server {
        default: "127.0.0.1:4646",
        one_recv_is_a_message: true,
        asks: |_| (Vec::new(), Vec::new()),
        ..Server::default()
    };
    vec![
        Row::new("families", Kind::Other).wrong(NO_ARGUMENT),
        Row::new("unix-datagram", Kind::Other).wrong(NO_ARGUMENT),
        Row::new("unix-stream", Kind::Other).wrong(&[
            ("", "is no name for a socket"),
            ("@", "is no name for a socket"),
            (too_long, "is no name for a socket: it is too long"),
            (no_name, "is no name for a socket: it is too long"),
            ("./sock more", "one argument too many: `more`"),
            ("--patience 0", "`0` does not fit --patience"),
        ]),
        Row::new("unix-stream-client", Kind::Other).wrong(&[
            ("", "is no name for a socket"),
            ("@", "is no name for a socket"),
            (too_long, "is no name for a socket: it is too long"),
            ("--timeout 0", "`0` does not fit --timeout"),
        ]),
        server("dual-stack", dual_stack)
            .not("pieces_are_put_together", "reads nothing")
            .not(
                "a_peer_that_does_not_read_stops_nobody_else",
                "sends a few bytes",
            )
            .not("a_peer_that_closed_ends_that_connection_only", "one write")
            .not(
                "a_reset_in_the_middle_ends_that_connection_only",
                "reads nothing",
            )
            .not("an_endless_message_is_refused", "reads nothing")
            .not("bytes_that_are_not_text_are_no_panic", "reads nothing")
            .not("a_peer_that_vanished_is_given_up", "waits for no peer"),
        Row::new("ping", Kind::Other).wrong(&[
            ("--count 0", "`0` does not fit --count"),
            ("--count 70000", "`70000` does not fit --count"),
            ("--interval 0", "`0` does not fit --interval"),
            ("--timeout -1", "`-1` does not fit --timeout"),
            ("--ttl 256", "`256` does not fit --ttl"),
            ("127.0.0.1 ::1", "one argument too many: `::1`"),
        ]),
    ]
}
