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
            .not(
                "a_client_that_comes_at_the_end_is_refused_and_not_kept_waiting",
                "lesson 17",
            )
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
                "Resource temporarily unavailable",
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
            )
            .shown(
                "forever-loop-7",
                "ctrl_c_ends_it_well_for_clients_in_the_queue",
                "no end came",
            )
            .shows("control-loop", LOOP)
            .shows("control-reads", READS)
            .shows("control-hangs-up", HANGS_UP),
    ]
}

/// What the loop of the classic tutorials dies of, or waits for without an end.
const LOOP: &[(&str, &str)] = &[
    (
        "a_peer_that_does_not_read_stops_nobody_else",
        "Resource temporarily unavailable",
    ),
    ("a_peer_that_closed_ends_that_connection_only", "Error: Os"),
    ("a_closed_output_is_no_panic", "failed printing to stdout"),
    (
        "a_reset_in_the_middle_ends_that_connection_only",
        "ConnectionReset",
    ),
    ("a_reset_before_accept_is_survived", "NotConnected"),
    ("an_aborted_accept_is_survived", "ConnectionAborted"),
    (
        "without_descriptors_it_waits_and_recovers",
        "Too many open files",
    ),
    (
        "a_slow_or_idle_peer_stops_nobody_else",
        "Resource temporarily unavailable",
    ),
    (
        "an_endless_message_is_refused",
        "Resource temporarily unavailable",
    ),
    ("bytes_that_are_not_text_are_no_panic", "valid UTF-8"),
    ("a_name_that_does_not_exist_is_told", "not two lines"),
    (
        "a_scoped_address_is_understood",
        "never printed the line \"Listening on ",
    ),
    ("ctrl_c_and_sigterm_end_it_cleanly", "left: None"),
    (
        "a_peer_that_vanished_is_given_up",
        "the connection is closed on this side",
    ),
    ("a_wrong_argument_is_told", "left: Some(1)"),
    ("a_port_in_use_is_told", "not two lines"),
];

const READS: &[(&str, &str)] = &[
    ("pieces_are_put_together", "left: \"OK... \u{fffd}"),
    ("an_interrupted_call_is_made_again", "Interrupted"),
    (
        "a_half_closed_peer_gets_its_answer",
        "failed to fill whole buffer",
    ),
];

const HANGS_UP: &[(&str, &str)] = &[
    (
        "unread_input_does_not_cost_the_last_answer",
        "Connection reset by peer",
    ),
    ("it_restarts_at_once_on_the_same_port", "AddrInUse"),
    (
        "ten_thousand_resets_leave_nothing_behind",
        "as many threads and descriptors",
    ),
    ("it_listens_on_loopback_only", "left: \"0.0.0.0:8888\""),
];
