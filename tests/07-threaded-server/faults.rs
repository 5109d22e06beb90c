//! `tests/faults.md`, row by row, for both programs. Not here: datagrams; for the server, a
//! message that ends too early or never (what one recv returns is a message, whatever it
//! is) and what only clients meet; for the client, what only servers meet.

mod threaded_server {
    use std::net::Shutdown;
    use std::time::Duration;

    use tests::{Program, peer};

    use crate::{FULL, greeted, sees_the_end, server, stuck, welcomed};

    #[test]
    fn pieces_are_put_together() {
        // As far as they go: a line in pieces is several messages here (lesson 09), but
        // no byte of them is lost, and answers that leave together stay whole.
        let (_server, address) = server(&[]);
        let mut client = welcomed(address);
        client.set_nodelay(true).expect("TCP_NODELAY");
        for letter in ["é", "t", "é"] {
            greeted(&mut client, letter);
        }
        peer::write(&mut client, "Michael\nTracy\nSar");
        for name in ["Michael", "Tracy", "Sar"] {
            assert_eq!(peer::read_line(&mut client), format!("Hello, {name}!\n"));
        }
    }

    #[test]
    fn a_peer_that_does_not_read_stops_nobody_else() {
        let (mut server, address) = server(&["--patience", "0.5"]);
        let stuck = stuck(address);
        greeted(&mut welcomed(address), "Tracy");
        server.line("is lost: nothing happened in time (EAGAIN)");
        drop(stuck);
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
        let mut client = welcomed(address);
        for name in ["Michael", "Tracy", "Sarah"] {
            stop_and_go(); // in recv, which has a timeout: EINTR (signal(7))
            greeted(&mut client, name);
        }
    }

    #[test]
    fn a_peer_that_closed_ends_that_connection_only() {
        let (mut server, address) = server(&[]);
        let mut other = welcomed(address);
        let mut client = welcomed(address);
        // It has gone before the answers come: write 1 succeeds, write 2 gives EPIPE.
        peer::write(&mut client, "Michael\n".repeat(5_000));
        drop(client);
        server.line("is lost: ");
        greeted(&mut other, "Tracy");
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_closed_output_is_no_panic() {
        let program = Program::of("threaded-server").args(["127.0.0.1:0"]);
        let server = program.start_with_closed_output();
        let address = tests::until("it listens", || {
            tests::kernel::listening(server.pid()).first().copied()
        });
        greeted(&mut welcomed(address), "Michael");
        server.interrupt();
        let ended = server.ends();
        ended.code(0);
        assert_eq!(ended.stderr, "");
    }

    #[test]
    fn a_reset_in_the_middle_ends_that_connection_only() {
        let (mut server, address) = server(&[]);
        let mut other = welcomed(address);
        let mut client = welcomed(address);
        greeted(&mut client, "Michael");
        peer::reset(client);
        server.line("is lost: connection reset by the peer (ECONNRESET)");
        greeted(&mut other, "Tracy");
    }

    #[cfg(unix)]
    #[test]
    fn a_reset_before_accept_is_survived() {
        use nix::sys::signal::Signal::{SIGCONT, SIGSTOP};
        let (mut server, address) = server(&[]);
        server.signal(SIGSTOP);
        let clients = [address; 5].map(peer::connect);
        let mut last = peer::connect(address);
        clients.into_iter().for_each(peer::reset);
        server.signal(SIGCONT);
        assert_eq!(peer::read_line(&mut last), "Welcome!\n");
        for _ in 0..5 {
            server.line("is lost: ");
        }
        greeted(&mut last, "Sarah");
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn an_aborted_accept_is_survived() {
        let strace = tests::tool!("strace");
        let program = Program::of("threaded-server").args(["127.0.0.1:0"]);
        let inject = "inject=accept4:error=ECONNABORTED:when=1";
        let options = ["-D", "-f", "-qq", "-o", "/dev/null", "-e", inject];
        let mut server = program.through(strace, options).start();
        greeted(&mut welcomed(server.address()), "Michael");
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn without_descriptors_it_waits_and_recovers() {
        use tests::kernel;
        let prlimit = tests::tool!("prlimit");
        let program = Program::of("threaded-server").args(["127.0.0.1:0"]);
        let mut server = program.through(prlimit, ["--nofile=12"]).start();
        let address = server.address();
        let mut clients: Vec<_> = (0..12).map(|_| peer::connect(address)).collect();
        server
            .complains("too many open files in this program (EMFILE); new clients wait");
        let before = kernel::processor_time(server.pid());
        std::thread::sleep(Duration::from_millis(700)); // the time that is measured
        let used = kernel::processor_time(server.pid()) - before;
        assert!(used < Duration::from_millis(200), "a busy loop: {used:?}");

        // Those who are in are served, and each who leaves makes room for one more.
        let mut late = clients.split_off(6);
        for mut client in clients {
            assert_eq!(peer::read_line(&mut client), "Welcome!\n");
            greeted(&mut client, "Michael");
        }
        for client in &mut late {
            assert_eq!(peer::read_line(client), "Welcome!\n");
        }
    }

    #[test]
    fn a_half_closed_peer_gets_its_answer() {
        let (_server, address) = server(&[]);
        let mut client = peer::connect(address);
        peer::write(&mut client, "Michael");
        client.shutdown(Shutdown::Write).expect("a FIN");
        let all = peer::read_to_end(&mut client);
        assert_eq!(String::from_utf8_lossy(&all), "Welcome!\nHello, Michael!\n");
    }

    #[test]
    fn unread_input_does_not_cost_the_last_answer() {
        // `exit`, and much behind it that nobody will read.
        let (_server, address) = server(&["--max-clients", "1"]);
        let mut client = welcomed(address);
        peer::write(&mut client, format!("Tracy\nexit\n{}", "x".repeat(60_000)));
        let rest = peer::read_to_end(&mut client);
        assert_eq!(String::from_utf8_lossy(&rest), "Hello, Tracy!\n");

        // The same for one who is sent away and was in a hurry to talk.
        let _here = tests::until("a free place", || {
            let mut next = peer::connect(address);
            (peer::read_line(&mut next) == "Welcome!\n").then_some(next)
        });
        let mut hasty = peer::connect(address);
        peer::write(&mut hasty, "x".repeat(60_000));
        let rest = peer::read_to_end(&mut hasty);
        assert_eq!(String::from_utf8_lossy(&rest), FULL);
    }

    #[cfg(unix)]
    #[test]
    fn it_restarts_at_once_on_the_same_port() {
        let (first, address) = server(&[]);
        let mut client = welcomed(address);
        // The server closes first: its end of the connection waits in TIME_WAIT.
        first.interrupt();
        sees_the_end(&mut client);
        drop(client);
        first.ends().code(0);
        let program = Program::of("threaded-server").args([address.to_string()]);
        let mut second = program.start();
        assert_eq!(second.address(), address);
        greeted(&mut welcomed(address), "Sarah");
    }

    #[test]
    fn a_slow_or_idle_peer_stops_nobody_else() {
        let (mut server, address) = server(&["--patience", "0.3"]);
        let mut idle = [address; 5].map(welcomed);
        greeted(&mut welcomed(address), "Michael");
        for client in &mut idle {
            server.line("is lost: nothing happened in time (EAGAIN)");
            sees_the_end(client);
        }
    }

    #[test]
    fn bytes_that_are_not_text_are_no_panic() {
        let (_server, address) = server(&[]);
        let mut client = welcomed(address);
        // Half an é and its other half, NUL, and what telnet sends for Ctrl+C.
        let names = [&b"\xc3"[..], b"\xa9", b"a\0b", b"\xff\xf4\xff\xfd\x06"];
        for name in names {
            peer::write(&mut client, name);
            let answer = peer::read_bytes(&mut client, name.len() + 9);
            assert_eq!(answer, [b"Hello, ", name, b"!\n"].concat());
        }
    }

    #[cfg(unix)]
    #[test]
    fn ctrl_c_and_sigterm_end_it_cleanly() {
        use nix::sys::signal::Signal::{SIGINT, SIGTERM};
        for signal in [SIGINT, SIGTERM] {
            let (idle, address) = server(&[]);
            crate::ends_well(idle, signal, address, &mut []);
            let (busy, address) = server(&[]);
            let mut clients = [address; 10].map(welcomed);
            greeted(&mut clients[3], "Tracy");
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
        // In a network of its own: a client is greeted, and then the network is down. No
        // FIN, no RST, nothing will ever come.
        let client = "
import socket, subprocess, time
while True:
    try:
        s = socket.create_connection(('127.0.0.1', 9999))
        break
    except OSError:
        time.sleep(0.01)
s.recv(100)
subprocess.run(['ip', 'link', 'set', 'lo', 'down'])
time.sleep(20)
";
        let setup = format!("ip link set lo up\npython3 -c \"{client}\" &");
        let args = ["127.0.0.1:9999", "--patience", "0.5"];
        let program = Program::of("threaded-server").args(args);
        let mut server = tests::namespace::around(program, &setup).start();
        server.line("has come");
        server.line("is lost: nothing happened in time (EAGAIN)");
    }

    #[test]
    fn a_wrong_argument_is_told() {
        let wrong = [
            &["nonsense"][..],
            &["127.0.0.1:70000"],
            &["--patience", "0"],
            &["--max-clients", "0"],
            &["--max-clients", "-1"],
            &["--max-clients", "many"],
            &["--what"],
        ];
        for args in wrong {
            let ended = Program::of("threaded-server").args(args).run();
            ended.code(2).complained("");
            assert_eq!(ended.stdout, "");
        }
    }

    #[test]
    fn a_name_that_does_not_exist_is_told() {
        let program = Program::of("threaded-server").args(["x.invalid:80"]);
        program
            .run()
            .code(1)
            .complained("cannot resolve x.invalid: the resolver says: ");
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_scoped_address_is_understood() {
        tests::no_way::scoped_listener(|address| {
            Program::of("threaded-server").args([address])
        });
    }

    #[test]
    fn a_port_in_use_is_told() {
        let (_listener, address) = peer::listener();
        let program = Program::of("threaded-server").args([address.to_string()]);
        program.run().code(1).complained(&format!(
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
            let threads = kernel::threads(pid); // first: who has ended has closed before
            (threads, kernel::descriptors(pid), kernel::resident_kib(pid))
        };
        let resets = |count| {
            for _ in 0..count / 50 {
                for _ in 0..50 {
                    let mut client = peer::connect(address);
                    peer::write(&mut client, "Mich");
                    peer::reset(client);
                }
                greeted(&mut welcomed(address), "Sarah");
            }
        };
        // Main and the one of Ctrl+C: so many there are without clients.
        let empty = || {
            tests::until("all threads of clients have ended", || {
                Some(look()).filter(|now| now.0 == 2)
            })
        };
        resets(2_000);
        let before = empty();
        resets(8_000);
        let after = empty();
        assert_eq!(after.1, before.1, "descriptors");
        assert!(after.2 < before.2 + 4096, "{before:?} and then {after:?}");
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn it_listens_on_loopback_only() {
        let (server, address) = server(&[]);
        assert_eq!(tests::kernel::listening(server.pid()), [address]);
        assert!(address.ip().is_loopback());
    }
}

mod threaded_server_client {
    use std::io::Write;
    use std::net::TcpStream;
    use std::time::Duration;

    use tests::{Ended, Program, peer};

    use crate::TALK;

    fn client(address: impl ToString) -> Program {
        Program::of("threaded-server-client").args([address.to_string()])
    }

    /// What the client says of a server that does this.
    fn at<T: Send + 'static>(
        serve: impl FnOnce(TcpStream) -> T + Send + 'static,
    ) -> Ended {
        let (address, server) = peer::serve_one(serve);
        let ended = client(address).args(["--timeout", "0.5"]).run();
        server.join().expect("the server ends");
        ended
    }

    /// A server that speaks as it should, and sends as `send` does.
    fn serves(mut stream: TcpStream, send: impl Fn(&mut TcpStream, &str)) {
        send(&mut stream, "Welcome!\n");
        loop {
            let line = peer::read_line(&mut stream);
            match line.trim_end() {
                "exit" | "" => return,
                name => send(&mut stream, &format!("Hello, {name}!\n")),
            }
        }
    }

    #[test]
    fn pieces_are_put_together() {
        let slowly = |stream: &mut TcpStream, text: &str| {
            peer::write_slowly(stream, text).expect("the client reads");
        };
        let ended = at(move |stream| serves(stream, slowly));
        ended.code(0);
        assert_eq!(ended.stdout, TALK);

        // All answers at once, before they are asked for: what is behind a line is kept.
        let ended = at(|mut stream| {
            peer::write(&mut stream, TALK);
            for _ in 0..4 {
                peer::read_line(&mut stream);
            }
        });
        ended.code(0);
        assert_eq!(ended.stdout, TALK);
    }

    #[cfg(unix)]
    #[test]
    fn an_interrupted_call_is_made_again() {
        use nix::sys::signal::Signal::{SIGCONT, SIGSTOP};
        let (go, may_go) = std::sync::mpsc::channel();
        let (address, server) = peer::serve_one(move |mut stream| {
            peer::write(&mut stream, "Welcome!\n");
            assert_eq!(peer::read_line(&mut stream), "Michael\n");
            may_go.recv().expect("the test goes on");
            peer::write(
                &mut stream,
                "Hello, Michael!\nHello, Tracy!\nHello, Sarah!\n",
            );
            for _ in 0..3 {
                peer::read_line(&mut stream);
            }
        });
        let mut running = client(address).start();
        running.line("Welcome!");
        running.signal(SIGSTOP);
        running.signal(SIGCONT);
        go.send(()).expect("the server waits");
        let ended = running.ends();
        ended.code(0);
        assert_eq!(ended.stdout, TALK);
        server.join().expect("the server ends");
    }

    #[test]
    fn a_peer_that_closed_ends_that_connection_only() {
        let ended = at(|mut stream| peer::write(&mut stream, "Welcome!\n"));
        ended.code(1).complained("the talk with 127.0.0.1:");
        assert_eq!(ended.stdout, "Welcome!\n");
        // It closed, and takes nothing more: EPIPE where the client is quick to write.
        let ended = at(|mut stream| {
            peer::write(&mut stream, "Welcome!\nHello, Michael!\n");
            peer::reset(stream);
        });
        ended.code(1).complained("");
    }

    #[test]
    fn a_closed_output_is_no_panic() {
        let running = Program::of("threaded-server-client").start_with_closed_output();
        let ended = running.ends();
        ended.code(0);
        assert_eq!(ended.stderr, "");
    }

    #[test]
    fn a_reset_in_the_middle_ends_that_connection_only() {
        let ended = at(|mut stream| {
            peer::write(&mut stream, "Welcome!\n");
            peer::read_line(&mut stream);
            peer::write(&mut stream, "Hello, Mi");
            peer::reset(stream);
        });
        ended
            .code(1)
            .complained("connection reset by the peer (ECONNRESET)");
    }

    #[test]
    fn an_endless_message_is_refused() {
        let ended = at(|mut stream| {
            let piece = [b'x'; 64 * 1024];
            (0..160).all(|_| stream.write_all(&piece).is_ok())
        });
        ended
            .code(1)
            .complained("the server sends a line without an end");
    }

    #[test]
    fn the_end_in_the_middle_of_a_message_is_told() {
        let ended = at(|mut stream| {
            peer::write(&mut stream, "Welcome!\n");
            peer::read_line(&mut stream);
            peer::write(&mut stream, "Hello, Mi");
        });
        ended
            .code(1)
            .complained("the server closed in the middle of an answer: \"Hello, Mi\"");
        assert_eq!(ended.stdout, "Welcome!\n");
    }

    #[test]
    fn bytes_that_are_not_text_are_no_panic() {
        let ended = at(|mut stream| {
            peer::write(&mut stream, b"\xff\xf4\xff\xfd\x06 \xc3 \0 \x1b[2J\n");
            for name in ["Michael", "Tracy", "Sarah"] {
                peer::read_line(&mut stream);
                peer::write(&mut stream, format!("Hello, {name}!\n"));
            }
            peer::read_line(&mut stream);
        });
        ended.code(0);
        // Nothing of it can steer a terminal.
        assert!(!ended.stdout.contains(['\0', '\x1b']), "{ended:?}");
        assert!(ended.stdout.ends_with("\nHello, Sarah!\n"), "{ended:?}");
    }

    #[test]
    fn a_dead_port_is_told() {
        tests::no_way::closed_port(client);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_full_queue_is_told_after_the_timeout() {
        tests::no_way::full_queue(|address| client(address).args(["--timeout", "0.3"]));
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn unreachable_places_are_told_apart() {
        tests::no_way::unreachable(client);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_connection_to_itself_is_refused() {
        tests::no_way::to_itself(client);
    }

    #[test]
    fn a_name_that_does_not_exist_is_told() {
        tests::no_way::unknown_name(client);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_scoped_address_is_understood() {
        tests::no_way::scoped(client);
    }

    #[cfg(unix)]
    #[test]
    fn ctrl_c_and_sigterm_end_it_cleanly() {
        use nix::sys::signal::Signal::{SIGINT, SIGTERM};
        for signal in [SIGINT, SIGTERM] {
            let (tell, waits) = std::sync::mpsc::channel();
            let (address, server) = peer::serve_one(move |mut stream| {
                peer::write(&mut stream, "Welcome!\n");
                assert_eq!(peer::read_line(&mut stream), "Michael\n");
                tell.send(()).expect("the test listens");
                peer::read_to_end(&mut stream)
            });
            let running = client(address).start();
            waits.recv_timeout(tests::ANSWER).expect("it talks");
            running.signal(signal);
            running.ends_within(Duration::from_secs(2)).code(0);
            assert_eq!(server.join().expect("it sees the end"), b"");
        }
    }

    #[test]
    fn a_peer_that_vanished_is_given_up() {
        // It says nothing. (A byte now and then, and never an end of line: lesson 09.)
        let ended = at(|mut stream| peer::read_to_end(&mut stream));
        ended
            .code(1)
            .complained("nothing happened in time (EAGAIN)");
        assert!(ended.took < Duration::from_secs(3), "{ended:?}");
    }

    #[test]
    fn a_wrong_argument_is_told() {
        for args in [
            &["nonsense"][..],
            &["::1"],
            &["--timeout", "0"],
            &["--talk"],
        ] {
            let ended = Program::of("threaded-server-client").args(args).run();
            ended.code(2).complained("");
            assert_eq!(ended.stdout, "");
        }
    }
}
