//! Lesson 13. The echo is tried in each way in which it can run its clients.

use crate::row::{Crowd, Lost, Row, Server, UdpServer, server, udp_server};

const NO_MESSAGE: &str = "what comes goes back: no message";

pub fn rows() -> Vec<Row> {
    let hello = Server {
        default: "127.0.0.1:2525",
        greeting: "Hello World!\n",
        patience: "",
        lost: Lost::Complained("is lost: "),
        asks: |_| (Vec::new(), Vec::new()),
        one_recv_is_a_message: true,
        closes_at: || (vec![b'x'; 60_000], ""),
        ..Server::default()
    };
    let echo = Server {
        default: "127.0.0.1:9001",
        lost: Lost::Complained("is lost: "),
        asks: |word| (word.into(), word.into()),
        one_recv_is_a_message: true,
        ..Server::default()
    };
    let one_by_one = Server {
        crowd: Crowd::InTurn,
        ..echo.clone()
    };
    let udp_echo = UdpServer {
        default: "127.0.0.1:8080",
        answer: <[u8]>::to_vec,
        lost: |client, why| format!("{client} is lost: {why}"),
    };
    let udp_wrong = [
        ("--threads 0", "`0` does not fit --threads"),
        ("--threads many", "`many` does not fit --threads"),
    ];
    let echo_of = |name, options, echo: &Server| {
        server("framework-echo", echo.clone())
            .variant(name, options)
            .wrong(&[("--patience 0", "`0` does not fit --patience")])
            .not("an_endless_message_is_refused", NO_MESSAGE)
    };
    vec![
        server("server-framework", hello)
            .not("pieces_are_put_together", "reads nothing")
            .not(
                "a_peer_that_does_not_read_stops_nobody_else",
                "sends a few bytes",
            )
            .not(
                "a_reset_in_the_middle_ends_that_connection_only",
                "reads nothing",
            )
            .not("an_endless_message_is_refused", "reads nothing")
            .not("bytes_that_are_not_text_are_no_panic", "reads nothing"),
        echo_of("", &[], &echo),
        echo_of("threads", &["--threads", "20"], &echo),
        echo_of("pool", &["--pool", "20"], &echo),
        echo_of("one-by-one", &["--one-by-one"], &one_by_one),
        udp_server("framework-udp-echo", udp_echo.clone()).wrong(&udp_wrong),
        udp_server("framework-udp-echo", udp_echo)
            .variant("threads", &["--threads", "100"])
            .wrong(&udp_wrong)
            .not("a_dead_port_is_told", "strace counts in each thread"),
    ]
}
