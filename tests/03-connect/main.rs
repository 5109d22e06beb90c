//! Lesson 03: `connect` against listeners, dead ports, full queues and missing routes.

mod facts;
mod transcripts;

use std::time::Duration;

use socket2::{Domain, Socket, Type};
use tests::{Program, peer, tool};

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
        return eprintln!("skipped: this machine has no IPv6 loopback");
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
fn a_wrong_argument_is_exit_code_2_and_says_what_to_type() {
    for wrong in ["nonsense", "127.0.0.1:70000", "127.0.0.1:", "::1", "--what"] {
        let ended = connect(wrong).run();
        ended.code(2).complained("");
        assert!(ended.stdout.is_empty(), "{ended:?}");
    }
    assert!(connect("nonsense").run().stderr.contains("localhost:8888"));
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
fn a_name_that_does_not_exist_is_told_in_the_resolvers_words() {
    let ended = connect("x.invalid:80").run();
    ended
        .code(1)
        .complained("cannot resolve x.invalid: the resolver says: ");
}

/// A listener whose queue is full: Linux drops further handshakes, as a firewall does.
#[cfg(target_os = "linux")]
fn full_listener() -> (Socket, Vec<std::net::TcpStream>, std::net::SocketAddr) {
    let listener = Socket::new(Domain::IPV4, Type::STREAM, None).expect("a socket");
    let any: std::net::SocketAddr = "127.0.0.1:0".parse().expect("an address");
    listener.bind(&any.into()).expect("a port");
    listener.listen(0).expect("a queue for one");
    let address = listener
        .local_addr()
        .expect("its address")
        .as_socket()
        .expect("IPv4");
    let queued = vec![peer::connect(address)];
    (listener, queued, address)
}

#[cfg(target_os = "linux")]
#[test]
fn where_nothing_answers_it_gives_up_after_the_timeout() {
    let (_listener, _queued, address) = full_listener();
    let ended = connect(address).args(["--timeout", "0.3"]).run();
    ended.code(1).complained("timed out (ETIMEDOUT)");
    assert!(ended.took >= Duration::from_millis(300), "{ended:?}");
}

#[cfg(target_os = "linux")]
#[test]
fn a_signal_in_the_middle_of_the_wait_does_not_break_it() {
    use nix::sys::signal::Signal::{SIGCONT, SIGSTOP};
    let (_listener, _queued, address) = full_listener();
    let mut running = connect(address).args(["--timeout", "0.5"]).start();
    // It sleeps in poll(2) as soon as its socket is in the state SYN_SENT.
    let syn_sent = 2;
    tests::until("the handshake has begun", || {
        let all = tests::kernel::tcp_sockets();
        all.iter()
            .any(|row| row.remote == address && row.state == syn_sent)
            .then_some(())
    });
    assert!(running.runs());
    running.signal(SIGSTOP);
    running.signal(SIGCONT);
    running.ends().code(1).complained("timed out (ETIMEDOUT)");
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

/// Whether this user may make namespaces of its own (user_namespaces(7)).
#[cfg(target_os = "linux")]
fn namespaces_are_allowed() -> bool {
    let allowed = tests::find_tool("unshare").is_some_and(|unshare| {
        Program::at(unshare).args(["-rnm", "true"]).run().code == Some(0)
    });
    if !allowed {
        eprintln!("skipped: this system does not allow namespaces");
    }
    allowed
}

/// A network namespace of its own, with no interface but a loopback that is down.
#[cfg(target_os = "linux")]
fn without_network(program: Program) -> Option<tests::Ended> {
    namespaces_are_allowed().then(|| program.through("unshare", ["-rn"]).run())
}

#[cfg(target_os = "linux")]
#[test]
fn without_a_route_the_network_is_unreachable() {
    let Some(ended) = without_network(connect("192.0.2.1:80")) else {
        return;
    };
    ended
        .code(1)
        .complained("network unreachable (ENETUNREACH)");
}

#[cfg(target_os = "linux")]
#[test]
fn a_host_that_a_route_rejects_is_unreachable() {
    let ip = tool!("ip");
    let script = format!(
        "{} route add unreachable 192.0.2.1 && exec \"$0\" \"$@\"",
        ip.display()
    );
    let program = connect("192.0.2.1:80").through("/bin/sh", ["-c".to_string(), script]);
    let Some(ended) = without_network(program) else {
        return;
    };
    ended.code(1).complained("host unreachable (EHOSTUNREACH)");
}

#[cfg(target_os = "linux")]
#[test]
fn a_socket_that_connects_to_itself_is_refused() {
    // In a namespace of its own with one single ephemeral port, the kernel must choose
    // the very port that is dialled: the simultaneous open of RFC 9293 section 3.5.
    let ip = tool!("ip");
    let script = format!(
        "{} link set lo up && echo 40000 40000 > /proc/sys/net/ipv4/ip_local_port_range \
         && exec \"$0\" \"$@\"",
        ip.display()
    );
    let program =
        connect("127.0.0.1:40000").through("/bin/sh", ["-c".to_string(), script]);
    let Some(ended) = without_network(program) else {
        return;
    };
    ended
        .code(1)
        .complained("connection refused (ECONNREFUSED)");
}

#[test]
fn a_closed_output_is_no_reason_to_panic() {
    let mut running = Program::of("connect").start_with_closed_output();
    running.close_keyboard();
    let ended = running.ends();
    ended.code(0);
    assert_eq!(ended.stderr, "");
}

#[cfg(target_os = "linux")]
#[test]
fn ctrl_c_ends_a_connect_that_waits() {
    let (_listener, _queued, address) = full_listener();
    let running = connect(address).start();
    tests::until("the handshake has begun", || {
        let all = tests::kernel::tcp_sockets();
        all.iter()
            .any(|row| row.remote == address && row.state == 2)
            .then_some(())
    });
    running.interrupt();
    let ended = running.ends();
    ended.code(0);
    assert!(ended.took < Duration::from_secs(2), "{ended:?}");
}
