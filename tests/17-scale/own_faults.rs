//! What is these programs' own of the table of faults (`tests/faults`); of `scale`, for every one
//! of its designs.

mod scale {

    use std::io::Read;
    use std::net::SocketAddr;
    use std::time::Duration;

    use tests::{Program, Running, kernel, peer};

    use crate::{DESIGNS, each, echoed, served, server, stuck};

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

    /// `abc`, an urgent byte and `def`, which a server finds all at once: what comes back.
    fn beside_an_urgent_byte(server: &Running, address: SocketAddr) -> Vec<u8> {
        let mut client = served(address);
        server.stop();
        peer::write(&mut client, "abc");
        let urgent = socket2::SockRef::from(&client).send_out_of_band(b"!");
        assert_eq!(urgent.expect("sent"), 1);
        peer::write(&mut client, "def");
        server.go_on();
        let long = Some(Duration::from_secs(4));
        client.set_read_timeout(long).expect("a timeout");
        let mut back = Vec::new();
        let mut buffer = [0; 6];
        while back.len() < 6 {
            match client.read(&mut buffer) {
                Ok(count) if count > 0 => back.extend(&buffer[..count]),
                _ => break,
            }
        }
        back
    }

    /// Claim: A read that did not fill the buffer has emptied the socket (epoll(7)).
    /// Truth: a receive stops at the urgent byte, too. Whoever is told of changes only has
    /// to read until there is nothing (EAGAIN).
    #[test]
    fn an_urgent_byte_stops_nothing() {
        each(&DESIGNS, |design| {
            let (server, address) = server(design, &[]);
            let back = beside_an_urgent_byte(&server, address);
            assert_eq!(back, b"abcdef", "{design}");
        });
        // tokio's own `read` takes a short one for the end of what there is.
        let mut step = Program::of("scale-7").args(["127.0.0.1:0"]).start();
        let address = step.address();
        assert_eq!(beside_an_urgent_byte(&step, address), b"abc");
    }

    #[test]
    fn a_client_that_comes_at_the_end_is_refused_and_not_kept_waiting() {
        each(&DESIGNS, |design| {
            let (server, address) = server(design, &[]);
            let _idle = served(address); // does not close: so the goodbye takes its time
            server.interrupt();
            tests::until("it is refused", || {
                let newcomer = std::net::TcpStream::connect(address);
                let error = newcomer.err()?;
                assert_eq!(error.kind(), std::io::ErrorKind::ConnectionRefused);
                Some(())
            });
            assert!(
                kernel::descriptors(server.pid()) > 0,
                "{design}: it still runs"
            );
            server.ends().code(0);
        });
    }

    /// The wait after a lack of descriptors grows to a second. Whoever leaves ends it.
    #[test]
    fn a_freed_descriptor_ends_the_wait_of_an_event_loop() {
        let prlimit = tests::tool!("prlimit");
        each(&["select", "poll", "epoll"], |design| {
            let program = crate::program(design, &[]);
            let program = program.through(&prlimit, ["--nofile=40:40"]);
            let mut server = program.start();
            let address = server.address();
            // As many as find room: 40, less what it holds itself.
            let mut here = vec![served(address)];
            let room = 40 - kernel::descriptors(server.pid());
            here.extend((0..room).map(|_| served(address)));
            let mut waiting = peer::connect(address);
            server.complains("cannot accept");
            std::thread::sleep(Duration::from_millis(2500)); // the wait has grown
            let start = std::time::Instant::now();
            drop(here.pop());
            echoed(&mut waiting, "at last");
            let took = start.elapsed();
            assert!(took < Duration::from_millis(400), "{design}: {took:?}");
        });
    }

    /// An allocation that fails aborts the process: so a thread must not take the last.
    #[test]
    fn a_thread_each_leaves_memory_for_the_others() {
        let prlimit = tests::tool!("prlimit");
        let program = crate::program("thread-each", &[]);
        let mut server = program.through(prlimit, ["--as=40000000"]).start();
        let address = server.address();
        let _first = served(address);
        let mut here: Vec<_> = (0..300).map(|_| peer::connect(address)).collect();
        server.complains("no thread for it");
        for client in &mut here {
            // Whoever was refused may be gone.
            std::io::Write::write(client, &[b'x'; 3000]).ok();
        }
        drop(here);
        tests::until("one more is served", || {
            let mut client = peer::connect(address);
            std::io::Write::write_all(&mut client, b"hello").ok()?;
            client.read_exact(&mut [0; 5]).ok()
        });
        server.interrupt();
        server.ends().code(0);
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

    use nix::sys::signal::Signal::{SIGINT, SIGTERM};
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
            running.interrupt_its_call();
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
    fn a_full_disk_behind_its_output_is_told() {
        let folder = tempfile::tempdir().expect("a folder");
        let saved = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/17-scale/measured.csv");
        let save = folder.path().display().to_string();
        let program = Program::of("compare").args(["--from", saved, "--save", &save]);
        let ended = program.start_with_full_disk().ends();
        ended
            .code(1)
            .complained("no space left on the device (ENOSPC)");
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
