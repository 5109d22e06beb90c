//! `tests/faults.md`, row by row, for the three programs; those of `scale` for every one of
//! its designs. Not here: datagrams, and messages with an end (an echo server has none).

mod scale {
    use std::io::Write;
    use std::net::Shutdown;
    use std::time::Duration;

    use nix::sys::signal::Signal::{SIGCONT, SIGINT, SIGSTOP, SIGTERM};
    use tests::{Program, kernel, peer};

    use crate::{
        DESIGNS, MANY, each, echoed, program, sees_the_end, served, server, stuck,
    };

    #[test]
    fn pieces_are_put_together() {
        each(&DESIGNS, |design| {
            let (_server, address) = server(design, &[]);
            let mut client = served(address);
            peer::write_slowly(&mut client, "in pieces").expect("it is read");
            assert_eq!(peer::read_bytes(&mut client, 9), b"in pieces");
        });
    }

    #[test]
    fn a_peer_that_does_not_read_stops_nobody_else() {
        each(&MANY, |design| {
            let (server, address) = server(design, &["--patience", "1.5"]);
            let mut stuck = stuck(address);
            echoed(&mut served(address), "others are served");
            // What it does not take stays in the kernel: it can't fill our memory.
            assert!(kernel::peak_kib(server.pid()) < 20_000, "{design}");
            // And not for ever: then it is given up, and what is left of it is a reset.
            stuck
                .set_read_timeout(Some(Duration::from_secs(10)))
                .expect("a timeout");
            tests::until("it is given up", || {
                matches!(stuck.write(b"x"), Err(error) if error.kind() != std::io::ErrorKind::WouldBlock)
                    .then_some(())
            });
            let mut next = served(address);
            echoed(&mut next, design);
        });
    }

    #[test]
    fn an_interrupted_call_is_made_again() {
        each(&DESIGNS, |design| {
            let (server, address) = server(design, &[]);
            let stop_and_go = || {
                server.signal(SIGSTOP);
                server.signal(SIGCONT);
            };
            stop_and_go();
            let mut client = served(address);
            for message in ["Michael", "Tracy", "Sarah"] {
                stop_and_go();
                echoed(&mut client, message);
            }
        });
    }

    #[test]
    fn a_peer_that_closed_ends_that_connection_only() {
        each(&DESIGNS, |design| {
            let (server, address) = server(design, &[]);
            let mut client = served(address);
            let before = kernel::descriptors(server.pid()); // with this client
            peer::write(&mut client, "x".repeat(100_000));
            drop(client);
            echoed(&mut served(address), "others");
            tests::until("it is closed", || {
                (kernel::descriptors(server.pid()) < before).then_some(())
            });
        });
    }

    #[test]
    fn a_closed_output_is_no_panic() {
        each(&DESIGNS, |design| {
            let server = program(design, &[]).start_with_closed_output();
            let address = tests::until("it listens", || {
                kernel::listening(server.pid()).first().copied()
            });
            echoed(&mut served(address), "hello");
            server.interrupt();
            let ended = server.ends();
            ended.code(0);
            assert_eq!(ended.stderr, "");
        });
    }

    #[test]
    fn a_reset_in_the_middle_ends_that_connection_only() {
        each(&DESIGNS, |design| {
            let (_server, address) = server(design, &[]);
            for _ in 0..3 {
                peer::reset(served(address));
            }
            let mut other = served(address);
            if MANY.contains(&design) {
                peer::reset(served(address));
            }
            echoed(&mut other, "still here");
        });
    }

    #[test]
    fn a_reset_before_accept_is_survived() {
        each(&DESIGNS, |design| {
            let (server, address) = server(design, &[]);
            server.signal(SIGSTOP);
            let clients = [address; 5].map(peer::connect);
            let mut last = peer::connect(address);
            clients.into_iter().for_each(peer::reset);
            server.signal(SIGCONT);
            echoed(&mut last, "the last");
        });
    }

    #[test]
    fn an_aborted_accept_is_survived() {
        let strace = tests::tool!("strace");
        each(&DESIGNS, |design| {
            let inject = "inject=accept4:error=ECONNABORTED:when=1";
            let options = ["-D", "-f", "-qq", "-o", "/dev/null", "-e", inject];
            let mut server = program(design, &[]).through(&strace, options).start();
            echoed(&mut served(server.address()), "hello");
        });
    }

    #[test]
    fn without_descriptors_it_waits_and_recovers() {
        let prlimit = tests::tool!("prlimit");
        each(
            &["thread-each", "select", "poll", "epoll", "async"],
            |design| {
                let limit = "--nofile=20:20";
                let mut server = program(design, &[]).through(&prlimit, [limit]).start();
                let address = server.address();
                let mut clients: Vec<_> =
                    (0..24).map(|_| peer::connect(address)).collect();
                server.complains(
                    "too many open files in this program (EMFILE); new clients wait",
                );
                let before = kernel::processor_time(server.pid());
                std::thread::sleep(Duration::from_millis(700)); // the time that is measured
                let used = kernel::processor_time(server.pid()) - before;
                assert!(
                    used < Duration::from_millis(200),
                    "{design}: a busy loop: {used:?}"
                );

                // Those who are in are served, and each who leaves makes room for one more.
                let mut late = clients.split_off(8);
                for mut client in clients {
                    echoed(&mut client, "in time");
                }
                // 16 places at most, 8 are free again.
                for client in &mut late[..8] {
                    echoed(client, "late");
                }
            },
        );
    }

    #[test]
    fn a_half_closed_peer_gets_its_answer() {
        each(&DESIGNS, |design| {
            let (_server, address) = server(design, &[]);
            for length in [5, 50_000] {
                // Small enough for the kernel to keep it all until we read.
                let message = "x".repeat(length);
                let mut client = peer::connect(address);
                peer::write(&mut client, &message);
                client.shutdown(Shutdown::Write).expect("a FIN");
                let all = peer::read_to_end(&mut client);
                assert_eq!(all.len(), length, "{design}");
            }
        });
    }

    #[test]
    fn unread_input_does_not_cost_the_last_answer() {
        // A client has said much more than was read when Ctrl+C comes.
        each(&DESIGNS, |design| {
            let (server, address) = server(design, &[]);
            let mut client = served(address);
            peer::write(&mut client, "last");
            assert_eq!(peer::read_bytes(&mut client, 1), b"l");
            server.interrupt();
            tests::until("the end has begun", || {
                let rows = kernel::tcp_sockets_on(address.port());
                let closed = |row: &kernel::TcpRow| row.state == kernel::FIN_WAIT_2;
                rows.iter().any(closed).then_some(())
            });
            // Its end has come, and it goes on talking for a moment.
            peer::write(&mut client, "x".repeat(20_000));
            let rest = peer::read_to_end(&mut client);
            assert_eq!(rest, b"ast", "{design}");
            drop(client);
            server.ends().code(0);
        });
    }

    #[test]
    fn it_restarts_at_once_on_the_same_port() {
        each(&DESIGNS, |design| {
            let (first, address) = server(design, &[]);
            let mut client = served(address);
            // The server closes first: its end of the connection waits in TIME_WAIT.
            first.interrupt();
            sees_the_end(&mut client);
            drop(client);
            first.ends().code(0);
            let args = [&address.to_string(), "--design", design];
            let mut second = Program::of("scale").args(args).start();
            assert_eq!(second.address(), address);
            echoed(&mut served(address), "hello");
        });
    }

    #[test]
    fn a_slow_or_idle_peer_stops_nobody_else() {
        each(&DESIGNS, |design| {
            let (_server, address) = server(design, &["--patience", "0.5"]);
            let mut idle = served(address);
            // The others of one-by-one wait until it is given up. Not longer.
            echoed(&mut served(address), "hello");
            sees_the_end(&mut idle);
        });
    }

    #[test]
    fn bytes_that_are_not_text_are_no_panic() {
        each(&DESIGNS, |design| {
            let (_server, address) = server(design, &[]);
            let mut client = served(address);
            let every_byte: Vec<u8> = (0..=255).collect();
            for bytes in [
                &b"\xc3"[..],
                b"\xa9",
                b"a\0b",
                b"\xff\xf4\xff\xfd\x06",
                &every_byte,
            ] {
                echoed(&mut client, bytes);
            }
        });
    }

    #[test]
    fn ctrl_c_and_sigterm_end_it_cleanly() {
        each(&DESIGNS, |design| {
            for signal in [SIGINT, SIGTERM] {
                let (idle, address) = server(design, &[]);
                crate::ends_well(idle, signal, address, &mut []);
                let (busy, address) = server(design, &[]);
                let mut clients = vec![served(address)];
                // In the queue of one-by-one, and served by the others.
                clients.extend([address; 10].map(peer::connect));
                crate::ends_well(busy, signal, address, &mut clients);
            }
        });
    }

    #[test]
    fn ctrl_c_ends_it_though_clients_neither_read_nor_close() {
        each(&DESIGNS, |design| {
            let (server, address) = server(design, &[]);
            let _idle = [address; 5].map(peer::connect);
            let _stuck = stuck(address);
            let start = std::time::Instant::now();
            server.interrupt();
            server.ends().code(0);
            let took = start.elapsed();
            assert!(took < Duration::from_secs(1), "{design}: {took:?}");
        });
    }

    #[test]
    fn a_peer_that_vanished_is_given_up() {
        tests::tool!("ip");
        let python3 = tests::tool!("python3").display().to_string();
        if !tests::namespace::allowed() {
            return;
        }
        // In a network of its own: a client is served, and then the network is down. No
        // FIN, no RST, nothing will ever come.
        let client = "
import socket, subprocess, time
while True:
    try:
        s = socket.create_connection(('127.0.0.1', 7777))
        break
    except OSError:
        time.sleep(0.01)
s.sendall(b'hello')
s.recv(100)
subprocess.run(['ip', 'link', 'set', 'lo', 'down'])
print('the network is down', flush=True)
time.sleep(20)
";
        let setup = format!("ip link set lo up\n{python3} -c \"{client}\" &");
        each(&DESIGNS, |design| {
            let args = ["--design", design, "--patience", "0.5"];
            let program = Program::of("scale").args(args);
            let server = tests::namespace::around(program, &setup).start();
            let down =
                |printed: Vec<u8>| String::from_utf8_lossy(&printed).contains("is down");
            tests::until_within(tests::WHOLE, "the network is down", || {
                down(server.printed()).then_some(())
            });
            let connections = || {
                let table =
                    std::fs::read_to_string(format!("/proc/{}/net/tcp", server.pid()));
                let table = table.unwrap_or_default();
                // 01 is ESTABLISHED; ours is port 7777, 1E61 in hexadecimal.
                let ours =
                    |row: &&str| row.contains(":1E61 0100007F:") && row.contains(" 01 ");
                table.lines().filter(ours).count()
            };
            tests::until("it is given up", || (connections() == 0).then_some(()));
        });
    }

    #[test]
    fn a_wrong_argument_is_told() {
        let wrong = [
            &["nonsense"][..],
            &["127.0.0.1:70000"],
            &["--design", "fork"],
            &["--workers", "0"],
            &["--workers", "many"],
            &["--patience", "0"],
            &["--what"],
        ];
        for args in wrong {
            let ended = Program::of("scale").args(args).run();
            ended.code(2).complained("");
            assert_eq!(ended.stdout, "");
        }
    }

    #[test]
    fn a_name_that_does_not_exist_is_told() {
        let ended = Program::of("scale").args(["x.invalid:80"]).run();
        ended
            .code(1)
            .complained("cannot resolve x.invalid: the resolver says: ");
    }

    #[test]
    fn a_scoped_address_is_understood() {
        tests::no_way::scoped_listener(|address| Program::of("scale").args([address]));
    }

    #[test]
    fn a_port_in_use_is_told() {
        let (_listener, address) = peer::listener();
        let ended = Program::of("scale").args([address.to_string()]).run();
        ended.code(1).complained(&format!(
            "cannot listen on {address}: address already in use (EADDRINUSE)"
        ));
    }

    #[test]
    fn ten_thousand_resets_leave_nothing_behind() {
        each(&DESIGNS, |design| {
            let (server, address) = server(design, &[]);
            let pid = server.pid();
            let look = || {
                (
                    kernel::threads(pid),
                    kernel::descriptors(pid),
                    kernel::resident_kib(pid),
                )
            };
            let resets = |count| {
                for _ in 0..count / 50 {
                    for _ in 0..50 {
                        let mut client = peer::connect(address);
                        peer::write(&mut client, "Mich");
                        peer::reset(client);
                    }
                    echoed(&mut served(address), "Sarah");
                }
            };
            let threads = if design == "pool" { 65 } else { 2 };
            let empty = || {
                tests::until("nobody is left", || {
                    Some(look()).filter(|now| now.0 == threads && now.1 <= 12)
                })
            };
            resets(300);
            let before = empty();
            resets(1_200); // seven designs: together more than ten thousand
            let after = tests::until("all descriptors are closed", || {
                Some(look()).filter(|now| now.0 == threads && now.1 <= before.1)
            });
            assert!(
                after.2 < before.2 + 4096,
                "{design}: {before:?}, then {after:?}"
            );
        });
    }

    #[test]
    fn it_listens_on_loopback_only() {
        each(&DESIGNS, |design| {
            let (server, address) = server(design, &[]);
            assert_eq!(kernel::listening(server.pid()), [address]);
            assert!(address.ip().is_loopback());
        });
    }

    #[test]
    fn a_descriptor_above_fd_setsize_is_no_panic() {
        if !crate::may_hold(3_000) {
            return;
        }
        let script = "import os, sys
for _ in range(1100):
    os.set_inheritable(os.dup(0), True)
os.execv(sys.argv[1], sys.argv[1:])";
        let program = Program::of("scale").args(["127.0.0.1:0", "--design", "select"]);
        let ended = program
            .through(tests::tool!("python3"), ["-c", script])
            .run();
        ended.code(1).complained("select cannot watch descriptor 1");
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_client_beyond_fd_setsize_is_sent_away() {
        if !crate::may_hold(3_000) {
            return;
        }
        let (_server, address) = server("select", &[]);
        let mut clients = Vec::new();
        let mut away = loop {
            let mut client = peer::connect(address);
            peer::write(&mut client, "hello");
            let answer = peer::read_bytes(&mut client, 5);
            if answer != b"hello" {
                assert_eq!(answer, b"error");
                break client;
            }
            clients.push(client);
            assert!(clients.len() < 1024, "a set has 1024 places");
        };
        assert!(clients.len() > 1000, "{}", clients.len());
        let told = peer::read_to_end(&mut away);
        assert_eq!(told, b": this server is full, try again later\n");
        // Everybody else is served, and each who leaves makes room for one more.
        echoed(&mut clients[0], "hello");
        echoed(&mut clients[1000], "hello");
        drop(clients.split_off(500));
        tests::until("a free place", || {
            let mut client = peer::connect(address);
            peer::write(&mut client, "hello");
            (peer::read_bytes(&mut client, 5) == b"hello").then_some(())
        });
    }
}

mod load {
    use std::time::Duration;

    use nix::sys::signal::Signal::{SIGCONT, SIGINT, SIGSTOP, SIGTERM};
    use tests::{Program, peer};

    use crate::{CONNECTED, PER_SECOND, SERVED, load, server};

    fn client(address: impl ToString) -> Program {
        let options = ["--connections", "1", "--seconds", "0.3"];
        let address = address.to_string();
        Program::of("load").args([address.as_str()].into_iter().chain(options))
    }

    #[test]
    fn pieces_are_put_together() {
        let (address, server) = peer::serve_one(|mut stream| {
            for _ in 0..3 {
                let message = peer::read_bytes(&mut stream, 64);
                peer::write_slowly(&mut stream, message).expect("load reads"); // 64 ms
            }
        });
        let ended = client(address).args(["--seconds", "5"]).run();
        server.join().expect("no panic");
        ended.code(1).complained("connections were lost: ");
        assert!(ended.stdout.contains("2 answers"), "{ended:?}");
    }

    #[test]
    fn an_interrupted_call_is_made_again() {
        let (_server, address) = server("epoll", &[]);
        let mut running = client(address).start();
        for _ in 0..3 {
            running.signal(SIGSTOP);
            running.signal(SIGCONT);
        }
        running.line("answers in");
        running.ends().code(0);
    }

    #[test]
    fn a_peer_that_closed_ends_that_connection_only() {
        // A server that refuses every second client.
        let (listener, address) = peer::listener();
        let serving = std::thread::spawn(move || {
            let (mut first, _) = listener.accept().expect("a client");
            let (second, _) = listener.accept().expect("a client");
            drop(second);
            while std::io::copy(&mut first.try_clone().expect("a handle"), &mut first)
                .is_ok_and(|count| count > 0)
            {}
        });
        let (ended, numbers) = load(address, "--connections 2 --seconds 0.3");
        serving.join().expect("no panic");
        ended.code(1).complained("connections were lost: ");
        assert!(numbers[PER_SECOND] > 10.0, "{numbers:?}");
        assert_eq!(numbers[SERVED], 1.0);
    }

    #[test]
    fn a_closed_output_is_no_panic() {
        let (_server, address) = server("epoll", &[]);
        let ended = client(address).start_with_closed_output().ends();
        ended.code(0);
        assert_eq!(ended.stderr, "");
    }

    #[test]
    fn a_reset_in_the_middle_ends_that_connection_only() {
        let (address, server) = peer::serve_one(|mut stream| {
            let message = peer::read_bytes(&mut stream, 64);
            peer::write(&mut stream, message);
            peer::read_bytes(&mut stream, 10);
            peer::reset(stream);
        });
        let ended = client(address).run();
        server.join().expect("no panic");
        ended
            .code(1)
            .complained("connection reset by the peer (ECONNRESET)");
    }

    #[test]
    fn an_endless_message_is_refused() {
        let (address, server) = peer::serve_one(|mut stream| {
            peer::read_bytes(&mut stream, 64);
            use std::io::Write;
            while stream.write_all(&[b'x'; 10_000]).is_ok() {}
        });
        let ended = client(address).run();
        server.join().expect("no panic");
        ended
            .code(1)
            .complained("what comes back is not what was sent");
    }

    #[test]
    fn the_end_in_the_middle_of_a_message_is_told() {
        let (address, server) = peer::serve_one(|mut stream| {
            let message = peer::read_bytes(&mut stream, 64);
            peer::write(&mut stream, &message[..63]);
        });
        let ended = client(address).run();
        server.join().expect("no panic");
        ended.code(1).complained("the stream ended in the middle");
    }

    #[test]
    fn bytes_that_are_not_text_are_no_panic() {
        let (address, server) = peer::serve_one(|mut stream| {
            peer::read_bytes(&mut stream, 64);
            peer::write(&mut stream, b"\xff\xf4\xff\xfd\x06\0");
            peer::read_line(&mut stream);
        });
        let ended = client(address).run();
        server.join().expect("no panic");
        ended
            .code(1)
            .complained("what comes back is not what was sent");
    }

    #[test]
    fn a_dead_port_is_told() {
        tests::no_way::closed_port(client);
    }

    #[test]
    fn a_full_queue_is_told_after_the_timeout() {
        tests::no_way::full_queue(client);
    }

    #[test]
    fn a_connection_to_itself_is_refused() {
        tests::no_way::to_itself(client);
    }

    #[test]
    fn a_name_that_does_not_exist_is_told() {
        tests::no_way::unknown_name(client);
    }

    #[test]
    fn without_descriptors_it_waits_and_recovers() {
        // It knows before how many it needs, and does not begin.
        let prlimit = tests::tool!("prlimit");
        let program = Program::of("load").args(["--connections", "100"]);
        let ended = program.through(prlimit, ["--nofile=50:50"]).run();
        ended.code(1).complained("100 clients need 116 descriptors");
    }

    #[test]
    fn ctrl_c_and_sigterm_end_it_cleanly() {
        let (_server, address) = server("epoll", &[]);
        for signal in [SIGINT, SIGTERM] {
            let options = ["--seconds", "30"];
            let address = address.to_string();
            let program =
                Program::of("load").args([address.as_str()].iter().chain(&options));
            let mut running = program.start();
            running.line("served: ");
            running.signal(signal);
            running.ends_within(Duration::from_secs(1)).code(0);
        }
    }

    #[test]
    fn a_peer_that_vanished_is_given_up() {
        // It never waits longer than its own time.
        let (_listener, address) = peer::listener(); // accepts nobody
        let (ended, numbers) = load(address, "--connections 3 --seconds 0.3 --rate 100");
        ended.code(0);
        assert_eq!((numbers[CONNECTED], numbers[SERVED]), (3.0, 0.0));
        assert!(ended.took < Duration::from_secs(3), "{ended:?}");
    }

    #[test]
    fn a_wrong_argument_is_told() {
        let wrong = [
            &["nonsense"][..],
            &["127.0.0.1:70000"],
            &["--connections", "-1"],
            &["--connections", "all"],
            &["--size", "0"],
            &["--seconds", "0"],
            &["--what"],
        ];
        for args in wrong {
            let ended = Program::of("load").args(args).run();
            ended.code(2).complained("");
            assert_eq!(ended.stdout, "");
        }
    }
}

mod compare {
    use std::time::Duration;

    use nix::sys::signal::Signal::{SIGINT, SIGTERM};
    use tests::{Program, Running, kernel};

    fn quick(folder: &tempfile::TempDir) -> Program {
        let save = folder.path().display().to_string();
        let only = ["--quick", "--seconds", "0.05", "--only", "epoll", "--save"];
        Program::of("compare").args(only).args([save])
    }

    /// cargo looks first whether all is built, which may take its time.
    fn measures(running: Running) -> Running {
        tests::until_within(tests::WHOLE, "it measures", || {
            let printed = String::from_utf8_lossy(&running.printed()).into_owned();
            printed
                .contains("round 1 of 100: 10 clients, epoll")
                .then_some(())
        });
        running
    }

    #[test]
    fn a_closed_output_is_no_panic() {
        let folder = tempfile::tempdir().expect("a folder");
        let saved = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/17-scale/measured.csv");
        let save = folder.path().display().to_string();
        let program = Program::of("compare").args(["--from", saved, "--save", &save]);
        let ended = program.start_with_closed_output().ends();
        ended.code(0);
        assert_eq!(ended.stderr, "");
    }

    #[test]
    fn ctrl_c_and_sigterm_end_it_cleanly() {
        for signal in [SIGINT, SIGTERM] {
            let folder = tempfile::tempdir().expect("a folder");
            let running = quick(&folder).args(["--rounds", "100"]).start();
            let running = measures(running);
            running.signal(signal);
            running.ends_within(Duration::from_secs(1)).code(0);
        }
    }

    #[test]
    fn a_wrong_argument_is_told() {
        for args in [
            &["--also", "nothing"][..],
            &["--rounds", "many"],
            &["--rounds", "0"],
            &["--only", "fork"],
            &["--seconds", "0"],
            &["--what"],
        ] {
            let ended = Program::of("compare").args(args).run();
            ended.code(2).complained("");
        }
    }

    #[test]
    fn a_server_that_does_not_start_is_told() {
        let folder = tempfile::tempdir().expect("a folder");
        for (also, told) in [
            ("x=/bin/true", "it ended without `Listening on HOST:PORT`"),
            ("x=/nowhere/at/all", "(ENOENT)"),
            ("x=/bin/echo Listening on 127.0.0.1:1", "cannot measure x"),
        ] {
            let also = ["--also", also];
            let ended = quick(&folder).args(also).run();
            ended.code(1).complained(told);
        }
        let ended = Program::of("compare").args(["--from", "/nowhere"]).run();
        ended.code(1).complained("cannot read /nowhere");
    }

    #[test]
    fn nothing_that_it_started_stays_behind() {
        let folder = tempfile::tempdir().expect("a folder");
        let running = quick(&folder).args(["--rounds", "100"]).start();
        let running = measures(running);
        let group = running.pid();
        let others = || {
            let all = std::fs::read_dir("/proc").expect("/proc").flatten();
            let pids =
                all.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
            pids.filter(|pid| *pid != group && kernel::group(*pid) == Some(group))
                .count()
        };
        tests::until_within(tests::WHOLE, "a server and a load", || {
            (others() > 0).then_some(())
        });
        running.terminate();
        tests::until("they have ended", || (others() == 0).then_some(()));
        running.ends().code(0);
    }
}
