//! What is these programs' own of the table of faults (`tests/faults`): names that are files, and
//! hosts that are asked.

mod families {
    use tests::Program;

    #[cfg(target_os = "linux")]
    #[test]
    fn without_descriptors_it_waits_and_recovers() {
        // It waits for nobody: each row says what is missing, and the next is tried.
        let prlimit = tests::tool!("prlimit");
        let program = Program::of("families").through(prlimit, ["--nofile=4"]);
        let ended = program.run();
        ended.code(0);
        let told = "too many open files in this program (EMFILE)";
        assert!(ended.stdout.matches(told).count() >= 5, "{ended:#?}");
    }
}

mod unix_stream {
    use std::io::{Read, Write};
    use std::net::Shutdown;
    use std::os::unix::net::UnixStream;
    use std::time::Duration;

    use nix::sys::signal::Signal::{SIGINT, SIGTERM};
    use tests::peer;

    use crate::{Server, connect, is_answered, is_welcomed, server, serves};

    #[test]
    fn pieces_are_put_together() {
        let server = Server::start();
        let mut client = server.welcomed();
        for byte in "é one\n".as_bytes() {
            client.write_all(&[*byte]).expect("it is sent");
        }
        assert_eq!(peer::read_line(&mut client), "OK... é one\n");
        client.write_all(b"two\nthree\nfo").expect("it is sent");
        assert_eq!(peer::read_line(&mut client), "OK... two\n");
        assert_eq!(peer::read_line(&mut client), "OK... three\n");
        client.write_all(b"ur\n").expect("it is sent");
        assert_eq!(peer::read_line(&mut client), "OK... four\n");
    }

    #[test]
    fn a_peer_that_does_not_read_stops_nobody_else() {
        let mut server = Server::with(&["--patience", "0.3"]);
        let mut deaf = server.welcomed();
        deaf.set_write_timeout(Some(Duration::from_millis(100)))
            .expect("a deadline");
        let line = [&[b'x'; 4000][..], b"\n"].concat();
        while deaf.write_all(&line).is_ok() {}
        serves(&server.path);
        server
            .running
            .line("a client is lost: timed out (ETIMEDOUT)");
        drop(deaf);
    }

    #[test]
    fn an_interrupted_call_is_made_again() {
        let server = Server::start();
        let mut client = server.welcomed();
        for word in ["one", "two", "three"] {
            server.running.interrupt_its_call();
            is_answered(&mut client, word);
        }
        serves(&server.path);
    }

    #[test]
    fn a_peer_that_closed_ends_that_connection_only() {
        let mut server = Server::start();
        let mut other = server.welcomed();
        let client = connect(&server.path);
        client.shutdown(Shutdown::Read).expect("it hears no more");
        (&client).write_all(b"one\n").expect("it is sent");
        drop(client);
        server.running.line("a client is lost: ");
        is_answered(&mut other, "two");
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_reset_in_the_middle_ends_that_connection_only() {
        // The Unix domain has no packets, and a reset all the same: for who closes and has
        // not read everything (unix_release_sock in af_unix.c).
        let mut server = Server::start();
        let mut other = server.welcomed();
        let unread = connect(&server.path);
        server.running.line("has come");
        tests::until("the welcome is there", || {
            unread.set_nonblocking(true).expect("O_NONBLOCK");
            let peeked = nix::sys::socket::recv(
                std::os::fd::AsRawFd::as_raw_fd(&unread),
                &mut [0; 10],
                nix::sys::socket::MsgFlags::MSG_PEEK,
            );
            peeked.is_ok_and(|length| length > 0).then_some(())
        });
        drop(unread);
        server
            .running
            .line("a client is lost: connection reset by the peer (ECONNRESET)");
        is_answered(&mut other, "two");
    }

    #[test]
    fn a_closed_output_is_no_panic() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("sock");
        let running = server(&path).start_with_closed_output();
        let mut client = tests::until("it listens", || UnixStream::connect(&path).ok());
        is_welcomed(&mut client);
        running.interrupt();
        let ended = running.ends();
        ended.code(0);
        assert_eq!(ended.stderr, "");
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_full_disk_behind_its_output_is_told() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("sock");
        let running = server(&path).start_with_full_disk();
        let mut client = tests::until("it listens", || UnixStream::connect(&path).ok());
        is_welcomed(&mut client);
        running.interrupt();
        running
            .ends()
            .code(1)
            .complained("no space left on the device (ENOSPC)");
    }

    #[test]
    fn an_output_that_nobody_reads_stops_nobody() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("sock");
        let (running, mut output) = server(&path).start_with_unread_output();
        let mut first = tests::until("it listens", || UnixStream::connect(&path).ok());
        is_welcomed(&mut first); // by now it has printed where it listens
        output.fill_beside(&running);
        (0..3).for_each(|_| serves(&path));
        running.interrupt();
        running.ends_within(Duration::from_secs(2)).code(0);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn an_aborted_accept_is_survived() {
        let strace = tests::tool!("strace");
        let rule = "accept4:error=ECONNABORTED:when=1";
        let server = Server::from(|program| program.injected(strace, &[rule]));
        serves(&server.path);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn without_descriptors_it_waits_and_recovers() {
        use tests::kernel;
        let prlimit = tests::tool!("prlimit");
        let limit = ["--nofile=10"];
        let server = Server::from(|program| program.through(prlimit, limit));
        let mut clients: Vec<_> = (0..12).map(|_| connect(&server.path)).collect();
        server.running.complains("(EMFILE); new clients wait");
        let before = kernel::processor_time(server.running.pid());
        std::thread::sleep(Duration::from_millis(500)); // the time that is measured
        let used = kernel::processor_time(server.running.pid()) - before;
        assert!(used < Duration::from_millis(200), "a busy loop: {used:?}");
        let mut late = clients.split_off(3);
        for mut client in clients {
            is_welcomed(&mut client);
        }
        while !late.is_empty() {
            is_welcomed(&mut late.remove(0));
        }
    }

    #[test]
    fn a_half_closed_peer_gets_its_answer() {
        let server = Server::start();
        let mut client = server.welcomed();
        client.write_all(b"one\nlast").expect("it is sent");
        client.shutdown(Shutdown::Write).expect("the end");
        let all = peer::read_to_end(&mut client);
        assert_eq!(all, b"OK... one\nOK... last\n");
    }

    #[test]
    fn unread_input_does_not_cost_the_last_answer() {
        let server = Server::start();
        let mut client = server.welcomed();
        let endless = vec![b'x'; 30_000];
        client.write_all(&endless).expect("it is sent");
        let all = peer::read_to_end(&mut client); // and no ECONNRESET
        assert_eq!(all, b"error: this line is too long\n");
    }

    #[test]
    fn it_restarts_at_once_on_the_same_port() {
        // Its name, that is. There is no TIME_WAIT; but there is a file.
        let mut first = Server::start();
        let client = first.welcomed();
        first.running.interrupt();
        assert_eq!(peer::read_to_end(&mut &client), b"");
        first.running.line("try: ");
        first.running.ends().code(0);
        let mut second = server(&first.path).start();
        second.line("Listening on ");
        serves(&first.path);
    }

    #[test]
    fn a_slow_or_idle_peer_stops_nobody_else() {
        let mut server = Server::with(&["--patience", "0.3"]);
        let mut idle: Vec<_> = (0..3).map(|_| server.welcomed()).collect();
        serves(&server.path);
        for client in &mut idle {
            server
                .running
                .line("a client is lost: timed out (ETIMEDOUT)");
            assert_eq!(peer::read_to_end(client), b"");
        }
    }

    #[test]
    fn an_endless_message_is_refused() {
        let server = Server::start();
        let mut client = server.welcomed();
        let longest = "x".repeat(4095);
        is_answered(&mut client, &longest);
        client
            .write_all("x".repeat(4096).as_bytes())
            .expect("it is sent");
        let told = peer::read_line(&mut client);
        assert_eq!(told, "error: this line is too long\n");
        assert_eq!(peer::read_to_end(&mut client), b"");
    }

    #[test]
    fn bytes_that_are_not_text_are_no_panic() {
        let server = Server::start();
        let mut client = server.welcomed();
        let bytes = b"\xc3\0\xff\xf4\xff\xfd\x06";
        client
            .write_all(&[bytes, &b"\n"[..]].concat())
            .expect("it is sent");
        let mut answer = vec![0; bytes.len() + 7];
        client.read_exact(&mut answer).expect("an answer");
        assert_eq!(answer, [b"OK... ", &bytes[..], b"\n"].concat());
    }

    #[test]
    fn ctrl_c_and_sigterm_end_it_cleanly() {
        for signal in [SIGINT, SIGTERM] {
            for count in [0, 5] {
                let server = Server::start();
                let mut clients: Vec<_> = (0..count).map(|_| server.welcomed()).collect();
                server.running.signal(signal);
                for client in &mut clients {
                    assert_eq!(peer::read_to_end(client), b"");
                }
                drop(clients);
                let ended = server.running.ends_within(Duration::from_secs(1));
                ended.code(0);
                assert_eq!(ended.stderr, "");
                assert!(!server.path.exists());
            }
        }
    }

    #[test]
    fn a_port_in_use_is_told() {
        // A name in use.
        let first = Server::start();
        let ended = server(&first.path).run();
        let told = format!("cannot listen on {}: ", first.path.display());
        ended.code(1).complained(&told);
        ended.complained("address already in use (EADDRINUSE)");
        serves(&first.path);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn ten_thousand_resets_leave_nothing_behind() {
        use tests::kernel;
        let server = Server::start();
        let pid = server.running.pid();
        let look = || (kernel::threads(pid), kernel::descriptors(pid));
        let client = server.welcomed();
        let descriptors = look().1;
        drop(client);
        let before = tests::until("it has gone", || {
            Some(look()).filter(|now| now.1 < descriptors)
        });
        let memory = kernel::resident_kib(pid);
        for _ in 0..100 {
            let clients = [(); 100].map(|()| UnixStream::connect(&server.path));
            drop(clients); // with an unread welcome, or before it comes
        }
        tests::until("nothing is left", || {
            let now = look();
            (now.0 <= before.0 && now.1 <= before.1).then_some(())
        });
        serves(&server.path); // and not before: so many at once, and it is full
        let grown = kernel::resident_kib(pid).saturating_sub(memory);
        assert!(grown < 8_000, "{grown} KiB");
    }
}

mod unix_stream_client {
    use std::io::{Read, Write};
    use std::os::unix::net::UnixStream;
    use std::time::Duration;

    use nix::sys::signal::Signal::{SIGINT, SIGTERM};
    use tests::{ANSWER, Ended, Program, peer};

    use crate::{client, serve, stale};

    /// The client, with this typed, at a server that says these bytes and closes.
    fn hears(bytes: &'static [u8]) -> Ended {
        let (_folder, path, server) = serve(move |mut stream| {
            stream.write_all(bytes).ok();
            stream.shutdown(std::net::Shutdown::Write).ok();
            stream.read_to_end(&mut Vec::new()).ok();
        });
        let mut running = client(&path).start();
        running.types("hello\n");
        running.close_keyboard();
        let ended = running.ends();
        server.join().expect("no panic");
        ended
    }

    #[test]
    fn pieces_are_put_together() {
        let (_folder, path, server) = serve(|mut stream| {
            for byte in b"Welcome!\n" {
                stream.write_all(&[*byte]).expect("it is sent");
            }
            assert_eq!(peer::read_line(&mut stream), "hello\n");
            stream
                .write_all(b"OK... hello\nOK... ag")
                .expect("it is sent");
            assert_eq!(peer::read_line(&mut stream), "again\n");
            stream.write_all(b"ain\n").expect("it is sent");
        });
        let mut running = client(&path).start();
        running.line("Welcome!");
        running.types("hello\n");
        running.line("OK... hello");
        running.types("again\n");
        running.line("OK... again");
        running.close_keyboard();
        running.ends().code(0);
        server.join().expect("no panic");
    }

    #[test]
    fn an_interrupted_call_is_made_again() {
        let (_folder, path, server) = serve(|mut stream| {
            stream.write_all(b"Welcome!\n").expect("it is sent");
            assert_eq!(peer::read_line(&mut stream), "hello\n");
            stream
        });
        let mut running = client(&path).start();
        running.line("Welcome!");
        running.types("hello\n");
        let mut stream = server.join().expect("no panic");
        for _ in 0..3 {
            running.interrupt_its_call();
        }
        stream.write_all(b"OK... hello\n").expect("it is sent");
        running.line("OK... hello");
        running.close_keyboard();
        running.ends().code(0);
    }

    #[test]
    fn a_peer_that_closed_ends_that_connection_only() {
        let (_folder, path, server) = serve(|mut stream| {
            stream.write_all(b"Welcome!\n").expect("it is sent");
        });
        let mut running = client(&path).start();
        running.line("Welcome!");
        server.join().expect("it has closed");
        running.types("hello\n");
        running.ends().code(1).complained("broken pipe (EPIPE)");
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_reset_in_the_middle_ends_that_connection_only() {
        let (_folder, path, server) = serve(|mut stream| {
            stream.write_all(b"Welcome!\n").expect("it is sent");
            // One byte is read, the rest never: closing resets then.
            assert_eq!(peer::read_bytes(&mut stream, 1), b"h");
        });
        let mut running = client(&path).start();
        running.line("Welcome!");
        running.types("hello\n");
        server.join().expect("no panic");
        running
            .ends()
            .code(1)
            .complained("connection reset by the peer (ECONNRESET)");
    }

    #[test]
    fn an_endless_message_is_refused() {
        let (_folder, path, server) =
            serve(
                |mut stream| {
                    while stream.write_all(&[b'x'; 4096]).is_ok() {}
                },
            );
        let ended = client(&path).run();
        ended
            .code(1)
            .complained("the server sends a line without an end");
        server.join().expect("no panic");
    }

    #[test]
    fn the_end_in_the_middle_of_a_message_is_told() {
        let ended = hears(b"Welcome!\nOK... he");
        ended
            .code(1)
            .complained("closed in the middle of an answer: \"OK... he\"");
        hears(b"")
            .code(1)
            .complained("closed in the middle of an answer: \"\"");
        let ended = hears(b"error: this server is not for your user\n");
        ended
            .code(1)
            .complained("the server says: this server is not for your user");
    }

    #[test]
    fn bytes_that_are_not_text_are_no_panic() {
        let ended = hears(b"\x1b[31m\xff\xf4\0\n\xc3\n");
        ended.code(0);
        assert!(!ended.stdout.contains('\x1b'), "{ended:?}");
        let ended = Program::of("unix-stream-client").start();
        let mut running = ended;
        running.types(b"\xff\xfe\n");
        running.line("OK... \u{fffd}\u{fffd}");
    }

    #[test]
    fn a_dead_port_is_told() {
        // A file that is stale, one that is none, and no file.
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("sock");
        let failed = format!("cannot connect to {}: ", path.display());
        let is_told = |why: &str, hint: &str| {
            let ended = client(&path).run();
            ended.code(1).complained(&format!("{failed}{why}"));
            assert!(ended.stderr.contains(hint), "{ended:?}");
        };
        is_told(
            "no such file or directory (ENOENT)",
            "no server has been there yet",
        );
        stale(&path);
        is_told("connection refused (ECONNREFUSED)", "start the server");
        std::fs::remove_file(&path).expect("it goes");
        std::fs::write(&path, "").expect("a file");
        is_told("connection refused (ECONNREFUSED)", "start the server");
        std::fs::remove_file(&path).expect("it goes");
        let _datagram = std::os::unix::net::UnixDatagram::bind(&path).expect("a socket");
        is_told(
            "wrong protocol type for this socket (EPROTOTYPE)",
            "stream socket",
        );
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_full_queue_is_told_after_the_timeout() {
        use socket2::{Domain, SockAddr, Socket, Type};
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("sock");
        let listener = Socket::new(Domain::UNIX, Type::STREAM, None).expect("a socket");
        listener
            .bind(&SockAddr::unix(&path).expect("a path"))
            .expect("a name");
        listener.listen(0).expect("a queue for one");
        let _queued = UnixStream::connect(&path).expect("room for one");
        let ended = client(&path).args(["--timeout", "0.3"]).run();
        ended
            .code(1)
            .complained("nothing happened in time (EAGAIN)");
        assert!(ended.stderr.contains("its queue is full"), "{ended:?}");
        assert!(ended.took >= Duration::from_millis(300), "{ended:?}");
    }

    #[test]
    fn ctrl_c_and_sigterm_end_it_cleanly() {
        for signal in [SIGINT, SIGTERM] {
            let (_folder, path, server) = serve(|mut stream| {
                stream.write_all(b"Welcome!\n").expect("it is sent");
                peer::read_to_end(&mut stream)
            });
            let mut running = client(&path).start();
            running.line("Welcome!");
            running.signal(signal);
            let ended = running.ends_within(Duration::from_secs(1));
            ended.code(0);
            assert_eq!(ended.stderr, "");
            assert_eq!(server.join().expect("no panic"), b"");
        }
    }

    #[test]
    fn a_peer_that_vanished_is_given_up() {
        // A program of the same machine cannot vanish. It can be stopped.
        let (_folder, path, server) = serve(|stream| {
            stream.set_read_timeout(Some(ANSWER)).expect("a deadline");
            peer::read_to_end(&mut &stream)
        });
        let ended = client(&path).args(["--timeout", "0.3"]).run();
        ended.code(1).complained("timed out (ETIMEDOUT)");
        server.join().expect("no panic");
    }
}

#[cfg(target_os = "linux")]
mod ping {
    use std::time::Duration;

    use nix::sys::signal::Signal::{SIGINT, SIGTERM};
    use tests::{Program, tool};

    use crate::hosts::{self, DATAGRAMS, KINDS, answered_by, ping, ping_program};

    #[test]
    fn an_interrupted_call_is_made_again() {
        if !hosts::allowed() {
            return;
        }
        for (setup, option, _) in KINDS {
            let args = ["10.0.9.3", option, "--count", "1", "--timeout", "0.4"];
            let mut running = ping_program(setup, &args).start();
            running.line("PING");
            for _ in 0..3 {
                running.interrupt_its_call();
            }
            let ended = running.ends();
            ended.code(1).complained("timed out (ETIMEDOUT)");
        }
    }

    #[test]
    fn bytes_that_are_not_text_are_no_panic() {
        if !hosts::allowed() {
            return;
        }
        tool!("python3");
        // Too short, of another type, with another identifier, with other data.
        for (_, option, _) in KINDS {
            let ended = answered_by("wrong", &[option, "--count=2", "--interval=0.01"]);
            ended.code(0);
            let lines: Vec<_> = ended.stdout.lines().collect();
            assert_eq!(lines.len(), 5, "{ended:#?}");
            assert_eq!(lines[3], "2 sent, 2 answered, 0 % lost");
        }
    }

    #[test]
    fn lost_and_doubled_datagrams_are_survived() {
        if !hosts::allowed() {
            return;
        }
        tool!("python3");
        for (_, option, _) in KINDS {
            let args = [option, "--count=3", "--interval=0.01", "--timeout=1"];
            for (how, said, answered) in [
                ("lost", "number 1: timed out (ETIMEDOUT)", 2),
                ("late", "[one more answer to number 1]", 2),
                ("twice", "[one more answer to number 1]", 3),
            ] {
                let ended = answered_by(how, &args);
                ended.code(0);
                assert!(ended.stdout.contains(said), "{how}: {ended:#?}");
                let lost = (3 - answered) * 100 / 3;
                let summary =
                    format!("\n3 sent, {answered} answered, {lost} % lost\nmin ");
                assert!(ended.stdout.contains(&summary), "{how}: {ended:#?}");
            }
        }
    }

    #[test]
    fn a_stranger_is_not_believed() {
        if !hosts::allowed() {
            return;
        }
        tool!("python3");
        for (_, option, _) in KINDS {
            let ended = answered_by("stranger", &[option, "--count=1"]);
            ended.code(0);
            let told = "[127.0.0.2 answers, and was not asked]\nnumber 1: 24 bytes from 127.0.0.1";
            assert!(ended.stdout.contains(told), "{ended:#?}");
        }
    }

    #[test]
    fn unreachable_places_are_told_apart() {
        if !hosts::allowed() {
            return;
        }
        let unreachable = "this host cannot be reached";
        let raw = [
            ("10.0.9.1", "10.0.1.2 says: this host cannot be reached"),
            ("10.0.9.2", "10.0.1.2 says: this is not allowed here"),
            (
                "10.9.9.9",
                "10.0.1.2 says: there is no route to this network",
            ),
            ("fd00:9::1", "fd00:1::2 says: "),
            ("fd00:9::2", "fd00:1::2 says: this is not allowed here"),
            (
                "fd00:99::9",
                "fd00:1::2 says: there is no route to this network",
            ),
        ];
        assert!(raw[0].1.ends_with(unreachable));
        for (host, told) in raw {
            let ended = ping("", &[host, "--count=1"]);
            ended
                .code(1)
                .complained(&format!("{host} has not answered: {told}"));
        }
        for (host, told) in [
            ("10.0.9.1", "host unreachable (EHOSTUNREACH)"),
            ("10.0.9.2", "host unreachable (EHOSTUNREACH)"),
            ("10.9.9.9", "network unreachable (ENETUNREACH)"),
            ("fd00:9::1", "(E"),
            ("fd00:9::2", "permission denied (EACCES)"),
            ("fd00:99::9", "network unreachable (ENETUNREACH)"),
        ] {
            let ended = ping(DATAGRAMS, &[host, "--count=1"]);
            ended
                .code(1)
                .complained(&format!("{host} has not answered: "));
            ended.complained(told);
        }
        // No way out of this machine itself.
        for (setup, option, _) in KINDS {
            let setup = format!("{setup}\nip route del default");
            let ended = ping(&setup, &["192.0.2.1", option, "--count=1"]);
            ended
                .code(1)
                .complained("network unreachable (ENETUNREACH)");
        }
    }

    #[test]
    fn a_name_that_does_not_exist_is_told() {
        let ended = Program::of("ping").args(["x.invalid"]).run();
        ended
            .code(1)
            .complained("cannot resolve x.invalid: the resolver says: ");
    }

    #[test]
    fn a_scoped_address_is_understood() {
        if !hosts::allowed() {
            return;
        }
        for (setup, option, _) in KINDS {
            ping(setup, &["fe80::2%card0", option, "--count=1"]).code(0);
            let ended = ping(setup, &["fe80::1%no-card", option]);
            ended.code(1).complained("cannot resolve fe80::1%no-card: ");
        }
        // Without the card a datagram socket refuses. A raw one takes any card with a way
        // to such addresses, here the only one.
        let ended = ping(DATAGRAMS, &["fe80::2", "--count=1"]);
        ended.code(1).complained("invalid argument (EINVAL)");
        ping("", &["fe80::2", "--count=1"]).code(0);
    }

    #[test]
    fn ctrl_c_and_sigterm_end_it_cleanly() {
        if !hosts::allowed() {
            return;
        }
        for signal in [SIGINT, SIGTERM] {
            for (host, told, summary) in [
                (
                    "127.0.0.1",
                    "number 1: ",
                    "1 sent, 1 answered, 0 % lost\nmin ",
                ),
                ("10.0.9.3", "PING", " 0 answered, "),
            ] {
                let args = [host, "--interval", "60", "--timeout", "60"];
                let mut running = ping_program("", &args).start();
                running.line(told);
                running.signal(signal);
                let ended = running.ends_within(Duration::from_secs(1));
                ended.code(0);
                assert_eq!(ended.stderr, "");
                assert!(ended.stdout.contains(summary), "{ended:#?}");
            }
        }
    }

    #[test]
    fn a_peer_that_vanished_is_given_up() {
        if !hosts::allowed() {
            return;
        }
        for (setup, option, _) in KINDS {
            for host in ["10.0.9.3", "fd00:9::3"] {
                let args = [host, option, "--count=2", "--timeout=0.1", "--interval=0.1"];
                let ended = ping(setup, &args);
                let told = format!("{host} has not answered: timed out (ETIMEDOUT)");
                ended.code(1).complained(&told);
                assert!(
                    ended.stdout.ends_with("2 sent, 0 answered, 100 % lost\n"),
                    "{ended:#?}"
                );
            }
        }
    }
}
