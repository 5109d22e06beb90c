//! Lesson 17: one echo in seven designs, the program that measures it, and all of them.

use crate::row::{Client, Crowd, Kind, Lost, Row, Server, client, server};

const DEAF: &str = "a_peer_that_does_not_read_stops_nobody_else";

pub fn rows() -> Vec<Row> {
    let many = Server {
        default: "127.0.0.1:7777",
        lost: Lost::Silently,
        asks: |word| (word.into(), word.into()),
        one_recv_is_a_message: true,
        ..Server::default()
    };
    let one_by_one = Server {
        crowd: Crowd::InTurn,
        ..many.clone()
    };
    let design = |name, options, design: &Server| {
        server("scale", design.clone())
            .variant(name, options)
            .wrong(&[
                ("--design fork", "`fork`"),
                ("--workers 0", "`0` does not fit --workers"),
                ("--workers many", "`many` does not fit --workers"),
                ("--patience 0", "`0` does not fit --patience"),
            ])
            .not(
                "a_full_disk_behind_its_output_is_told",
                "its handler ends it at once",
            )
            .not(
                "an_endless_message_is_refused",
                "what comes goes back: no message",
            )
    };
    vec![
        design("one-by-one", &["--design", "one-by-one"], &one_by_one),
        design("thread-each", &["--design", "thread-each"], &many),
        design("pool", &["--design", "pool"], &many),
        design("select", &["--design", "select"], &many)
            .shown("scale-4", DEAF, "7 bytes"),
        design("poll", &["--design", "poll"], &many).shown("scale-5", DEAF, "7 bytes"),
        design("epoll", &["--design", "epoll"], &many),
        design("async", &["--design", "async"], &many),
        client(
            "load",
            Client {
                timeout: "",
                ..Client::default()
            },
        )
        .not(
            "unreachable_places_are_told_apart",
            "asks this machine alone",
        )
        .not("a_scoped_address_is_understood", "asks this machine alone")
        .options(&["--connections", "1", "--seconds", "0.3"])
        .wrong(&[
            ("--connections -1", "`-1` does not fit --connections"),
            ("--connections all", "`all` does not fit --connections"),
            ("--size 0", "`0` does not fit --size"),
            ("--seconds 0", "`0` does not fit --seconds"),
        ]),
        Row::new("compare", Kind::Other).wrong(&[
            ("--also nothing", "`nothing`"),
            ("--rounds many", "`many` does not fit --rounds"),
            ("--rounds 0", "`0` does not fit --rounds"),
            ("--only fork", "`fork`"),
            ("--seconds 0", "`0` does not fit --seconds"),
        ]),
    ]
}
