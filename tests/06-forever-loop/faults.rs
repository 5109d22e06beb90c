//! `tests/faults.md`, row by row. Not here: datagrams; a message that ends too early (the
//! last line needs no end); and what only clients meet: dead ports, full queues, unreachable
//! hosts, a connection to itself.

mod forever_loop {
    use std::net::Shutdown;
    use std::thread;
    use std::time::Duration;

    use tests::{Program, peer};

    use crate::{ask, sees_the_end, server};

    #[test]
    fn pieces_are_put_together() {
        let (_server, address) = server(&[]);
        let mut client = peer::connect(address);
        peer::write_slowly(&mut client, "slowly\n").expect("the server reads");
        assert_eq!(peer::read_line(&mut client), "OK... slowly\n");
        peer::write(&mut client, "one\ntwo\nthr");
        assert_eq!(peer::read_line(&mut client), "OK... one\n");
        assert_eq!(peer::read_line(&mut client), "OK... two\n");
        peer::write(&mut client, "ee\n");
        assert_eq!(peer::read_line(&mut client), "OK... three\n");
    }

    #[test]
    fn a_peer_that_does_not_read_stops_nobody_else() {
        let (mut server, address) = server(&["--patience", "0.3"]);
        let greedy = peer::connect(address);
        greedy
            .set_write_timeout(Some(Duration::from_millis(200)))
            .expect("a timeout");
        let lines = "x".repeat(99) + "\n";
        let stuck = (0..1_000_000).any(|_| {
            use std::io::Write;
            (&greedy).write_all(lines.as_bytes()).is_err()
        });
        assert!(
            stuck,
            "the server still reads what nobody takes the answers of"
        );
        ask(&mut peer::connect(address), "my turn");
        server.line("is lost: ");
    }

    #[cfg(unix)]
    #[test]
    fn an_interrupted_call_is_made_again() {
        use nix::sys::signal::Signal::{SIGCONT, SIGSTOP};
        let (server, address) = server(&[]);
        let stop_and_go = || {
            server.signal(SIGSTOP);
            server.signal(SIGCONT);
        };
        stop_and_go(); // in accept
        let mut client = peer::connect(address);
        for line in ["one", "two", "three"] {
            ask(&mut client, line);
            stop_and_go(); // in recv, which has a timeout: EINTR (signal(7))
        }
        drop(client);
        stop_and_go();
        ask(&mut peer::connect(address), "four");
    }

    #[test]
    fn a_peer_that_closed_ends_that_connection_only() {
        let (mut server, address) = server(&[]);
        let mut client = peer::connect(address);
        ask(&mut client, "hello");
        // It has gone before the answers come: write 1 succeeds, write 2 gives EPIPE.
        peer::write(&mut client, "line\n".repeat(5_000));
        drop(client);
        server.line("is lost: ");
        ask(&mut peer::connect(address), "still there?");
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_closed_output_is_no_panic() {
        let program = Program::of("forever-loop").args(["127.0.0.1:0"]);
        let server = program.start_with_closed_output();
        let address = tests::until("it listens", || {
            tests::kernel::listening(server.pid()).first().copied()
        });
        ask(&mut peer::connect(address), "anybody?");
        server.interrupt();
        let ended = server.ends();
        ended.code(0);
        assert_eq!(ended.stderr, "");
    }

    #[test]
    fn a_reset_in_the_middle_ends_that_connection_only() {
        let (mut server, address) = server(&[]);
        let mut client = peer::connect(address);
        ask(&mut client, "hello");
        peer::write(&mut client, "and then ha");
        peer::reset(client);
        server.line("is lost: connection reset by the peer (ECONNRESET)");
        ask(&mut peer::connect(address), "still there?");
    }

    #[test]
    fn a_reset_before_accept_is_survived() {
        let (_server, address) = server(&[]);
        let mut first = peer::connect(address);
        ask(&mut first, "hello");
        // The loop is busy with the first: this one comes and goes in the queue.
        peer::reset(peer::connect(address));
        let mut third = peer::connect(address);
        drop(first);
        ask(&mut third, "still there?");
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn an_aborted_accept_is_survived() {
        let strace = tests::tool!("strace");
        let program = Program::of("forever-loop").args(["127.0.0.1:0"]);
        let inject = "inject=accept4:error=ECONNABORTED:when=1";
        let options = ["-D", "-f", "-qq", "-o", "/dev/null", "-e", inject];
        let mut server = program.through(strace, options).start();
        ask(&mut peer::connect(server.address()), "hello");
    }

    /// Sets the soft limit of descriptors of a process that runs.
    #[cfg(target_os = "linux")]
    fn limit_descriptors(prlimit: &std::path::Path, pid: u32, most: usize) {
        let args = [format!("--pid={pid}"), format!("--nofile={most}:")];
        Program::at(prlimit).args(args).run().code(0);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn without_descriptors_it_waits_and_recovers() {
        use tests::kernel;
        let prlimit = tests::tool!("prlimit");
        let (server, address) = server(&[]);
        let pid = server.pid();
        limit_descriptors(&prlimit, pid, 1);
        // The accept that sleeps has its descriptor already. The next one gets none.
        drop(peer::connect(address));
        let mut client = peer::connect(address);
        server.complains("too many open files in this program (EMFILE)");
        let before = kernel::processor_time(pid);
        thread::sleep(Duration::from_millis(700)); // the time that is measured
        let used = kernel::processor_time(pid) - before;
        assert!(used < Duration::from_millis(200), "a busy loop: {used:?}");
        limit_descriptors(&prlimit, pid, 100);
        ask(&mut client, "and now?");
    }

    #[test]
    fn a_half_closed_peer_gets_its_answer() {
        let (_server, address) = server(&[]);
        let mut client = peer::connect(address);
        peer::write(&mut client, "a question\n");
        client.shutdown(Shutdown::Write).expect("a FIN");
        assert_eq!(peer::read_to_end(&mut client), b"OK... a question\n");
    }

    #[test]
    fn unread_input_does_not_cost_the_last_answer() {
        let (_server, address) = server(&[]);
        let mut client = peer::connect(address);
        peer::write(&mut client, format!("hello\n{}", "x".repeat(60_000)));
        // Only now do we read: a reset would have destroyed what waits for us.
        let last = "OK... hello\nerror: this line is too long\n";
        let answers = peer::read_to_end(&mut client);
        assert_eq!(String::from_utf8_lossy(&answers), last);
    }

    #[cfg(unix)]
    #[test]
    fn it_restarts_at_once_on_the_same_port() {
        let (first, address) = server(&[]);
        let mut client = peer::connect(address);
        ask(&mut client, "hello");
        // The server closes first: its end of the connection waits in TIME_WAIT.
        first.interrupt();
        sees_the_end(&mut client);
        drop(client);
        first.ends().code(0);
        #[cfg(target_os = "linux")]
        tests::until("TIME_WAIT", || {
            let rows = tests::kernel::tcp_sockets_on(address.port());
            let waits =
                |row: &tests::kernel::TcpRow| row.state == tests::kernel::TIME_WAIT;
            rows.iter().any(waits).then_some(())
        });
        let program = Program::of("forever-loop").args([address.to_string()]);
        let mut second = program.start();
        assert_eq!(second.address(), address);
        ask(&mut peer::connect(address), "hello again");
    }

    #[test]
    fn a_slow_or_idle_peer_stops_nobody_else() {
        let (mut server, address) = server(&["--patience", "0.3"]);
        let mut idle = peer::connect(address);
        let mut next = peer::connect(address);
        ask(&mut next, "my turn at last");
        server.line("is lost: nothing happened in time (EAGAIN)");
        sees_the_end(&mut idle);
    }

    #[test]
    fn an_endless_message_is_refused() {
        let (mut server, address) = server(&[]);
        let mut client = peer::connect(address);
        let mut reader = client.try_clone().expect("a second handle");
        let writing = thread::spawn(move || {
            use std::io::Write;
            let piece = [b'x'; 64 * 1024];
            // 10 MB at most; an error says that the server wants no more.
            (0..160).all(|_| client.write_all(&piece).is_ok())
        });
        assert_eq!(
            peer::read_line(&mut reader),
            "error: this line is too long\n"
        );
        writing.join().expect("no panic");
        server.line("is lost: a line was too long");
        #[cfg(target_os = "linux")]
        assert!(tests::kernel::peak_kib(server.pid()) < 50_000);
        ask(&mut peer::connect(address), "a short one");
    }

    #[test]
    fn bytes_that_are_not_text_are_no_panic() {
        let (_server, address) = server(&[]);
        let mut client = peer::connect(address);
        // Half an é, NUL, and what telnet sends for Ctrl+C.
        for line in [&b"\xc3"[..], b"a\0b", b"\xff\xf4\xff\xfd\x06"] {
            peer::write(&mut client, [line, b"\n"].concat());
            let answer = peer::read_bytes(&mut client, line.len() + 7);
            assert_eq!(answer, [b"OK... ", line, b"\n"].concat());
        }
        // A letter in two pieces is whole again, because the line is put together first.
        peer::write(&mut client, b"caf\xc3");
        peer::write(&mut client, b"\xa9\n");
        assert_eq!(peer::read_line(&mut client), "OK... café\n");
    }

    #[cfg(unix)]
    #[test]
    fn ctrl_c_and_sigterm_end_it_cleanly() {
        use nix::sys::signal::Signal::{SIGINT, SIGTERM};
        for signal in [SIGINT, SIGTERM] {
            let (idle, address) = server(&[]);
            crate::ends_well(idle, signal, address, &mut []);

            let (busy, address) = server(&[]);
            let mut clients = [address; 10].map(peer::connect);
            ask(&mut clients[0], "I am served, the others are in the queue");
            peer::write(&mut clients[0], "half a li");
            peer::write(&mut clients[1], "said and not heard\n");
            crate::ends_well(busy, signal, address, &mut clients);
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
        // In a network of its own: a client says half a line, and then the network is
        // down. No FIN, no RST, nothing will ever come.
        let client = "
import socket, subprocess, time
while True:
    try:
        s = socket.create_connection(('127.0.0.1', 8888))
        break
    except OSError:
        time.sleep(0.01)
s.send(b'hello\\nhalf a li')
s.recv(100)
subprocess.run(['ip', 'link', 'set', 'lo', 'down'])
time.sleep(20)
";
        let setup = format!("ip link set lo up\npython3 -c \"{client}\" &");
        let args = ["127.0.0.1:8888", "--patience", "0.5"];
        let program = Program::of("forever-loop").args(args);
        let mut server = tests::namespace::around(program, &setup).start();
        server.line("is served");
        server.line("is lost: nothing happened in time (EAGAIN)");
    }

    #[test]
    fn a_wrong_argument_is_told() {
        let wrong = [
            &["nonsense"][..],
            &["127.0.0.1:70000"],
            &["--patience", "0"],
            &["--patience", "soon"],
            &["--what"],
        ];
        for args in wrong {
            let ended = Program::of("forever-loop").args(args).run();
            ended.code(2).complained("");
            assert_eq!(ended.stdout, "");
        }
    }

    #[test]
    fn a_name_that_does_not_exist_is_told() {
        let ended = Program::of("forever-loop").args(["x.invalid:80"]).run();
        ended
            .code(1)
            .complained("cannot resolve x.invalid: the resolver says: ");
    }

    #[test]
    fn a_port_in_use_is_told() {
        let (_listener, address) = peer::listener();
        let ended = Program::of("forever-loop")
            .args([address.to_string()])
            .run();
        ended.code(1).complained(&format!(
            "cannot listen on {address}: address already in use (EADDRINUSE)"
        ));
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn ten_thousand_resets_leave_nothing_behind() {
        use tests::kernel;
        let (server, address) = server(&[]);
        let pid = server.pid();
        let look = || {
            // Who is answered knows that all before it have gone.
            ask(&mut peer::connect(address), "how are you?");
            let descriptors = kernel::descriptors(pid);
            (descriptors, kernel::threads(pid), kernel::resident_kib(pid))
        };
        let resets = |count| {
            for _ in 0..count / 50 {
                for _ in 0..50 {
                    let mut client = peer::connect(address);
                    peer::write(&mut client, "half a li");
                    peer::reset(client);
                }
                ask(&mut peer::connect(address), "not more than the queue holds");
            }
        };
        resets(1_000);
        let before = look();
        resets(9_000);
        let after = tests::until("its descriptors are closed", || {
            Some(look()).filter(|now| now.0 <= before.0)
        });
        assert_eq!(after.1, before.1, "threads");
        assert!(after.2 < before.2 + 1024, "{before:?} and then {after:?}");
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn it_listens_on_loopback_only() {
        let (server, address) = server(&[]);
        assert_eq!(tests::kernel::listening(server.pid()), [address]);
        assert!(address.ip().is_loopback());
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_scoped_address_is_understood() {
        tests::no_way::scoped_listener(|address| {
            Program::of("forever-loop").args([address])
        });
    }
}
