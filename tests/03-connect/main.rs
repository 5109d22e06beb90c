//! Lesson 03: `connect` against listeners, dead ports, full queues and missing routes.

mod facts;
mod own_faults;
mod peers;
mod transcripts;

use tests::{Program, peer};

fn connect(address: impl ToString) -> Program {
    Program::of("connect").args([address.to_string()])
}

#[test]
fn without_an_argument_it_connects_to_its_own_practice_server() {
    let ended = Program::of("connect").run();
    ended.code(0);
    assert!(
        ended
            .stdout
            .starts_with("No address given: a practice server"),
        "{ended:?}"
    );
    assert!(
        ended.stdout.contains("\npeer address: 127.0.0.1:"),
        "{ended:?}"
    );
}

#[test]
fn it_prints_the_addresses_that_the_listener_sees() {
    let (address, server) = peer::serve_one(|stream| {
        let from = stream.peer_addr().expect("the client's address");
        (from, peer::read_to_end(&mut &stream))
    });
    let ended = connect(address).run();
    let (from, sent) = server.join().expect("the server ends");
    ended.code(0);
    assert!(
        ended.stdout.contains(&format!("own address:  {from}\n")),
        "{ended:?}"
    );
    assert!(
        ended.stdout.contains(&format!("peer address: {address}\n")),
        "{ended:?}"
    );
    assert!(sent.is_empty(), "it only connects, and then closes");
}

#[test]
fn it_connects_to_an_ipv6_address_in_brackets() {
    let Ok(listener) = std::net::TcpListener::bind("[::1]:0") else {
        tests::skip!("this machine has no IPv6 loopback");
    };
    let address = listener.local_addr().expect("its address");
    let ended = connect(address).run();
    ended.code(0);
    assert!(
        ended.stdout.contains(&format!("peer address: {address}\n")),
        "{ended:?}"
    );
}

#[test]
fn a_closed_port_is_two_lines_and_exit_code_1() {
    let ended = connect("127.0.0.1:1").run();
    ended.code(1);
    assert_eq!(
        ended.stderr,
        "error: cannot connect to 127.0.0.1:1: connection refused (ECONNREFUSED)\n\
         hint: nothing listens there; start a server first, or check the port\n"
    );
}

#[test]
fn help_says_what_it_does_with_an_example() {
    let ended = connect("--help").run();
    ended.code(0);
    assert!(
        ended
            .stdout
            .contains("example: cargo run -p connect -- example.com:80")
    );
}

#[test]
fn it_tries_every_address_until_one_answers() {
    // localhost has 127.0.0.1 everywhere, and ::1 too on many machines: whatever the
    // order, one address answers.
    let (listener, address) = peer::listener();
    let ended = connect(format!("localhost:{}", address.port())).run();
    ended.code(0);
    assert!(
        ended.stdout.contains(&format!("peer address: {address}\n")),
        "{ended:?}"
    );
    drop(listener);
}
