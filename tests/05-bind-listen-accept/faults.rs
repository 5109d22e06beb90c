//! What the four programs survive, a test for each row of `tests/faults.md`.

#[cfg(target_os = "linux")]
use std::fs;
use std::io::{ErrorKind, Write};
use std::net::{Shutdown, SocketAddr, TcpListener};
use std::thread;
use std::time::{Duration, Instant};

use nix::sys::signal::Signal::{SIGCONT, SIGSTOP};
use tests::{ANSWER, Ended, Program, Running, kernel, no_way, peer};

use crate::{Server, client, server};

/// Hostile clients of a server: each is followed by one that behaves and must be served.
mod hostile {
    use super::*;

    pub fn closes_without_a_word(name: &'static str) {
        let mut server = Server::start(name);
        drop(server.client());
        server.serves_one();
    }

    pub fn resets_after_accept(name: &'static str) {
        let mut server = Server::start(name);
        peer::reset(server.client());
        server.serves_one();
    }

    pub fn resets_before_accept(name: &'static str) {
        let server = Server::start(name);
        // A stopped server accepts nobody; its kernel goes on answering for it.
        server.running.signal(SIGSTOP);
        comes_to_state(&server.running, 'T');
        peer::reset(peer::connect(server.address));
        server.running.signal(SIGCONT);
        server.serves_one();
    }

    pub fn is_silent(name: &'static str) {
        let mut server = Server::start_with(name, &["--timeout", "0.3"]);
        let _silent = server.client();
        server.running.line("nothing happened in time (EAGAIN)");
        server.serves_one();
    }
}

/// The address of a server whose output nobody reads.
#[cfg(target_os = "linux")]
fn listens_unseen(running: &Running) -> SocketAddr {
    tests::until("it listens", || kernel::listening(running.pid()).pop())
}

fn no_panic(ended: &Ended) {
    assert!(!ended.stderr.contains("panicked"), "{ended:?}");
}

/// Stops a program that waits in a call, and lets it go on: recv(2) with a timeout then
/// returns EINTR, signal(7).
fn is_stopped_and_goes_on(running: &Running) {
    // A SIGSTOP that was not noticed yet is taken back by SIGCONT: wait for each.
    comes_to_state(running, 'S');
    running.signal(SIGSTOP);
    comes_to_state(running, 'T');
    running.signal(SIGCONT);
    comes_to_state(running, 'S');
}

/// Waits until a program's first thread sleeps (S) or is stopped (T): proc_pid_stat(5).
#[cfg(target_os = "linux")]
fn comes_to_state(running: &Running, state: char) {
    let file = format!("/proc/{}/stat", running.pid());
    tests::until("the state", || {
        let text = fs::read_to_string(&file).ok()?;
        let (_, rest) = text.rsplit_once(") ")?;
        rest.starts_with(state).then_some(())
    });
}

#[cfg(not(target_os = "linux"))]
fn comes_to_state(_: &Running, _: char) {
    thread::sleep(Duration::from_millis(50)); // there is nobody to ask
}

/// Both signals, without clients and with one: it sees the end of its stream, the program
/// ends with 0 within a second, and the port is free at once.
fn ctrl_c_and_sigterm_end(name: &'static str) {
    for signal in ["SIGINT", "SIGTERM"] {
        for with_client in [false, true] {
            let mut server = Server::start(name);
            let mut client = with_client.then(|| server.client());
            if let (Some(client), "talk") = (&mut client, name) {
                // In the middle of the talk.
                peer::write(client, "hello\n");
                server.running.line("them: hello");
            }
            let start = Instant::now();
            server.running.signal(signal.parse().expect("a signal"));
            if let Some(mut client) = client {
                assert_eq!(peer::read_to_end(&mut client), b"");
            }
            let ended = server.running.ends();
            ended.code(0);
            assert!(
                start.elapsed() < Duration::from_secs(1),
                "{:?}",
                start.elapsed()
            );
            assert_eq!(ended.stderr, "");
            TcpListener::bind(server.address).expect("the port is free at once");
        }
    }
}

/// 10,000 clients that reset: what the process holds afterwards is what it held after the
/// first thousand.
#[cfg(target_os = "linux")]
fn ten_thousand_resets(name: &'static str) {
    let server = Server::start(name);
    let pid = server.running.pid();
    let reset_a_thousand = || {
        for _ in 0..100 {
            for _ in 0..9 {
                peer::reset(peer::connect(server.address));
            }
            // The tenth sees the end of its stream when it was its turn, so the queue never
            // overflows.
            let mut tenth = peer::connect(server.address);
            tenth.shutdown(Shutdown::Write).expect("it is open");
            assert_eq!(peer::read_to_end(&mut tenth), b"");
            peer::reset(tenth);
        }
    };
    let held = || (kernel::descriptors(pid), kernel::threads(pid));
    reset_a_thousand();
    let (before, memory) = (held(), kernel::resident_kib(pid));
    for _ in 1..10 {
        reset_a_thousand();
    }
    tests::until("as many descriptors and threads as before", || {
        (held() <= before).then_some(())
    });
    let grown = kernel::resident_kib(pid).saturating_sub(memory);
    assert!(
        grown < 1024,
        "{grown} KiB more than after the first thousand"
    );
    server.serves_one();
}

#[cfg(target_os = "linux")]
fn listens_on_loopback_only(name: &'static str) {
    // The default is port 8888, in a network of its own where nobody else has it.
    if !tests::namespace::allowed() {
        return;
    }
    let program = tests::namespace::around(Program::of(name), "ip link set lo up");
    let mut running = program.start();
    assert_eq!(running.address().to_string(), "127.0.0.1:8888");
    let expected: Vec<SocketAddr> = vec!["127.0.0.1:8888".parse().expect("an address")];
    assert_eq!(kernel::listening(running.pid()), expected);
}

fn wrong_arguments(name: &str) {
    for wrong in [
        "nonsense",
        "127.0.0.1:70000",
        "127.0.0.1:",
        "::1",
        "--what",
        "--timeout=0",
    ] {
        let ended = Program::of(name).args([wrong]).run();
        ended.code(2).complained("");
        assert_eq!(ended.stdout, "");
    }
    let ended = Program::of(name).args(["nonsense"]).run();
    assert!(ended.stderr.contains("localhost:8888"), "{ended:?}");
}

fn a_port_in_use(name: &str) {
    let (_holder, address) = peer::listener();
    let ended = client(name, address).run();
    let expected =
        format!("cannot listen on {address}: address already in use (EADDRINUSE)");
    ended.code(1).complained(&expected);
    assert!(ended.stderr.contains("ss -tlnp"), "{ended:?}");
    assert_eq!(ended.stdout, "");
}

mod bind_listen_accept {
    use super::*;

    const NAME: &str = "bind-listen-accept";

    #[test]
    fn a_peer_that_does_not_read_stops_nobody_else() {
        let mut server = Server::start(NAME);
        let mut client = server.client();
        peer::write(&mut client, "hello");
        // The answer waits in the client's kernel; the server does not wait for ever.
        server.running.ends_within(ANSWER).code(0);
        assert_eq!(peer::read_to_end(&mut client), b"Hello, client!\n");
    }

    #[test]
    fn an_interrupted_call_is_made_again() {
        let mut server = Server::start(NAME);
        let mut client = server.client();
        is_stopped_and_goes_on(&server.running);
        peer::write(&mut client, "hello");
        assert_eq!(peer::read_to_end(&mut client), b"Hello, client!\n");
        drop(client);
        server.running.ends().code(0);
    }

    #[test]
    fn a_peer_that_closed_ends_that_connection_only() {
        hostile::closes_without_a_word(NAME);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_closed_output_is_no_panic() {
        let running = server(NAME, &[]).start_with_closed_output();
        let mut client = peer::connect(listens_unseen(&running));
        peer::write(&mut client, "hello");
        assert_eq!(peer::read_to_end(&mut client), b"Hello, client!\n");
        drop(client);
        no_panic(running.ends().code(0));
    }

    #[test]
    fn a_reset_in_the_middle_ends_that_connection_only() {
        hostile::resets_after_accept(NAME);
    }

    #[test]
    fn a_reset_before_accept_is_survived() {
        hostile::resets_before_accept(NAME);
    }

    #[test]
    fn a_half_closed_peer_gets_its_answer() {
        let server = Server::start(NAME);
        let mut client = peer::connect(server.address);
        peer::write(&mut client, "hello");
        client.shutdown(Shutdown::Write).expect("it is open");
        assert_eq!(peer::read_to_end(&mut client), b"Hello, client!\n");
    }

    #[test]
    fn unread_input_does_not_cost_the_last_answer() {
        let server = Server::start(NAME);
        let mut client = peer::connect(server.address);
        // Far more than the one recv of the server takes.
        peer::write(&mut client, vec![b'x'; 1_000_000]);
        server.running.ends().code(0);
        assert_eq!(peer::read_to_end(&mut client), b"Hello, client!\n");
    }

    #[test]
    fn it_restarts_at_once_on_the_same_port() {
        restarts_on_the_same_port(NAME);
    }

    #[test]
    fn a_slow_or_idle_peer_stops_nobody_else() {
        hostile::is_silent(NAME);
    }

    #[test]
    fn an_endless_message_is_refused() {
        let server = Server::start(NAME);
        let mut client = peer::connect(server.address);
        let flood = thread::spawn(move || {
            let error = loop {
                if let Err(error) = client.write_all(&[b'x'; 64 * 1024]) {
                    break error;
                }
            };
            assert!(matches!(
                error.kind(),
                ErrorKind::ConnectionReset | ErrorKind::BrokenPipe
            ));
        });
        // It takes one recv, reads a second of the rest away, and goes.
        server.running.ends_within(ANSWER).code(0);
        flood.join().expect("the server has closed");
    }

    #[test]
    fn bytes_that_are_not_text_are_no_panic() {
        let shown = [
            (
                b"\xff\xf4\xff\xfd\x06".as_slice(),
                r#"it says: b"\xff\xf4\xff\xfd\x06""#,
            ),
            (b"caf\xc3", r#"it says: b"caf\xc3""#),
            (b"\x1b[2J\0\r\n", r#"it says: "\u{1b}[2J\0\r\n""#),
            ("grüß dich".as_bytes(), "it says: \"grüß dich\""),
        ];
        for (bytes, line) in shown {
            let mut server = Server::start(NAME);
            let mut client = peer::connect(server.address);
            peer::write(&mut client, bytes);
            server.running.line(line);
            assert_eq!(peer::read_to_end(&mut client), b"Hello, client!\n");
        }
    }

    #[test]
    fn a_name_that_does_not_exist_is_told() {
        no_way::unknown_name(|address| client(NAME, address));
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_scoped_address_is_understood() {
        no_way::scoped_listener(|address| client(NAME, address));
    }

    #[test]
    fn ctrl_c_and_sigterm_end_it_cleanly() {
        ctrl_c_and_sigterm_end(NAME);
    }

    #[test]
    fn a_peer_that_vanished_is_given_up() {
        // From here a peer that vanished looks like one that has nothing to say.
        hostile::is_silent(NAME);
    }

    #[test]
    fn a_wrong_argument_is_told() {
        wrong_arguments(NAME);
    }

    #[test]
    fn a_port_in_use_is_told() {
        a_port_in_use(NAME);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn ten_thousand_resets_leave_nothing_behind() {
        ten_thousand_resets(NAME);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn it_listens_on_loopback_only() {
        listens_on_loopback_only(NAME);
    }
}

/// The server closes first, so its end of the connection stays in TIME_WAIT.
fn restarts_on_the_same_port(name: &'static str) {
    let mut first = Server::start(name);
    let mut client = peer::connect(first.address);
    peer::write(&mut client, "hello\n");
    first.running.line("hello");
    first.running.close_keyboard();
    peer::read_to_end(&mut client);
    drop(client);
    first.running.ends().code(0);
    #[cfg(target_os = "linux")]
    tests::until("the old connection is in TIME_WAIT", || {
        let mut rows = kernel::tcp_sockets_on(first.address.port()).into_iter();
        rows.find(|row| row.state == kernel::TIME_WAIT)
    });
    Server::from(name, crate::client(name, first.address)).serves_one();
}

mod talk {
    use super::*;

    const NAME: &str = "talk";

    #[test]
    fn pieces_are_put_together() {
        let mut server = Server::start(NAME);
        let mut caller = server.client();
        peer::write_slowly(&mut caller, "hello there\n").expect("it is open");
        server.running.line("them: hello there");
        server.running.types("yes\n");
        assert_eq!(peer::read_line(&mut caller), "yes\n");
        // Three lines in one packet are three lines, each in its turn.
        peer::write(&mut caller, "one\ntwo\nthree\n");
        for line in ["one", "two", "three"] {
            server.running.line(&format!("them: {line}"));
            server.running.types(format!("{line}, yes\n"));
            assert_eq!(peer::read_line(&mut caller), format!("{line}, yes\n"));
        }
    }

    #[test]
    fn a_peer_that_does_not_read_stops_nobody_else() {
        let mut server = Server::start(NAME);
        let mut caller = server.client();
        peer::write(&mut caller, "hello\n");
        server.running.line("them: hello");
        server.running.types("I hear you\n");
        server.running.close_keyboard();
        peer::write(&mut caller, "do you?\n");
        server.running.ends_within(ANSWER).code(0);
        assert_eq!(peer::read_to_end(&mut caller), b"I hear you\n");
    }

    #[test]
    fn an_interrupted_call_is_made_again() {
        let mut server = Server::start(NAME);
        let mut caller = server.client();
        is_stopped_and_goes_on(&server.running);
        peer::write(&mut caller, "hello\n");
        server.running.line("them: hello");
        is_stopped_and_goes_on(&server.running);
        server.running.types("yes\n");
        assert_eq!(peer::read_line(&mut caller), "yes\n");
    }

    #[test]
    fn a_peer_that_closed_ends_that_connection_only() {
        hostile::closes_without_a_word(NAME);
        // And while it is our turn: we type, and then we hear of it.
        let mut server = Server::start(NAME);
        let mut caller = server.client();
        peer::write(&mut caller, "hello\n");
        server.running.line("them: hello");
        drop(caller);
        server.running.types("are you there?\n");
        server.running.line("They hung up.");
        server.running.ends().code(0);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_closed_output_is_no_panic() {
        let mut running = server(NAME, &[]).start_with_closed_output();
        running.types("yes\n");
        let mut caller = peer::connect(listens_unseen(&running));
        peer::write(&mut caller, "hello\n");
        assert_eq!(peer::read_line(&mut caller), "yes\n");
        drop(caller);
        no_panic(running.ends().code(0));
    }

    #[test]
    fn a_reset_in_the_middle_ends_that_connection_only() {
        hostile::resets_after_accept(NAME);
        // And in the middle of the talk, while it is our turn.
        let mut server = Server::start(NAME);
        let mut caller = server.client();
        peer::write(&mut caller, "hello\n");
        server.running.line("them: hello");
        peer::reset(caller);
        server.running.types("yes\n");
        server.running.line("next caller, please");
        server.serves_one();
    }

    #[test]
    fn a_reset_before_accept_is_survived() {
        hostile::resets_before_accept(NAME);
    }

    #[test]
    fn a_half_closed_peer_gets_its_answer() {
        let mut server = Server::start(NAME);
        let mut caller = server.client();
        peer::write(&mut caller, "hello\n");
        caller.shutdown(Shutdown::Write).expect("it is open");
        server.running.line("them: hello");
        server.running.types("yes\n");
        assert_eq!(peer::read_to_end(&mut caller), b"yes\n");
        drop(caller);
        server.running.line("They hung up.");
        server.running.ends().code(0);
    }

    #[test]
    fn unread_input_does_not_cost_the_last_answer() {
        let mut server = Server::start(NAME);
        let mut caller = server.client();
        peer::write(&mut caller, "hello\n");
        server.running.line("them: hello");
        // Far more than the reader takes at once, and the keyboard ends after a line.
        peer::write(&mut caller, "and?\n".repeat(20_000));
        server.running.types("goodbye\n");
        server.running.close_keyboard();
        assert_eq!(peer::read_to_end(&mut caller), b"goodbye\n");
        drop(caller);
        server.running.ends().code(0);
    }

    #[test]
    fn it_restarts_at_once_on_the_same_port() {
        restarts_on_the_same_port(NAME);
    }

    #[test]
    fn a_slow_or_idle_peer_stops_nobody_else() {
        hostile::is_silent(NAME);
    }

    #[test]
    fn the_end_in_the_middle_of_a_message_is_told() {
        let mut server = Server::start(NAME);
        let mut caller = server.client();
        peer::write(&mut caller, "hel");
        drop(caller);
        server.running.line("them: hel (the line has no end)");
    }

    #[test]
    fn bytes_that_are_not_text_are_no_panic() {
        let mut server = Server::start(NAME);
        let mut caller = server.client();
        peer::write(&mut caller, b"\xff\xf4\xff\xfd\x06\x1b[2J caf\xc3\r\n");
        server
            .running
            .line("them: \u{fffd}\u{fffd}\u{fffd}\u{fffd}??[2J caf\u{fffd}");
        // A character that arrives in two pieces is one character.
        server.running.types("yes\n");
        assert_eq!(peer::read_line(&mut caller), "yes\n");
        peer::write_slowly(&mut caller, "é\n").expect("it is open");
        server.running.line("them: é");
    }

    #[test]
    fn a_name_that_does_not_exist_is_told() {
        no_way::unknown_name(|address| client(NAME, address));
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_scoped_address_is_understood() {
        no_way::scoped_listener(|address| client(NAME, address));
    }

    #[test]
    fn ctrl_c_and_sigterm_end_it_cleanly() {
        ctrl_c_and_sigterm_end(NAME);
    }

    #[test]
    fn a_peer_that_vanished_is_given_up() {
        let mut server = Server::start_with(NAME, &["--timeout", "0.3"]);
        let mut caller = server.client();
        peer::write(&mut caller, "hello\n");
        server.running.line("them: hello");
        server.running.types("yes\n");
        // Nothing comes any more, not even an end.
        server
            .running
            .line("nothing happened in time (EAGAIN); next caller, please");
        server.serves_one();
    }

    #[test]
    fn a_wrong_argument_is_told() {
        wrong_arguments(NAME);
    }

    #[test]
    fn a_port_in_use_is_told() {
        a_port_in_use(NAME);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn ten_thousand_resets_leave_nothing_behind() {
        ten_thousand_resets(NAME);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn it_listens_on_loopback_only() {
        listens_on_loopback_only(NAME);
    }
}

mod bind_listen_accept_client {
    use super::*;

    const NAME: &str = "bind-listen-accept-client";

    /// What becomes of the client, when the server does this to it.
    fn with_server(serve: impl FnOnce(std::net::TcpStream) + Send + 'static) -> Ended {
        let (address, server) = peer::serve_one(serve);
        let ended = client(NAME, address).args(["--timeout", "2"]).run();
        server.join().expect("the server ends");
        no_panic(&ended);
        ended
    }

    #[test]
    fn pieces_are_put_together() {
        let ended = with_server(|mut stream| {
            assert_eq!(peer::read_line(&mut stream), "Hello, server!\n");
            peer::write_slowly(&mut stream, "Hello, client!\n").expect("it is open");
        });
        ended.code(0);
        assert!(
            ended.stdout.ends_with("it says: \"Hello, client!\\n\"\n"),
            "{ended:?}"
        );
    }

    #[test]
    fn an_interrupted_call_is_made_again() {
        let (listener, address) = peer::listener();
        let running = client(NAME, address).start();
        let (mut stream, _) = listener.accept().expect("the client");
        assert_eq!(peer::read_line(&mut stream), "Hello, server!\n");
        is_stopped_and_goes_on(&running);
        peer::write(&mut stream, "Hello, client!\n");
        running.ends().code(0);
    }

    #[test]
    fn a_peer_that_closed_ends_that_connection_only() {
        let ended = with_server(|mut stream| {
            peer::read_line(&mut stream);
        });
        ended.code(1).complained("it closed and said nothing");
    }

    #[test]
    fn a_closed_output_is_no_panic() {
        let ended = Program::of(NAME).start_with_closed_output().ends();
        ended.code(0);
        assert_eq!(ended.stderr, "");
    }

    #[test]
    fn a_reset_in_the_middle_ends_that_connection_only() {
        let ended = with_server(|mut stream| {
            peer::read_line(&mut stream);
            peer::write(&mut stream, "Hello, cl");
            peer::reset(stream);
        });
        ended
            .code(1)
            .complained("connection reset by the peer (ECONNRESET)");
    }

    #[test]
    fn the_end_in_the_middle_of_a_message_is_told() {
        let ended = with_server(|mut stream| {
            peer::read_line(&mut stream);
            peer::write(&mut stream, "Hello, cli");
        });
        ended.code(0);
        let line = "it says: \"Hello, cli\" (the line has no end)\n";
        assert!(ended.stdout.ends_with(line), "{ended:?}");
    }

    #[test]
    fn bytes_that_are_not_text_are_no_panic() {
        let ended = with_server(|mut stream| {
            peer::read_line(&mut stream);
            peer::write(&mut stream, b"\xff\x1b[2J\n");
        });
        ended.code(0);
        assert!(
            ended
                .stdout
                .ends_with("it says: \"\u{fffd}\\u{1b}[2J\\n\"\n"),
            "{ended:?}"
        );
    }

    #[test]
    fn a_dead_port_is_told() {
        no_way::closed_port(|address| client(NAME, address));
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_full_queue_is_told_after_the_timeout() {
        no_way::full_queue(|address| client(NAME, address).args(["--timeout", "0.3"]));
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn unreachable_places_are_told_apart() {
        no_way::unreachable(|address| client(NAME, address));
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_connection_to_itself_is_refused() {
        no_way::to_itself(|address| client(NAME, address));
    }

    #[test]
    fn a_name_that_does_not_exist_is_told() {
        no_way::unknown_name(|address| client(NAME, address));
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_scoped_address_is_understood() {
        no_way::scoped(|address| client(NAME, address));
    }

    #[test]
    fn ctrl_c_and_sigterm_end_it_cleanly() {
        for signal in ["SIGINT", "SIGTERM"] {
            let (listener, address) = peer::listener();
            let running = client(NAME, address).start();
            let (mut stream, _) = listener.accept().expect("the client");
            assert_eq!(peer::read_line(&mut stream), "Hello, server!\n");
            running.signal(signal.parse().expect("a signal"));
            assert_eq!(peer::read_to_end(&mut stream), b"");
            running.ends_within(Duration::from_secs(1)).code(0);
        }
    }

    #[test]
    fn a_peer_that_vanished_is_given_up() {
        let (_listener, address) = peer::listener();
        let ended = client(NAME, address).args(["--timeout", "0.3"]).run();
        ended
            .code(1)
            .complained("nothing happened in time (EAGAIN)");
    }

    #[test]
    fn a_wrong_argument_is_told() {
        wrong_arguments(NAME);
    }
}

mod talk_client {
    use super::*;

    const NAME: &str = "talk-client";

    /// The client, and the stream on which it talks.
    fn on_the_line(options: &[&str]) -> (Running, std::net::TcpStream) {
        let (listener, address) = peer::listener();
        let running = client(NAME, address).args(options).start();
        let (stream, _) = listener.accept().expect("the client");
        (running, peer::with_deadlines(stream))
    }

    #[test]
    fn pieces_are_put_together() {
        let (mut running, mut stream) = on_the_line(&[]);
        running.types("hello\n");
        assert_eq!(peer::read_line(&mut stream), "hello\n");
        peer::write_slowly(&mut stream, "yes, é\n").expect("it is open");
        running.line("them: yes, é");
        // Two lines in one packet: the second waits for its turn.
        running.types("how are you?\n");
        peer::write(&mut stream, "well\nand you?\n");
        running.line("them: well");
        running.types("well, too\n");
        running.line("them: and you?");
    }

    #[test]
    fn an_interrupted_call_is_made_again() {
        let (mut running, mut stream) = on_the_line(&[]);
        running.types("hello\n");
        assert_eq!(peer::read_line(&mut stream), "hello\n");
        is_stopped_and_goes_on(&running);
        peer::write(&mut stream, "yes\n");
        running.line("them: yes");
    }

    #[test]
    fn a_peer_that_closed_ends_that_connection_only() {
        let (mut running, stream) = on_the_line(&[]);
        drop(stream);
        running.types("are you there?\n");
        running.line("They hung up.");
        no_panic(running.ends().code(0));
    }

    #[test]
    fn a_closed_output_is_no_panic() {
        let mut running = Program::of(NAME).start_with_closed_output();
        running.types("hello\n");
        running.close_keyboard();
        let ended = running.ends();
        ended.code(0);
        assert_eq!(ended.stderr, "");
    }

    #[test]
    fn a_reset_in_the_middle_ends_that_connection_only() {
        let (mut running, mut stream) = on_the_line(&[]);
        running.types("hello\n");
        assert_eq!(peer::read_line(&mut stream), "hello\n");
        peer::reset(stream);
        running
            .ends()
            .code(1)
            .complained("connection reset by the peer (ECONNRESET)");
    }

    #[test]
    fn a_half_closed_peer_gets_its_answer() {
        let (mut running, mut stream) = on_the_line(&[]);
        running.types("hello\n");
        peer::write(&mut stream, "yes\n");
        stream.shutdown(Shutdown::Write).expect("it is open");
        running.line("them: yes");
        running.types("and now?\n");
        assert_eq!(peer::read_to_end(&mut stream), b"hello\nand now?\n");
        drop(stream);
        running.line("They hung up.");
        running.ends().code(0);
    }

    #[test]
    fn unread_input_does_not_cost_the_last_answer() {
        let (mut running, mut stream) = on_the_line(&[]);
        peer::write(&mut stream, vec![b'\n'; 100_000]);
        running.types("the last word");
        running.close_keyboard();
        running.line("them: ");
        assert_eq!(peer::read_to_end(&mut stream), b"the last word\n");
        drop(stream);
        running.ends().code(0);
    }

    #[test]
    fn the_end_in_the_middle_of_a_message_is_told() {
        let (mut running, mut stream) = on_the_line(&[]);
        running.types("hello\n");
        assert_eq!(peer::read_line(&mut stream), "hello\n");
        peer::write(&mut stream, "hel");
        drop(stream);
        running.line("them: hel (the line has no end)");
    }

    #[test]
    fn bytes_that_are_not_text_are_no_panic() {
        let (mut running, mut stream) = on_the_line(&[]);
        running.types(b"\xff\n");
        assert_eq!(peer::read_bytes(&mut stream, 2), b"\xff\n");
        peer::write(&mut stream, b"\xff\x1b[2J\n");
        running.line("them: \u{fffd}?[2J");
    }

    #[test]
    fn a_dead_port_is_told() {
        no_way::closed_port(|address| client(NAME, address));
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_full_queue_is_told_after_the_timeout() {
        no_way::full_queue(|address| client(NAME, address).args(["--timeout", "0.3"]));
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn unreachable_places_are_told_apart() {
        no_way::unreachable(|address| client(NAME, address));
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_connection_to_itself_is_refused() {
        no_way::to_itself(|address| client(NAME, address));
    }

    #[test]
    fn a_name_that_does_not_exist_is_told() {
        no_way::unknown_name(|address| client(NAME, address));
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_scoped_address_is_understood() {
        no_way::scoped(|address| client(NAME, address));
    }

    #[test]
    fn ctrl_c_and_sigterm_end_it_cleanly() {
        for signal in ["SIGINT", "SIGTERM"] {
            let (running, mut stream) = on_the_line(&[]);
            running.signal(signal.parse().expect("a signal"));
            assert_eq!(peer::read_to_end(&mut stream), b"");
            running.ends_within(Duration::from_secs(1)).code(0);
        }
    }

    #[test]
    fn a_peer_that_vanished_is_given_up() {
        let (mut running, _stream) = on_the_line(&["--timeout", "0.3"]);
        running.types("are you there?\n");
        running
            .ends()
            .code(1)
            .complained("nothing happened in time (EAGAIN)");
    }

    #[test]
    fn a_wrong_argument_is_told() {
        wrong_arguments(NAME);
    }
}
