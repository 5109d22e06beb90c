//! Lesson 07.

use std::io::Write;

use tests::peer;

use crate::row::{Client, Row, Server, client, server};

const TALK: &str = "Welcome!\nHello, Michael!\nHello, Tracy!\nHello, Sarah!\n";

pub fn rows() -> Vec<Row> {
    let threaded_server = Server {
        default: "127.0.0.1:9999",
        greeting: "Welcome!\n",
        asks: |word| (word.into(), [b"Hello, ", word, b"!\n"].concat()),
        one_recv_is_a_message: true,
        closes_at: || {
            let said = format!("Tracy\nexit\n{}", "x".repeat(60_000));
            (said.into(), "Hello, Tracy!\n")
        },
        ..Server::default()
    };
    let threaded_server_client = Client {
        script: &[
            ("", "Welcome!\n"),
            ("Michael\n", "Hello, Michael!\n"),
            ("Tracy\n", "Hello, Tracy!\n"),
            ("Sarah\n", "Hello, Sarah!\n"),
            ("exit\n", ""),
        ],
        prints: TALK,
        closed: "the talk with 127.0.0.1:",
        half: "the server closed in the middle of an answer: \"Hello,\"",
        endless: "the server sends a line without an end",
        ..Client::default()
    };
    vec![
        server("threaded-server", threaded_server)
            .wrong(&[
                ("--patience 0", "`0` does not fit --patience"),
                ("--max-clients 0", "`0` does not fit --max-clients"),
                ("--max-clients -1", "`-1` does not fit --max-clients"),
                ("--max-clients many", "`many` does not fit --max-clients"),
            ])
            .own("pieces_are_put_together", no_byte_is_lost)
            .not("an_endless_message_is_refused", "a buffer is a message")
            .not(
                "a_client_that_comes_at_the_end_is_refused_and_not_kept_waiting",
                "lesson 17",
            )
            .shown(
                "threaded-server-2",
                "without_descriptors_it_waits_and_recovers",
                "a busy loop",
            )
            .cured(
                "threaded-server-3",
                "without_descriptors_it_waits_and_recovers",
            )
            .shown(
                "threaded-server-6",
                "an_output_that_nobody_reads_stops_nobody",
                "9 bytes: Resource temporarily unavailable",
            )
            .shown(
                "threaded-server-5",
                "ctrl_c_ends_it_though_clients_neither_read_nor_close",
                "did not end within 1s",
            )
            .cured(
                "threaded-server-6",
                "ctrl_c_ends_it_though_clients_neither_read_nor_close",
            )
            .shown(
                "threaded-server-6",
                "ctrl_c_ends_it_well_for_clients_in_the_queue",
                "no end came | this server is full",
            ),
        client("threaded-server-client", threaded_server_client)
            .wrong(&[
                ("--timeout 0", "`0` does not fit --timeout"),
                ("--talk", "unknown option `--talk`"),
            ])
            .own(
                "a_peer_that_vanished_is_given_up",
                a_silent_server_is_given_up,
            )
            .shows("control-client", BELIEVES),
    ]
}

/// Its timeout is for one recv: a byte now and then keeps it waiting, until lesson 09.
fn a_silent_server_is_given_up(row: &Row) {
    for says in ["", "Welcome!\n", "Welcome!\nHello, Mi"] {
        let (address, server) = peer::serve_one(move |mut stream| {
            peer::write(&mut stream, says);
            peer::read_to_end(&mut stream)
        });
        let client = row.program(address, &["--timeout", "0.5"]);
        let ended = client.run();
        ended
            .code(1)
            .complained("nothing happened in time (EAGAIN)");
        server.join().expect("it sees the end");
    }
}

/// As far as they go: a line in pieces is several messages here (lesson 09), but no byte of
/// them is lost, and answers that leave together stay whole.
fn no_byte_is_lost(row: &Row) {
    let server = row.as_server();
    let mut up = row.up(server, &[]);
    let mut client = up.client();
    client.set_nodelay(true).expect("TCP_NODELAY");
    for letter in ["é", "t", "é"] {
        up.asks(&mut client, letter);
    }
    client
        .write_all(b"Michael\nTracy\nSar")
        .expect("it is open");
    for name in ["Michael", "Tracy", "Sar"] {
        assert_eq!(peer::read_line(&mut client), format!("Hello, {name}!\n"));
    }
}

/// What a client says who takes each read for an answer, and has no words of its own.
const BELIEVES: &[(&str, &str)] = &[
    ("pieces_are_put_together", "the client reads"),
    ("an_interrupted_call_is_made_again", "kind: Interrupted"),
    ("an_endless_message_is_refused", "left: Some(0)"),
    ("a_name_that_does_not_exist_is_told", "not two lines"),
    ("a_scoped_address_is_understood", "not two lines"),
    ("a_wrong_argument_is_told", "left: Some(1)"),
    (
        "a_peer_that_closed_ends_that_connection_only",
        "not two lines",
    ),
    (
        "a_reset_in_the_middle_ends_that_connection_only",
        "not two lines",
    ),
    (
        "the_end_in_the_middle_of_a_message_is_told",
        "left: Some(0)",
    ),
    (
        "bytes_that_are_not_text_are_no_panic",
        "it steers a terminal",
    ),
    ("a_dead_port_is_told", "not two lines"),
    ("a_connection_to_itself_is_refused", "did not end within"),
    ("unreachable_places_are_told_apart", "not two lines"),
    (
        "a_full_queue_is_told_after_the_timeout",
        "did not end within",
    ),
    ("ctrl_c_and_sigterm_end_it_cleanly", "left: None"),
    (
        "a_peer_that_vanished_is_given_up",
        "the other side: no end came | not two lines",
    ),
];
