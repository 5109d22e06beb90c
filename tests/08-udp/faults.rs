//! What the three programs survive, a test for each row of `tests/faults.md`.

use std::net::UdpSocket;
use std::thread;
use std::time::Duration;

use nix::sys::signal::Signal::{SIGCONT, SIGINT, SIGSTOP, SIGTERM};
#[cfg(target_os = "linux")]
use tests::namespace;
use tests::{Program, Running, kernel, tool};

use crate::{
    Server, address_of, answer, answer_to, client, dead_port, has_nothing, receive,
    serve, server, socket, typed,
};

/// The program with these calls made to fail by the kernel's tracing: not run, but
/// answered with an error.
#[cfg(target_os = "linux")]
fn with_failing(strace: &std::path::Path, program: Program, inject: &[&str]) -> Program {
    let mut options: Vec<String> = ["-f", "-qq", "-o", "/dev/null", "-e"]
        .map(str::to_string)
        .into();
    options.push("trace=recvfrom,sendto".to_string());
    for rule in inject {
        options.extend(["-e".to_string(), format!("inject={rule}")]);
    }
    program.through(strace, options)
}

/// recv(2) with a timeout returns EINTR when a stopped program goes on, signal(7).
fn is_stopped_and_goes_on(running: &Running) {
    for _ in 0..3 {
        running.signal(SIGSTOP);
        running.signal(SIGCONT);
    }
}

mod udp {
    use super::*;

    #[test]
    fn a_peer_that_does_not_read_stops_nobody_else() {
        let server = Server::start();
        let deaf = socket();
        // Its queue is full after some hundred answers. The server does not notice.
        for _ in 0..50 {
            for _ in 0..40 {
                deaf.send_to(&[b'x'; 1000], server.address).expect("sent");
            }
            assert_eq!(answer(server.address, b"hello"), b"HELLO");
        }
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn an_interrupted_call_is_made_again() {
        let strace = tool!("strace");
        let rules = [
            "recvfrom:error=EINTR:when=1..3",
            "sendto:error=EINTR:when=1..3",
        ];
        let server = Server::from(with_failing(&strace, server(), &rules));
        assert_eq!(answer(server.address, b"hello"), b"HELLO");
        let server = Server::start();
        is_stopped_and_goes_on(&server.running);
        assert_eq!(answer(server.address, b"hello"), b"HELLO");
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_closed_output_is_no_panic() {
        let running = server().start_with_closed_output();
        let address =
            tests::until("it listens", || kernel::listening(running.pid()).pop());
        for _ in 0..3 {
            assert_eq!(answer(address, b"hello"), b"HELLO");
        }
        running.interrupt();
        let ended = running.ends();
        ended.code(0);
        assert_eq!(ended.stderr, "");
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn it_restarts_at_once_on_the_same_port() {
        // On an address of its own, so that no other test takes the port in between.
        let program = |port| Program::of("udp").args([format!("127.0.8.2:{port}")]);
        let first = Server::from(program(0));
        let address = first.address;
        assert_eq!(answer(address, b"one"), b"ONE");
        first.running.interrupt();
        first.running.ends().code(0);
        let second = Server::from(program(address.port()));
        assert_eq!(second.address, address);
        assert_eq!(answer(address, b"two"), b"TWO");
    }

    #[test]
    fn bytes_that_are_not_text_are_no_panic() {
        let server = Server::start();
        let bytes = b"\xff\xf4\xff\xfd\x06\0\xc3a";
        assert_eq!(
            answer(server.address, bytes),
            b"\xff\xf4\xff\xfd\x06\0\xc3A"
        );
    }

    #[test]
    fn an_empty_datagram_is_a_datagram() {
        let mut server = Server::start();
        assert_eq!(answer(server.address, b""), b"");
        server.running.line("sent 0 bytes");
        assert_eq!(answer(server.address, b"more"), b"MORE");
    }

    #[test]
    fn a_truncated_datagram_is_told() {
        // By a buffer into which the longest datagram fits: nothing is cut off.
        let server = Server::start();
        let longest = vec![b'x'; 65_507];
        assert!(answer(server.address, &longest) == longest.to_ascii_uppercase());
    }

    #[test]
    fn lost_and_doubled_datagrams_are_survived() {
        // The server remembers nothing: a doubled request has two answers, the same.
        let server = Server::start();
        let client = socket();
        for _ in 0..2 {
            client.send_to(b"twice", server.address).expect("sent");
        }
        for _ in 0..2 {
            assert_eq!(receive(&client).0, b"TWICE");
        }
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_dead_port_is_told() {
        // The sender has gone before the answer: the server hears of it at most, and
        // whatever send or recv return because of it ends nothing.
        let alone = Server::start();
        let client = socket(); // before the others, so that it gets none of their ports
        for _ in 0..100 {
            socket().send_to(b"gone", alone.address).expect("sent");
        }
        assert_eq!(answer_to(&client, alone.address, b"hello"), b"HELLO");
        let strace = tool!("strace");
        for (errno, told) in [
            ("ECONNREFUSED", "connection refused (ECONNREFUSED)"),
            ("EPERM", "operation not permitted (EPERM)"),
            ("EMSGSIZE", "message too long (EMSGSIZE)"),
            ("ENOBUFS", "no buffer space available (ENOBUFS)"),
            ("EHOSTUNREACH", "host unreachable (EHOSTUNREACH)"),
        ] {
            let rules = [
                "recvfrom:error=ECONNREFUSED:when=1",
                &format!("sendto:error={errno}:when=1"),
            ];
            let server = Server::from(with_failing(&strace, server(), &rules));
            let unlucky = socket();
            unlucky.send_to(b"hello", server.address).expect("sent");
            let told = format!("cannot answer {}: {told}", address_of(&unlucky));
            server.running.complains(&told);
            assert_eq!(answer(server.address, b"hello"), b"HELLO");
        }
    }

    #[test]
    fn a_stranger_is_not_believed() {
        // One socket for all: an answer goes to the one who asked, and to no other.
        let server = Server::start();
        let (one, other) = (socket(), socket());
        one.send_to(b"one", server.address).expect("sent");
        assert_eq!(receive(&one), (b"ONE".to_vec(), server.address));
        assert!(has_nothing(&other));
        assert!(has_nothing(&one));
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn ctrl_c_and_sigterm_end_it_cleanly() {
        for signal in [SIGINT, SIGTERM] {
            for with_client in [false, true] {
                let server = Server::from(Program::of("udp").args(["127.0.8.3:0"]));
                if with_client {
                    assert_eq!(answer(server.address, b"hello"), b"HELLO");
                }
                server.running.signal(signal);
                let ended = server.running.ends_within(Duration::from_secs(1));
                ended.code(0);
                assert_eq!(ended.stderr, "");
                UdpSocket::bind(server.address).expect("the port is free at once");
            }
        }
    }

    #[test]
    fn a_wrong_argument_is_told() {
        for wrong in ["nonsense", "127.0.0.1:70000", "::1", "--what"] {
            let ended = Program::of("udp").args([wrong]).run();
            ended.code(2).complained("");
            assert!(ended.stdout.is_empty(), "{ended:?}");
        }
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_scoped_address_is_understood() {
        tests::no_way::scoped_listener(|address| Program::of("udp").args([address]));
    }

    #[test]
    fn a_port_in_use_is_told() {
        for shared in [false, true] {
            let holder =
                socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::DGRAM, None)
                    .expect("a socket");
            // Also where the other one would share it, we do not take its datagrams.
            holder.set_reuse_address(shared).expect("SO_REUSEADDR");
            let any = std::net::SocketAddr::from(([127, 0, 0, 1], 0));
            holder.bind(&any.into()).expect("a port");
            let address = address_of(&UdpSocket::from(holder.try_clone().expect("dup")));
            let ended = Program::of("udp").args([address.to_string()]).run();
            ended.code(1).complained(&format!(
                "cannot listen on {address}: address already in use (EADDRINUSE)"
            ));
            assert!(ended.stderr.contains("`ss -ulnp`"), "{ended:?}");
        }
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn ten_thousand_resets_leave_nothing_behind() {
        // UDP has no reset: ten thousand clients that are gone before their answer.
        let server = Server::start();
        let pid = server.running.pid();
        let client = socket(); // before the others, so that it gets none of their ports
        let rounds = |count| {
            for _ in 0..count {
                for _ in 0..20 {
                    socket().send_to(&[b'x'; 50], server.address).expect("sent");
                }
                assert_eq!(answer_to(&client, server.address, b"hello"), b"HELLO");
            }
        };
        rounds(50);
        let before = (kernel::descriptors(pid), kernel::threads(pid));
        let memory = kernel::resident_kib(pid);
        rounds(450);
        assert_eq!((kernel::descriptors(pid), kernel::threads(pid)), before);
        let grown = kernel::resident_kib(pid).saturating_sub(memory);
        assert!(grown < 512, "{grown} KiB more");
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn it_listens_on_loopback_only() {
        if !namespace::allowed() {
            return;
        }
        // Without an argument: in a network of its own, where port 9000 is free.
        let program = namespace::around(Program::of("udp"), "ip link set lo up");
        let server = Server::from(program);
        let all = kernel::listening(server.running.pid());
        assert_eq!(all, [server.address]);
        assert!(server.address.ip().is_loopback());
    }
}

mod udp_client {
    use super::*;

    #[cfg(target_os = "linux")]
    #[test]
    fn an_interrupted_call_is_made_again() {
        let strace = tool!("strace");
        let server = Server::start();
        // The first recvfrom only looks for what is late; the next ones wait.
        let rules = [
            "recvfrom:error=EINTR:when=2..4",
            "sendto:error=EINTR:when=1",
        ];
        let program = client(server.address).args(["--timeout", "0.3", "--tries", "9"]);
        let ended = typed(with_failing(&strace, program, &rules), "hello\n");
        ended.code(0);
        assert!(ended.stdout.ends_with("\nHELLO\n"), "{ended:?}");

        // And where it is really interrupted, the timeout is no longer for it.
        let silent = socket();
        let address = address_of(&silent);
        let mut running = client(address).args(["--timeout", "0.5"]).start();
        running.types("hello\n");
        receive(&silent);
        is_stopped_and_goes_on(&running);
        running.ends().code(1).complained("timed out (ETIMEDOUT)");
    }

    #[test]
    fn a_closed_output_is_no_panic() {
        let server = Server::start();
        let mut running = client(server.address).start_with_closed_output();
        running.types("one\ntwo\n");
        running.close_keyboard();
        let ended = running.ends();
        ended.code(0);
        assert_eq!(ended.stderr, "");
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn an_endless_message_is_refused() {
        // On the keyboard: a line without an end fits into no datagram.
        let server = Server::start();
        let mut running = client(server.address).start();
        running.types(vec![b'x'; 10_000_000]);
        let ended = running.ends();
        ended.code(1).complained("message too long (EMSGSIZE)");
        assert!(ended.stderr.contains("65,507 bytes"), "{ended:?}");
    }

    #[test]
    fn bytes_that_are_not_text_are_no_panic() {
        let server = Server::start();
        let ended = typed(client(server.address), b"\xffa\0\xc3\n");
        ended.code(0);
        assert!(
            ended.stdout.ends_with("\n\u{fffd}A\0\u{fffd}\n"),
            "{ended:?}"
        );
    }

    #[test]
    fn an_empty_datagram_is_a_datagram() {
        let server = Server::start();
        let ended = typed(client(server.address), "one\n\ntwo\n");
        ended.code(0);
        assert!(ended.stdout.ends_with("\nONE\n\nTWO\n"), "{ended:?}");
    }

    #[test]
    fn a_truncated_datagram_is_told() {
        let server = Server::start();
        for (buffer, shown) in [
            ("4", "\nHELL\n[cut off: it was longer than 4 bytes"),
            ("0", "\n\n[cut off: it was longer than 0 bytes"),
        ] {
            let program = client(server.address).args(["--buffer", buffer]);
            let ended = typed(program, "hello\n");
            ended.code(0);
            assert!(ended.stdout.contains(shown), "{ended:?}");
        }
        let program = client(server.address).args(["--buffer", "5"]);
        let ended = typed(program, "hello\n");
        assert!(ended.stdout.ends_with("\nHELLO\n"), "it fits: {ended:?}");
    }

    /// What a bad network does to each datagram, in turn.
    fn bad_network(
        number: usize,
        held: &mut Vec<Vec<u8>>,
        datagram: &[u8],
    ) -> Vec<Vec<u8>> {
        let datagram = datagram.to_vec();
        match number % 5 {
            0 => Vec::new(),                       // it is lost
            1 => vec![datagram.clone(), datagram], // it comes twice
            2 => {
                held.push(datagram); // it is held up, and comes after the next one
                Vec::new()
            }
            _ => [vec![datagram], std::mem::take(held)].concat(),
        }
    }

    /// A relay between the client and a server, which loses, doubles and holds up
    /// datagrams in both directions.
    fn relay(server: std::net::SocketAddr) -> std::net::SocketAddr {
        let (front, back) = (socket(), socket());
        let address = address_of(&front);
        thread::spawn(move || {
            let (mut to_server, mut to_client) = (Vec::new(), Vec::new());
            for number in 0.. {
                let (request, client) = receive(&front);
                for datagram in bad_network(number, &mut to_server, &request) {
                    back.send_to(&datagram, server).expect("sent");
                    let (answer, _) = receive(&back);
                    for datagram in bad_network(number / 2, &mut to_client, &answer) {
                        front.send_to(&datagram, client).expect("sent");
                    }
                }
            }
        });
        address
    }

    #[test]
    fn lost_and_doubled_datagrams_are_survived() {
        let server = Server::start();
        let program =
            client(relay(server.address)).args(["--timeout", "0.1", "--tries", "99"]);
        let lines: Vec<_> = (0..15).map(|number| format!("line {number}")).collect();
        let ended = typed(program, lines.join("\n"));
        ended.code(0);
        let answers = ended.stdout.lines().skip(1);
        let answers: Vec<_> = answers.filter(|line| !line.starts_with('[')).collect();
        let expected: Vec<_> = lines.iter().map(|line| line.to_uppercase()).collect();
        assert_eq!(answers, expected, "{ended:?}");
        assert!(ended.stdout.contains("[no answer in 100ms; try 2 of 99]"));

        // An answer that comes twice is not taken for the answer to the next line, be it
        // early or late.
        let (address, server) = serve(|socket| {
            let (_, sender) = receive(&socket);
            let send = |answer: &[u8]| socket.send_to(answer, sender).expect("sent");
            send(b"ONE");
            send(b"ONE");
            let (two, _) = receive(&socket);
            send(b"ONE");
            send(b"TWO");
            two
        });
        let ended = typed(client(address), "one\ntwo\n");
        ended.code(0);
        assert_eq!(server.join().expect("two came"), b"two");
        assert!(ended.stdout.contains("\nONE\n"), "{ended:?}");
        assert!(
            ended
                .stdout
                .contains("[3 bytes that do not answer this line]")
        );
        assert!(ended.stdout.ends_with("\nTWO\n"), "{ended:?}");
    }

    #[test]
    fn a_dead_port_is_told() {
        let address = dead_port();
        let ended = typed(client(address).args(["--timeout", "20"]), "hello\n");
        ended.code(1).complained(&format!(
            "cannot ask {address}: connection refused (ECONNREFUSED)"
        ));
        let at_once = Duration::from_secs(10);
        assert!(ended.took < at_once, "it waited, though it was told");
    }

    #[test]
    fn a_stranger_is_not_believed() {
        let (address, server) = serve(|server| {
            let (_, asker) = receive(&server);
            // It would pass as an answer, and it is the first one to come.
            socket().send_to(b"HeLLo", asker).expect("sent");
            server.send_to(b"HELLO", asker).expect("sent");
        });
        let ended = typed(client(address), "hello\n");
        ended.code(0);
        server.join().expect("both were sent");
        assert!(!ended.stdout.contains("HeLLo"), "{ended:?}");
        assert!(ended.stdout.ends_with("\nHELLO\n"), "{ended:?}");
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn unreachable_places_are_told_apart() {
        if !namespace::allowed() {
            return;
        }
        for (setup, error) in [
            ("", "network unreachable (ENETUNREACH)"),
            (
                "ip route add unreachable 192.0.2.1",
                "host unreachable (EHOSTUNREACH)",
            ),
        ] {
            let program = namespace::around(client("192.0.2.1:9000"), setup);
            let ended = typed(program, "hello\n");
            let told = format!("cannot ask 192.0.2.1:9000: {error}");
            ended.code(1).complained(&told);
        }
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_connection_to_itself_is_refused() {
        if !namespace::allowed() {
            return;
        }
        // With one single port to choose from, the kernel gives us the one that we ask.
        let setup = "ip link set lo up
            echo 40000 40000 > /proc/sys/net/ipv4/ip_local_port_range";
        let program = namespace::around(client("127.0.0.1:40000"), setup);
        let ended = typed(program, "hello\n");
        ended
            .code(1)
            .complained("connection refused (ECONNREFUSED)");
        assert!(!ended.stdout.contains("hello"), "{ended:?}");
    }

    #[test]
    fn a_name_that_does_not_exist_is_told() {
        let ended = typed(client("x.invalid:9000"), "hello\n");
        ended
            .code(1)
            .complained("cannot resolve x.invalid: the resolver says: ");
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_scoped_address_is_understood() {
        if !namespace::allowed() || UdpSocket::bind("[::1]:0").is_err() {
            tests::skip!("this system has no IPv6 or no namespaces");
        }
        for (address, told) in [
            ("[fe80::1%card0]:9000", "connection refused (ECONNREFUSED)"),
            ("[fe80::1]:9000", "(EINVAL)"),
        ] {
            let ended = typed(
                namespace::around(client(address), namespace::LINK_LOCAL),
                "hello\n",
            );
            ended.code(1).complained(told);
        }
    }

    #[test]
    fn ctrl_c_and_sigterm_end_it_cleanly() {
        for signal in [SIGINT, SIGTERM] {
            for waits in [false, true] {
                let silent = socket();
                let program = client(address_of(&silent)).args(["--timeout", "20"]);
                let mut running = program.start();
                running.line("Ctrl+D ends");
                if waits {
                    running.types("hello\n");
                    receive(&silent);
                }
                running.signal(signal);
                let ended = running.ends_within(Duration::from_secs(1));
                ended.code(0);
                assert_eq!(ended.stderr, "");
            }
        }
    }

    #[test]
    fn a_peer_that_vanished_is_given_up() {
        // It answers one line, and then no more, and nobody says that it has gone.
        let (address, server) = serve(|socket| {
            let (_, sender) = receive(&socket);
            socket.send_to(b"ONE", sender).expect("sent");
            socket
        });
        let program = client(address).args(["--timeout", "0.3", "--tries", "2"]);
        let ended = typed(program, "one\ntwo\n");
        let _keeps_the_port = server.join().expect("the first was answered");
        ended.code(1).complained("timed out (ETIMEDOUT)");
        assert!(
            ended
                .stdout
                .contains("\nONE\n[no answer in 300ms; try 2 of 2]\n")
        );
    }

    #[test]
    fn a_wrong_argument_is_told() {
        for wrong in [
            "nonsense",
            "127.0.0.1:70000",
            "--timeout=0",
            "--tries=0",
            "--tries=256",
            "--buffer=-1",
            "--buffer=65536",
            "--what",
        ] {
            let ended = Program::of("udp-client").args([wrong]).run();
            ended.code(2).complained("");
            assert!(ended.stdout.is_empty(), "{ended:?}");
        }
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn it_listens_on_loopback_only() {
        // Its practice server, too.
        let mut running = Program::of("udp-client").start();
        running.line("Ctrl+D ends");
        let all = kernel::listening(running.pid());
        assert_eq!(all.len(), 2, "{all:?}");
        assert!(all.iter().all(|one| one.ip().is_loopback()), "{all:?}");
    }
}

mod tcp_and_udp {
    use super::*;

    #[test]
    fn a_closed_output_is_no_panic() {
        let running = Program::of("tcp-and-udp").start_with_closed_output();
        let ended = running.ends();
        ended.code(0);
        assert_eq!(ended.stderr, "");
    }

    #[test]
    fn ctrl_c_and_sigterm_end_it_cleanly() {
        for signal in [SIGINT, SIGTERM] {
            let mut running = Program::of("tcp-and-udp").start();
            running.line("TCP: ");
            running.signal(signal);
            running.ends_within(Duration::from_secs(1)).code(0);
        }
    }

    #[test]
    fn a_wrong_argument_is_told() {
        for wrong in ["127.0.0.1:9000", "--what"] {
            let ended = Program::of("tcp-and-udp").args([wrong]).run();
            ended.code(2).complained("");
        }
    }
}
