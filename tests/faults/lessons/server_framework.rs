//! Lesson 13. The echo is tried in each way in which it can run its clients.

use tests::{kernel, peer, tool, until};

use crate::means::Injection;
use crate::row::{Crowd, Lost, Row, Server, UdpServer, server, udp_server};
use crate::servers::{
    an_idle_peer_is_greeted_and_stops_nobody_else,
    unread_input_does_not_cost_the_last_echo,
};

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
            .own(
                "unread_input_does_not_cost_the_last_answer",
                unread_input_does_not_cost_the_last_echo,
            )
            .not("an_endless_message_is_refused", NO_MESSAGE)
    };
    vec![
        server("server-framework", hello)
            .own("an_interrupted_call_is_made_again", interrupted)
            .own("a_peer_that_closed_ends_that_connection_only", closed)
            .own("a_peer_that_vanished_is_given_up", vanished)
            .own(
                "a_slow_or_idle_peer_stops_nobody_else",
                an_idle_peer_is_greeted_and_stops_nobody_else,
            )
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
        echo_of("", &[], &echo).shown(
            "control-waits",
            "a_full_disk_behind_its_output_is_told",
            "left: Some(0)",
        ),
        echo_of("threads", &["--threads", "20"], &echo),
        echo_of("pool", &["--pool", "20"], &echo),
        echo_of("one-by-one", &["--one-by-one"], &one_by_one).not(
            "a_client_that_comes_at_the_end_is_refused_and_not_kept_waiting",
            "its only thread is with the last client until then",
        ),
        udp_server("framework-udp-echo", udp_echo.clone()).wrong(&udp_wrong),
        udp_server("framework-udp-echo", udp_echo)
            .variant("threads", &["--threads", "100"])
            .wrong(&udp_wrong)
            .not("a_dead_port_is_told", "strace counts in each thread"),
    ]
}

/// It waits only in accept: the other calls, too, are interrupted before they are made.
fn interrupted(row: &Row) {
    let rules = [
        "accept4:error=EINTR:when=1..2",
        "sendto:error=EINTR:when=1",
        "recvfrom:error=EINTR:when=1",
    ];
    let program = row.program("127.0.0.1:0", &[]);
    let (program, injection) = Injection::into(program, tool!("strace"), &rules);
    let up = row.up_from(row.as_server(), program);
    let mut client = up.client();
    peer::write(&mut client, "x".repeat(60_000));
    assert_eq!(peer::read_to_end(&mut client), b"");
    injection.has_happened();
    up.serves("the next");
}

/// It writes once. strace counts in each thread, and each client has its own: no client is
/// greeted, and the next one is accepted.
fn closed(row: &Row) {
    let program = row.program("127.0.0.1:0", &[]);
    let rule = "sendto:error=EPIPE:when=1";
    let (program, _injection) = Injection::into(program, tool!("strace"), &[rule]);
    let mut up = row.up_from(row.as_server(), program);
    for _ in 0..2 {
        let mut client = peer::connect(up.address);
        assert_eq!(peer::read_to_end(&mut client), b"");
        up.has_lost("");
    }
}

/// A client that never closes is not waited for longer than the goodbye takes.
fn vanished(row: &Row) {
    let up = row.up(row.as_server(), &[]);
    let _clients: Vec<_> = (0..5).map(|_| up.client()).collect();
    until("their threads have ended", || {
        (kernel::threads(up.running.pid()) == 2).then_some(())
    });
}
