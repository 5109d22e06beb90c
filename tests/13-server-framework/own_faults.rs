//! `tests/faults.md`, row by row, for the three programs. Not here: what only clients meet,
//! and for the streams what is about messages: an echo has none.

#[cfg(unix)]
use nix::sys::signal::Signal::{SIGCONT, SIGINT, SIGSTOP, SIGTERM};
#[cfg(target_os = "linux")]
use tests::kernel;
use tests::{Program, peer};

/// The program with some system calls answered by an error, without being made.
#[cfg(target_os = "linux")]
fn with_failing(strace: &std::path::Path, program: Program, rules: &[&str]) -> Program {
    let mut options = ["-D", "-f", "-qq", "-o", "/dev/null"]
        .map(String::from)
        .to_vec();
    for rule in rules {
        options.extend(["-e".to_string(), format!("inject={rule}")]);
    }
    program.through(strace, options)
}

#[cfg(unix)]
fn resets_before_accept(
    server: &tests::Running,
    address: std::net::SocketAddr,
) -> std::net::TcpStream {
    server.signal(SIGSTOP);
    let clients = [address; 5].map(peer::connect);
    let last = peer::connect(address);
    clients.into_iter().for_each(peer::reset);
    server.signal(SIGCONT);
    last
}

/// With more clients than descriptors the server waits, and burns no processor.
#[cfg(target_os = "linux")]
fn waits_without_descriptors(server: &tests::Running) {
    use std::time::Duration;
    server.complains("too many open files in this program (EMFILE); new clients wait");
    let before = kernel::processor_time(server.pid());
    std::thread::sleep(Duration::from_millis(700)); // the time that is measured
    let used = kernel::processor_time(server.pid()) - before;
    assert!(used < Duration::from_millis(200), "a busy loop: {used:?}");
}

/// Clients that come and go by the thousand leave no thread, descriptor or memory behind.
#[cfg(target_os = "linux")]
fn leaves_nothing_behind(server: &tests::Running, hundred: impl Fn()) {
    let pid = server.pid();
    let look = || {
        let threads = kernel::threads(pid); // first: who has ended has closed before
        (threads, kernel::descriptors(pid), kernel::resident_kib(pid))
    };
    // Main, and the one of Ctrl+C: so many there are without clients.
    let empty = || {
        tests::until("all threads of clients have ended", || {
            Some(look()).filter(|now| now.0 == 2)
        })
    };
    (0..20).for_each(|_| hundred());
    let before = empty();
    (0..100).for_each(|_| hundred());
    let after = empty();
    assert_eq!(after.1, before.1, "descriptors");
    assert!(after.2 < before.2 + 4096, "{before:?} and then {after:?}");
}

#[cfg(target_os = "linux")]
fn hears_nothing_of_a_closed_output(
    program: Program,
    serves: impl Fn(std::net::SocketAddr),
) {
    let server = program.args(["127.0.0.1:0"]).start_with_closed_output();
    // The kernel's table is long on a machine with many connections.
    let address = tests::until_within(tests::WHOLE, "it listens", || {
        kernel::listening(server.pid()).first().copied()
    });
    serves(address);
    server.interrupt();
    let ended = server.ends();
    ended.code(0);
    assert_eq!(ended.stderr, "");
}

#[cfg(unix)]
fn restarts(name: &str, serves: impl Fn(std::net::SocketAddr)) {
    let (first, address) = crate::server(name, &[]);
    serves(address);
    first.interrupt();
    first.ends().code(0);
    let mut second = Program::of(name).args([address.to_string()]).start();
    assert_eq!(second.address(), address);
    serves(address);
}

fn tells_wrong_arguments(name: &str, more: &[&[&str]]) {
    let wrong = [
        &["nonsense"][..],
        &["127.0.0.1:70000"],
        &["::1"],
        &["--what"],
    ];
    for args in wrong.iter().chain(more) {
        let ended = Program::of(name).args(*args).run();
        ended.code(2).complained("");
        assert_eq!(ended.stdout, "");
    }
}

fn tells_an_unknown_name(name: &str) {
    let ended = Program::of(name).args(["x.invalid:80"]).run();
    ended
        .code(1)
        .complained("cannot resolve x.invalid: the resolver says: ");
}

fn tells_a_port_in_use(name: &str, address: std::net::SocketAddr) {
    let ended = Program::of(name).args([address.to_string()]).run();
    ended.code(1).complained(&format!(
        "cannot listen on {address}: address already in use (EADDRINUSE)"
    ));
}

mod server_framework {
    use std::net::Shutdown;
    use std::time::{Duration, Instant};

    use super::*;
    use crate::{HELLO, greeted, hello, sees_the_end};

    #[cfg(target_os = "linux")]
    #[test]
    fn an_interrupted_call_is_made_again() {
        let strace = tests::tool!("strace");
        let rules = [
            "accept4:error=EINTR:when=1..2",
            "sendto:error=EINTR:when=1",
            "recvfrom:error=EINTR:when=1",
        ];
        let program = Program::of("server-framework").args(["127.0.0.1:0"]);
        let mut server = with_failing(&strace, program, &rules).start();
        let address = server.address();
        let mut client = peer::connect(address);
        peer::write(&mut client, "x".repeat(60_000));
        assert_eq!(peer::read_to_end(&mut client), HELLO);
        greeted(address);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_peer_that_closed_ends_that_connection_only() {
        let strace = tests::tool!("strace");
        let program = Program::of("server-framework").args(["127.0.0.1:0"]);
        let rule = ["sendto:error=EPIPE:when=1"];
        let mut server = with_failing(&strace, program, &rule).start();
        let address = server.address();
        let mut client = peer::connect(address);
        sees_the_end(&mut client);
        server.complains("is lost: ");
        // strace counts in each thread, and each client has its own: all are unlucky.
        sees_the_end(&mut peer::connect(address));
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_closed_output_is_no_panic() {
        hears_nothing_of_a_closed_output(Program::of("server-framework"), greeted);
    }

    #[cfg(unix)]
    #[test]
    fn a_reset_before_accept_is_survived() {
        let (server, address) = hello();
        let mut last = resets_before_accept(&server, address);
        assert_eq!(peer::read_to_end(&mut last), HELLO);
        greeted(address);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn an_aborted_accept_is_survived() {
        let strace = tests::tool!("strace");
        let program = Program::of("server-framework").args(["127.0.0.1:0"]);
        let rule = ["accept4:error=ECONNABORTED:when=1"];
        greeted(with_failing(&strace, program, &rule).start().address());
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn without_descriptors_it_waits_and_recovers() {
        // Clients that have been greeted, and do not close, are closed by the server after
        // a moment. So it is held up to see it without descriptors.
        let prlimit = tests::tool!("prlimit");
        let program = Program::of("server-framework").args(["127.0.0.1:0"]);
        let mut server = program.through(prlimit, ["--nofile=8"]).start();
        let address = server.address();
        let mut clients = [address; 20].map(peer::connect);
        server.complains("(EMFILE); new clients wait");
        for client in &mut clients {
            assert_eq!(peer::read_to_end(client), HELLO);
        }
        greeted(address);
    }

    #[test]
    fn a_half_closed_peer_gets_its_answer() {
        let (_server, address) = hello();
        let mut client = peer::connect(address);
        client.shutdown(Shutdown::Write).expect("a FIN");
        assert_eq!(peer::read_to_end(&mut client), HELLO);
    }

    #[test]
    fn unread_input_does_not_cost_the_last_answer() {
        let (_server, address) = hello();
        for _ in 0..5 {
            let mut client = peer::connect(address);
            peer::write(&mut client, "x".repeat(60_000));
            assert_eq!(peer::read_to_end(&mut client), HELLO);
        }
    }

    #[cfg(unix)]
    #[test]
    fn it_restarts_at_once_on_the_same_port() {
        restarts("server-framework", greeted);
    }

    #[test]
    fn a_slow_or_idle_peer_stops_nobody_else() {
        let (_server, address) = hello();
        let start = Instant::now();
        let mut idle: Vec<_> = (0..50).map(|_| peer::connect(address)).collect();
        greeted(address);
        // One after the other they would take a third of a second each.
        let took = start.elapsed();
        assert!(took < Duration::from_secs(3), "{took:?}");
        for client in &mut idle {
            assert_eq!(peer::read_to_end(client), HELLO);
        }
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_peer_that_vanished_is_given_up() {
        // It never closes, and is not waited for longer than the goodbye takes.
        let (server, address) = hello();
        let mut clients = [address; 5].map(peer::connect);
        for client in &mut clients {
            assert_eq!(peer::read_bytes(client, HELLO.len()), HELLO);
        }
        tests::until("their threads have ended", || {
            (kernel::threads(server.pid()) == 2).then_some(())
        });
    }

    #[cfg(unix)]
    #[test]
    fn ctrl_c_and_sigterm_end_it_cleanly() {
        for signal in [SIGINT, SIGTERM] {
            let (server, address) = hello();
            crate::ends_well(server, signal, address, &mut []);
            let (server, address) = hello();
            let mut client = peer::connect(address);
            assert_eq!(peer::read_bytes(&mut client, HELLO.len()), HELLO);
            crate::ends_well(server, signal, address, &mut [client]);
        }
    }

    #[test]
    fn a_wrong_argument_is_told() {
        tells_wrong_arguments("server-framework", &[]);
    }

    #[test]
    fn a_name_that_does_not_exist_is_told() {
        tells_an_unknown_name("server-framework");
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_scoped_address_is_understood() {
        tests::no_way::scoped_listener(|address| {
            Program::of("server-framework").args([address])
        });
    }

    #[test]
    fn a_port_in_use_is_told() {
        let (_listener, address) = peer::listener();
        tells_a_port_in_use("server-framework", address);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn ten_thousand_resets_leave_nothing_behind() {
        let (server, address) = hello();
        leaves_nothing_behind(&server, || {
            for _ in 0..100 {
                let mut client = peer::connect(address);
                peer::write(&mut client, "Mich");
                peer::reset(client);
            }
            greeted(address);
        });
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn it_listens_on_loopback_only() {
        let (server, address) = hello();
        assert_eq!(kernel::listening(server.pid()), [address]);
        assert!(address.ip().is_loopback());
    }
}

mod framework_echo {
    use std::net::{Shutdown, SocketAddr};
    use std::time::{Duration, Instant};

    use super::*;
    use crate::{DESIGNS, echo, echoed, sees_the_end, served, stuck};

    fn program() -> Program {
        Program::of("framework-echo").args(["127.0.0.1:0"])
    }

    fn serves(address: SocketAddr) {
        served(address);
    }

    #[test]
    fn pieces_are_put_together() {
        // An echo has no messages: every byte comes back, in order, however it came.
        let (_server, address) = echo(&[]);
        let mut client = peer::connect(address);
        peer::write_slowly(&mut client, "in small pieces").expect("it reads");
        assert_eq!(peer::read_bytes(&mut client, 15), b"in small pieces");
    }

    #[test]
    fn a_peer_that_does_not_read_stops_nobody_else() {
        let (server, address) = echo(&["--patience", "0.5"]);
        let stuck = stuck(address);
        served(address);
        server.complains("is lost: nothing happened in time (EAGAIN)");
        drop(stuck);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn an_interrupted_call_is_made_again() {
        let strace = tests::tool!("strace");
        let rules = [
            "accept4:error=EINTR:when=1..2",
            "sendto:error=EINTR:when=1",
            "recvfrom:error=EINTR:when=1..3",
        ];
        let mut server = with_failing(&strace, program(), &rules).start();
        served(server.address());

        let (server, address) = echo(&[]);
        let mut client = served(address);
        for _ in 0..3 {
            server.signal(SIGSTOP);
            server.signal(SIGCONT); // in recv, which has a timeout: EINTR (signal(7))
            echoed(&mut client, "again");
        }
    }

    #[test]
    fn a_peer_that_closed_ends_that_connection_only() {
        let (server, address) = echo(&[]);
        let mut other = served(address);
        let mut client = served(address);
        // It has gone before the answers come: write 1 succeeds, write 2 gives EPIPE.
        peer::write(&mut client, vec![b'x'; 100_000]);
        drop(client);
        server.complains("is lost: ");
        echoed(&mut other, "x");
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_closed_output_is_no_panic() {
        hears_nothing_of_a_closed_output(Program::of("framework-echo"), serves);
    }

    #[test]
    fn a_reset_in_the_middle_ends_that_connection_only() {
        for design in DESIGNS {
            let (mut server, address) = echo(design);
            let client = served(address);
            peer::reset(client);
            server.complains("is lost: connection reset by the peer (ECONNRESET)");
            server.line("has left");
            served(address);
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_reset_before_accept_is_survived() {
        for design in DESIGNS {
            let (server, address) = echo(design);
            let mut last = resets_before_accept(&server, address);
            echoed(&mut last, "x");
            server.complains("is lost: ");
        }
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn an_aborted_accept_is_survived() {
        let strace = tests::tool!("strace");
        let rule = ["accept4:error=ECONNABORTED:when=1"];
        served(with_failing(&strace, program(), &rule).start().address());
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn without_descriptors_it_waits_and_recovers() {
        let prlimit = tests::tool!("prlimit");
        let mut server = program().through(prlimit, ["--nofile=12"]).start();
        let address = server.address();
        let mut clients: Vec<_> = (0..12).map(|_| peer::connect(address)).collect();
        waits_without_descriptors(&server);
        let mut late = clients.split_off(6);
        for mut client in clients {
            echoed(&mut client, "x");
        }
        for client in &mut late {
            echoed(client, "x");
        }
    }

    #[test]
    fn a_half_closed_peer_gets_its_answer() {
        let (_server, address) = echo(&[]);
        let mut client = peer::connect(address);
        peer::write(&mut client, "that was all");
        client.shutdown(Shutdown::Write).expect("a FIN");
        assert_eq!(peer::read_to_end(&mut client), b"that was all");
    }

    #[cfg(unix)]
    #[test]
    fn unread_input_does_not_cost_the_last_answer() {
        // It stops reading when it is asked to end, with much of the client's under way.
        let (server, address) = echo(&[]);
        let mut client = served(address);
        server.signal(SIGSTOP);
        peer::write(&mut client, vec![b'x'; 60_000]);
        server.signal(SIGINT);
        server.signal(SIGCONT);
        let back = peer::read_to_end(&mut client);
        assert!(back.iter().all(|byte| *byte == b'x'), "{}", back.len());
        drop(client);
        server.ends().code(0);
    }

    #[cfg(unix)]
    #[test]
    fn it_restarts_at_once_on_the_same_port() {
        restarts("framework-echo", serves);
    }

    #[test]
    fn a_slow_or_idle_peer_stops_nobody_else() {
        let (server, address) = echo(&[]);
        let mut idle = [address; 20].map(peer::connect);
        served(address);
        idle.iter_mut().for_each(|client| echoed(client, "x"));
        drop(server);
        // In the other designs they wait, but no longer than patience lasts.
        for design in [&["--one-by-one"][..], &["--pool", "1"], &["--threads", "1"]] {
            let options = [design, &["--patience", "0.3"]].concat();
            let (server, address) = echo(&options);
            let mut idle = served(address);
            served(address);
            server.complains("is lost: nothing happened in time (EAGAIN)");
            sees_the_end(&mut idle);
        }
    }

    #[test]
    fn bytes_that_are_not_text_are_no_panic() {
        let (_server, address) = echo(&[]);
        let mut client = peer::connect(address);
        for bytes in [&b"\xc3"[..], b"\xa9", b"a\0b", b"\xff\xf4\xff\xfd\x06"] {
            echoed(&mut client, bytes);
        }
    }

    #[cfg(unix)]
    #[test]
    fn ctrl_c_and_sigterm_end_it_cleanly() {
        for signal in [SIGINT, SIGTERM] {
            for design in DESIGNS {
                let (server, address) = echo(design);
                let client = served(address);
                crate::ends_well(server, signal, address, &mut [client]);
            }
            let (server, address) = echo(&[]);
            let mut clients = [address; 10].map(served);
            crate::ends_well(server, signal, address, &mut clients);
        }
    }

    #[cfg(unix)]
    #[test]
    fn ctrl_c_ends_it_though_clients_neither_read_nor_close() {
        for design in DESIGNS {
            let (server, address) = echo(design);
            let stuck = stuck(address);
            let start = Instant::now();
            server.interrupt();
            server.ends().code(0);
            let took = start.elapsed();
            assert!(took < Duration::from_secs(1), "{design:?}: {took:?}");
            drop(stuck);
        }
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_peer_that_vanished_is_given_up() {
        tests::tool!("ip");
        tests::tool!("python3");
        if !tests::namespace::allowed() {
            return;
        }
        // In a network of its own: an echo, and then the network is down. Nothing will
        // ever come.
        let client = "
import socket, subprocess, time
while True:
    try:
        s = socket.create_connection(('127.0.0.1', 9001))
        break
    except OSError:
        time.sleep(0.01)
s.sendall(b'x')
s.recv(1)
subprocess.run(['ip', 'link', 'set', 'lo', 'down'])
time.sleep(20)
";
        let setup = format!("ip link set lo up\npython3 -c \"{client}\" &");
        let args = ["127.0.0.1:9001", "--patience", "0.5"];
        let program = Program::of("framework-echo").args(args);
        let server = tests::namespace::around(program, &setup).start();
        server.complains("is lost: nothing happened in time (EAGAIN)");
    }

    #[test]
    fn a_wrong_argument_is_told() {
        let more = [
            &["--patience", "0"][..],
            &["--pool", "0"],
            &["--pool", "many"],
            &["--threads", "0"],
            &["--threads"],
            &["--one-by-one=1"],
        ];
        tells_wrong_arguments("framework-echo", &more);
    }

    #[test]
    fn a_name_that_does_not_exist_is_told() {
        tells_an_unknown_name("framework-echo");
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_scoped_address_is_understood() {
        tests::no_way::scoped_listener(|address| {
            Program::of("framework-echo").args([address])
        });
    }

    #[test]
    fn a_port_in_use_is_told() {
        let (_listener, address) = peer::listener();
        tells_a_port_in_use("framework-echo", address);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn ten_thousand_resets_leave_nothing_behind() {
        let (server, address) = echo(&[]);
        leaves_nothing_behind(&server, || {
            for _ in 0..100 {
                let mut client = peer::connect(address);
                peer::write(&mut client, "Mich");
                peer::reset(client);
            }
            served(address);
        });
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn it_listens_on_loopback_only() {
        let (server, address) = echo(&[]);
        assert_eq!(kernel::listening(server.pid()), [address]);
        assert!(address.ip().is_loopback());
    }
}

mod framework_udp_echo {
    use std::net::{SocketAddr, UdpSocket};

    use super::*;
    use crate::{answer, answer_to, socket, udp_echo};

    /// One after another, and a thread for each.
    const BOTH: [&[&str]; 2] = [&[], &["--threads", "4"]];

    fn serves(address: SocketAddr) {
        assert_eq!(answer(address, b"hello"), b"hello");
    }

    #[test]
    fn a_peer_that_does_not_read_stops_nobody_else() {
        for design in BOTH {
            let (_server, address) = udp_echo(design);
            let deaf = socket();
            for _ in 0..50 {
                for _ in 0..40 {
                    deaf.send_to(&[b'x'; 1000], address).expect("sent");
                }
                serves(address);
            }
        }
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn an_interrupted_call_is_made_again() {
        let strace = tests::tool!("strace");
        let rules = [
            "recvfrom:error=EINTR:when=1..3",
            "sendto:error=EINTR:when=1..3",
        ];
        let program = Program::of("framework-udp-echo").args(["127.0.0.1:0"]);
        let mut server = with_failing(&strace, program, &rules).start();
        serves(server.address());
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_closed_output_is_no_panic() {
        hears_nothing_of_a_closed_output(Program::of("framework-udp-echo"), serves);
    }

    #[cfg(unix)]
    #[test]
    fn it_restarts_at_once_on_the_same_port() {
        restarts("framework-udp-echo", serves);
    }

    #[test]
    fn bytes_that_are_not_text_are_no_panic() {
        let (_server, address) = udp_echo(&[]);
        let bytes = b"\xff\xf4\xff\xfd\x06\0\xc3a";
        assert_eq!(answer(address, bytes), bytes);
    }

    #[test]
    fn an_empty_datagram_is_a_datagram() {
        for design in BOTH {
            let (mut server, address) = udp_echo(design);
            assert_eq!(answer(address, b""), b"");
            server.line("sent 0 bytes");
            serves(address);
        }
    }

    #[test]
    fn a_truncated_datagram_is_told() {
        // By a buffer into which the longest datagram fits: nothing is cut off.
        let (_server, address) = udp_echo(&[]);
        let longest = vec![b'x'; 65_507];
        assert!(answer(address, &longest) == longest);
    }

    #[test]
    fn lost_and_doubled_datagrams_are_survived() {
        // The server remembers nothing: a doubled request has two answers, the same.
        let (_server, address) = udp_echo(&[]);
        let client = socket();
        client.send_to(b"twice", address).expect("sent");
        assert_eq!(answer_to(&client, address, b"twice"), b"twice");
        assert_eq!(client.recv(&mut [0; 10]).expect("the second"), 5);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_dead_port_is_told() {
        let strace = tests::tool!("strace");
        for (errno, told) in [
            ("ECONNREFUSED", "connection refused (ECONNREFUSED)"),
            ("EPERM", "operation not permitted (EPERM)"),
            ("EHOSTUNREACH", "host unreachable (EHOSTUNREACH)"),
        ] {
            let rules = [
                "recvfrom:error=ECONNREFUSED:when=1",
                &format!("sendto:error={errno}:when=1"),
            ];
            let program = Program::of("framework-udp-echo").args(["127.0.0.1:0"]);
            let mut server = with_failing(&strace, program, &rules).start();
            let address = server.address();
            let unlucky = socket();
            unlucky.send_to(b"hello", address).expect("sent");
            let name = unlucky.local_addr().expect("its address");
            server.complains(&format!("{name} is lost: {told}"));
            serves(address);
        }
    }

    #[test]
    fn a_stranger_is_not_believed() {
        // One socket for all: an answer goes to the one who asked, and to no other.
        for design in BOTH {
            let (_server, address) = udp_echo(design);
            let (one, other) = (socket(), socket());
            assert_eq!(answer_to(&one, address, b"one"), b"one");
            assert_eq!(answer_to(&other, address, b"two"), b"two");
            one.set_nonblocking(true).expect("O_NONBLOCK");
            assert!(one.recv(&mut [0; 10]).is_err(), "nothing more");
        }
    }

    #[cfg(unix)]
    #[test]
    fn ctrl_c_and_sigterm_end_it_cleanly() {
        for signal in [SIGINT, SIGTERM] {
            for design in BOTH {
                for with_client in [false, true] {
                    let (server, address) = udp_echo(design);
                    if with_client {
                        serves(address);
                    }
                    let before = std::time::Instant::now();
                    server.signal(signal);
                    let ended = server.ends();
                    ended.code(0);
                    assert!(before.elapsed() < std::time::Duration::from_secs(1));
                    assert_eq!(ended.stderr, "");
                    UdpSocket::bind(address).expect("the port is free at once");
                }
            }
        }
    }

    #[test]
    fn a_wrong_argument_is_told() {
        let more = [&["--threads", "0"][..], &["--threads", "many"]];
        tells_wrong_arguments("framework-udp-echo", &more);
    }

    #[test]
    fn a_name_that_does_not_exist_is_told() {
        tells_an_unknown_name("framework-udp-echo");
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_scoped_address_is_understood() {
        tests::no_way::scoped_listener(|address| {
            Program::of("framework-udp-echo").args([address])
        });
    }

    #[test]
    fn a_port_in_use_is_told() {
        let holder = socket();
        let address = holder.local_addr().expect("its address");
        tells_a_port_in_use("framework-udp-echo", address);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn ten_thousand_resets_leave_nothing_behind() {
        // UDP has no reset: ten thousand clients that are gone before their answer.
        let (server, address) = udp_echo(&["--threads", "100"]);
        let client = socket(); // before the others, so that it gets none of their ports
        leaves_nothing_behind(&server, || {
            for _ in 0..5 {
                for _ in 0..20 {
                    socket().send_to(&[b'x'; 50], address).expect("sent");
                }
                assert_eq!(answer_to(&client, address, b"hello"), b"hello");
            }
        });
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn it_listens_on_loopback_only() {
        let (server, address) = udp_echo(&[]);
        assert_eq!(kernel::listening(server.pid()), [address]);
        assert!(address.ip().is_loopback());
    }
}
