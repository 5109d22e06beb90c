//! What is these programs' own of the table of faults (`tests/faults`): what several clients hear
//! of each other.

mod chat {
    use std::io::Write;
    use std::net::Shutdown;
    use std::time::{Duration, Instant};

    use tests::{Program, kernel, peer};

    use crate::{FULL, TOO_LONG, WELCOME, hears, joins, server, two};

    #[test]
    fn pieces_are_put_together() {
        let (_server, address) = server(&[]);
        let [(mut one, name), (mut two, _)] = two(address);
        peer::write_slowly(&mut one, "Hallöchen\r\n").expect("it is taken");
        hears(&mut two, format!("[{name}] Hallöchen\r\n"));
        peer::write(&mut one, "a\r\nb\r\nc\r\n");
        let said = format!("[{name}] a\r\n[{name}] b\r\n[{name}] c\r\n");
        hears(&mut two, said);
    }

    #[test]
    fn a_peer_that_does_not_read_stops_nobody_else() {
        let (_server, address) = server(&[]);
        let (stuck, _) = joins(address);
        let [(mut one, name), (mut two, _)] = two(address);
        let long = "x".repeat(4000);
        for number in 0..500 {
            let start = Instant::now();
            peer::write(&mut one, format!("{number} {long}\n"));
            hears(&mut two, format!("[{name}] {number} {long}\r\n"));
            assert!(start.elapsed() < Duration::from_secs(1), "{number}");
        }
        drop(stuck);
    }

    #[test]
    fn an_interrupted_call_is_made_again() {
        let (server, address) = server(&[]);
        let [(mut one, name), (mut two, _)] = two(address);
        for _ in 0..5 {
            server.interrupt_its_call();
            peer::write(&mut one, "still there?\n");
            hears(&mut two, format!("[{name}] still there?\r\n"));
        }
        #[cfg(target_os = "linux")]
        {
            // A signal with a handler interrupts select, with SA_RESTART, too (signal(7)).
            let strace = tests::tool!("strace");
            let program = Program::of("chat").args(["127.0.0.1:0"]);
            let rule = "select,pselect6:error=EINTR:when=2..8+2";
            let mut server = program.injected(strace, &[rule]).start();
            let [(mut one, name), (mut two, _)] = crate::two(server.address());
            for text in ["one", "two", "three"] {
                peer::write(&mut one, format!("{text}\n"));
                hears(&mut two, format!("[{name}] {text}\r\n"));
            }
        }
    }

    #[test]
    fn a_peer_that_closed_ends_that_connection_only() {
        let (_server, address) = server(&[]);
        let [(mut one, name_1), (mut two, _)] = two(address);
        let (gone, name) = joins(address);
        for other in [&mut one, &mut two] {
            hears(other, format!("Client joined {name}\r\n"));
        }
        // Closed with unread input and more on its way to it: a reset.
        peer::write(&mut one, "news\n".repeat(100));
        drop(gone);
        hears(&mut two, format!("[{name_1}] news\r\n").repeat(100));
        for other in [&mut one, &mut two] {
            hears(other, format!("Client left {name}\r\n"));
        }
        peer::write(&mut one, "on we go\n");
        hears(&mut two, format!("[{name_1}] on we go\r\n"));
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_closed_output_is_no_panic() {
        let program = Program::of("chat").args(["127.0.0.1:0"]);
        let server = program.start_with_closed_output();
        let address = kernel::comes_to_listen(server.pid());
        let [(mut one, name), (mut two, _)] = two(address);
        peer::write(&mut one, "hello\n");
        hears(&mut two, format!("[{name}] hello\r\n"));
        server.interrupt();
        let ended = server.ends();
        ended.code(0);
        assert_eq!(ended.stderr, "");
    }

    #[test]
    fn a_reset_in_the_middle_ends_that_connection_only() {
        let (mut server, address) = server(&[]);
        let [(mut one, name_1), (mut two, _)] = two(address);
        let (mut gone, name) = joins(address);
        for other in [&mut one, &mut two] {
            hears(other, format!("Client joined {name}\r\n"));
        }
        peer::write(&mut gone, "half a li");
        peer::reset(gone);
        for other in [&mut one, &mut two] {
            hears(other, format!("Client left {name}\r\n"));
        }
        server.line("is lost: connection reset by the peer (ECONNRESET)");
        peer::write(&mut one, "on we go\n");
        hears(&mut two, format!("[{name_1}] on we go\r\n"));
    }

    #[test]
    fn a_reset_before_accept_is_survived() {
        let (server, address) = server(&[]);
        let (mut one, _) = joins(address);
        server.stop();
        let clients = [address; 5].map(peer::connect);
        let names = clients.each_ref().map(|client| client.local_addr());
        clients.into_iter().for_each(peer::reset);
        let (last, name) = {
            server.go_on();
            joins(address)
        };
        // Their names are known, although the kernel no longer does: accept has told them.
        for name in names {
            let left = format!("Client left {}\n", name.expect("its address"));
            tests::until("it has left", || {
                let printed = String::from_utf8(server.printed()).expect("UTF-8");
                printed.contains(&left).then_some(())
            });
        }
        drop(last);
        let mut all = String::new();
        while !all.ends_with(&format!("Client left {name}\r\n")) {
            all = peer::read_line(&mut one);
        }
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn without_descriptors_it_waits_and_recovers() {
        let prlimit = tests::tool!("prlimit");
        let program = Program::of("chat").args(["127.0.0.1:0"]);
        let mut server = program.through(prlimit, ["--nofile=14"]).start();
        let address = server.address();
        let mut clients: Vec<_> = (0..14).map(|_| peer::connect(address)).collect();
        server
            .complains("too many open files in this program (EMFILE); new clients wait");
        let before = kernel::processor_time(server.pid());
        std::thread::sleep(Duration::from_millis(700)); // the time that is measured
        let used = kernel::processor_time(server.pid()) - before;
        assert!(used < Duration::from_millis(200), "a busy loop: {used:?}");

        // Those who are in are served meanwhile, without a pause of the listener's.
        let mut late = clients.split_off(5);
        for client in &mut clients {
            hears(client, WELCOME);
        }
        let start = Instant::now();
        peer::write(&mut clients[0], "hello\n");
        while !peer::read_line(&mut clients[1]).ends_with("] hello\r\n") {}
        assert!(start.elapsed() < Duration::from_millis(700));
        // Each who leaves makes room for one more.
        drop(clients);
        for client in &mut late {
            hears(client, WELCOME);
            client.shutdown(Shutdown::Write).expect("a FIN");
        }
    }

    #[test]
    fn a_half_closed_peer_gets_its_answer() {
        // It has left when its sending ends; what was for it until then still arrives.
        let (_server, address) = server(&[]);
        let (mut one, name_1) = joins(address);
        let (mut two, name_2) = joins(address);
        hears(&mut one, format!("Client joined {name_2}\r\n"));
        let long = "x".repeat(4000);
        let count = 1_000; // 4 MB: more than the kernel's buffers hold
        let writer = std::thread::spawn(move || {
            for _ in 0..count {
                peer::write(&mut one, format!("{long}\n"));
                if peer::read_line(&mut one).ends_with("] stop\r\n") {
                    break;
                }
            }
        });
        let said = format!("[{name_1}] {}\r\n", "x".repeat(4000));
        for _ in 0..10 {
            hears(&mut two, &said);
            peer::write(&mut two, "go on\n");
        }
        hears(&mut two, &said);
        peer::write(&mut two, "stop\n");
        two.shutdown(Shutdown::Write).expect("a FIN");
        peer::sees_the_end(&mut two);
        writer.join().expect("no panic");
    }

    #[test]
    fn unread_input_does_not_cost_the_last_answer() {
        let (_server, address) = server(&["--max-clients", "1"]);
        let (mut here, _) = joins(address);
        let mut hasty = peer::connect(address);
        peer::write(&mut hasty, "x".repeat(60_000));
        let all = peer::read_to_end(&mut hasty);
        assert_eq!(String::from_utf8_lossy(&all), FULL);
        peer::write(&mut here, "x".repeat(60_000));
        let all = peer::read_to_end(&mut here);
        assert_eq!(String::from_utf8_lossy(&all), TOO_LONG);
    }

    #[test]
    fn it_restarts_at_once_on_the_same_port() {
        let (first, address) = server(&[]);
        let (mut client, _) = joins(address);
        // The server closes first: its end of the connection waits in TIME_WAIT.
        first.interrupt();
        peer::sees_the_end(&mut client);
        drop(client);
        first.ends().code(0);
        let program = Program::of("chat").args([address.to_string()]);
        let mut second = program.start();
        assert_eq!(second.address(), address);
        joins(address);
    }

    #[test]
    fn a_slow_or_idle_peer_stops_nobody_else() {
        let (_server, address) = server(&["--patience", "1"]);
        let (mut idle, _) = joins(address);
        let [(mut one, name), (mut two, _)] = two(address);
        let slow = std::thread::spawn(move || {
            let (mut slow, _) = joins(address);
            peer::write_slowly(&mut slow, "x".repeat(1_500)).expect("taken");
        });
        let start = Instant::now();
        let mut number = 0;
        while start.elapsed() < Duration::from_millis(2_500) {
            peer::write(&mut one, format!("{number}\n"));
            let said = format!("[{name}] {number}\r\n");
            while peer::read_line(&mut two) != said {} // others come and leave
            number += 1;
            std::thread::sleep(Duration::from_millis(10)); // the time that is watched
        }
        slow.join().expect("no panic");
        // Who only listens is a good client, for longer than any patience.
        peer::write(&mut idle, "I am still here\n");
        while !peer::read_line(&mut two).ends_with("] I am still here\r\n") {}
    }

    #[test]
    fn an_endless_message_is_refused() {
        let (server, address) = server(&[]);
        let [(mut one, name), (mut two, _)] = two(address);
        let before = kernel::peak_kib(server.pid());
        // It takes no notice of being told, for 10 MB or until it is reset.
        let chunk = [b'x'; 64 * 1024];
        let taken = (0..160).take_while(|_| one.write_all(&chunk).is_ok());
        println!("{} times 64 KiB were taken", taken.count());
        hears(&mut two, format!("Client left {name}\r\n"));
        assert!(kernel::peak_kib(server.pid()) < before + 2048);
    }

    #[test]
    fn bytes_that_are_not_text_are_no_panic() {
        let (mut server, address) = server(&[]);
        let [(mut one, name), (mut two, _)] = two(address);
        // Half an é, NUL, what telnet sends for Ctrl+C, what clears a screen.
        let line = b"\xc3 \0 \xff\xf4\xff\xfd\x06 \x1b[2J \x9b \x07 \x08";
        peer::write(&mut one, b"\xc3");
        peer::write(&mut one, [&line[1..], b"\r\n"].concat());
        let heard = [b"[", name.as_bytes(), b"] ", line, b"\r\n"].concat();
        hears(&mut two, heard);
        // They arrive as they are. The server's own screen is safe.
        server.line(&format!("[{name}]"));
        let printed = String::from_utf8(server.printed()).expect("UTF-8");
        let steers = |sign: char| sign.is_control() && sign != '\n';
        assert!(!printed.contains(steers), "{printed:?}");
    }

    #[test]
    fn ctrl_c_and_sigterm_end_it_cleanly() {
        use nix::sys::signal::Signal::{SIGINT, SIGTERM};
        for signal in [SIGINT, SIGTERM] {
            let (idle, address) = server(&[]);
            crate::ends_well(idle, signal, address, &mut []);
            let (busy, address) = server(&[]);
            let mut clients: Vec<_> = (0..10).map(|_| joins(address).0).collect();
            for (number, client) in clients.iter_mut().enumerate() {
                for _ in number + 1..10 {
                    peer::read_line(client); // the others have joined
                }
            }
            crate::ends_well(busy, signal, address, &mut clients);
        }
    }

    #[test]
    fn ctrl_c_ends_it_though_clients_neither_read_nor_close() {
        let (server, address) = server(&[]);
        let (stuck, _) = joins(address);
        let (mut one, _) = joins(address);
        for _ in 0..100 {
            peer::write(&mut one, format!("{}\n", "x".repeat(4000)));
        }
        let mut half = peer::connect(address);
        peer::write(&mut half, "half a li");
        let start = Instant::now();
        server.terminate();
        server.ends().code(0);
        assert!(start.elapsed() < Duration::from_secs(1));
        drop(stuck);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_peer_that_vanished_is_given_up() {
        tests::tool!("ip");
        tests::tool!("python3");
        if !tests::namespace::allowed() {
            return;
        }
        // In a network of its own: somebody joins, and then the network is down. No FIN, no
        // RST, nothing will ever come.
        let client = "
import socket, subprocess, time
while True:
    try:
        s = socket.create_connection(('127.0.0.1', 2626))
        break
    except OSError:
        time.sleep(0.01)
s.recv(100)
subprocess.run(['ip', 'link', 'set', 'lo', 'down'])
time.sleep(20)
";
        let setup = format!("ip link set lo up\npython3 -c \"{client}\" &");
        let program = Program::of("chat").args(["127.0.0.1:2626", "--patience", "1"]);
        let mut server = tests::namespace::around(program, &setup).start();
        server.line("Client joined 127.0.0.1:");
        server.line("is lost: ");
        server.line("Client left 127.0.0.1:");
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn ten_thousand_resets_leave_nothing_behind() {
        let (server, address) = server(&[]);
        let pid = server.pid();
        let resets = |count| {
            for _ in 0..count / 100 {
                for _ in 0..100 {
                    let mut client = peer::connect(address);
                    peer::write(&mut client, "half a li");
                    peer::reset(client);
                }
                joins(address); // and those before are in, too
            }
        };
        // What stands at the door for its last words has gone, too.
        let idle = |descriptors| {
            tests::until("all have gone", || {
                let now = kernel::descriptors(pid);
                (now == descriptors).then(|| kernel::resident_kib(pid))
            })
        };
        let alone = kernel::descriptors(pid);
        resets(2_000);
        let before = idle(alone);
        resets(8_000);
        let after = idle(alone);
        assert!(after < before + 4096, "{before} KiB and then {after} KiB");
        assert!(kernel::threads(pid) <= 3, "{}", kernel::threads(pid));
    }
}

mod chat_client {
    use std::io::Write;
    use std::net::TcpStream;
    use std::thread::JoinHandle;
    use std::time::Duration;

    use tests::{Program, Running, peer};

    fn client(address: impl ToString) -> Program {
        Program::of("chat-client").args([address.to_string()])
    }

    /// The client at a server that does this, with half a second of patience.
    fn at<T: Send + 'static>(
        serve: impl FnOnce(TcpStream) -> T + Send + 'static,
    ) -> (Running, JoinHandle<T>) {
        let (address, server) = peer::serve_one(serve);
        let client = client(address).args(["--timeout", "0.5"]).start();
        (client, server)
    }

    #[test]
    fn pieces_are_put_together() {
        let (mut client, server) = at(|mut stream| {
            peer::write_slowly(&mut stream, "Hallöchen\r\none\r\n").expect("read");
            peer::write(&mut stream, "two\r\nthree\r\n");
            peer::read_to_end(&mut stream)
        });
        for line in ["Hallöchen", "one", "two", "three"] {
            assert_eq!(client.line(""), line);
        }
        client.close_keyboard();
        client.ends().code(0);
        server.join().expect("no panic");
    }

    #[test]
    fn an_interrupted_call_is_made_again() {
        let (mut client, server) = at(|mut stream| {
            peer::write(&mut stream, "hello\r\n");
            let line = peer::read_line(&mut stream);
            peer::write(&mut stream, "thank you\r\n");
            peer::read_to_end(&mut stream);
            line
        });
        client.line("hello");
        client.interrupt_its_call();
        client.types("here\n");
        client.line("thank you");
        client.close_keyboard();
        client.ends().code(0);
        assert_eq!(server.join().expect("no panic"), "here\r\n");
    }

    #[test]
    fn a_peer_that_closed_ends_that_connection_only() {
        let (client, server) = at(drop);
        server.join().expect("no panic");
        let ended = client.ends();
        ended.code(1).complained("has ended: the server has gone");
    }

    #[test]
    fn a_reset_in_the_middle_ends_that_connection_only() {
        let (client, _server) = at(|mut stream| {
            peer::write(&mut stream, "half a li");
            peer::reset(stream);
        });
        client.ends().code(1).complained("(ECONNRESET)");
    }

    #[test]
    fn a_half_closed_peer_gets_its_answer() {
        // The server says no more. The client may still speak, but nobody would answer: it
        // takes the end of the stream for the end of the chat, and says so.
        let (client, server) = at(|mut stream| {
            stream.shutdown(std::net::Shutdown::Write).expect("a FIN");
            peer::read_to_end(&mut stream)
        });
        client.ends().code(1).complained("the server has gone");
        assert_eq!(server.join().expect("a clean end"), b"");
    }

    #[test]
    fn an_endless_message_is_refused() {
        let (client, _server) = at(|mut stream| {
            let piece = [b'x'; 64 * 1024];
            (0..160).all(|_| stream.write_all(&piece).is_ok())
        });
        let told = "has ended: a line may have 8192 bytes at most";
        client.ends().code(1).complained(told);
    }

    #[test]
    fn the_end_in_the_middle_of_a_message_is_told() {
        let (mut client, _server) =
            at(|mut stream| peer::write(&mut stream, "half a li"));
        client.line("half a li");
        let ended = client.ends();
        ended
            .code(1)
            .complained("the server has gone in the middle of a line");
        // Also where the client had left before.
        let (mut client, _server) = at(|mut stream| {
            peer::read_to_end(&mut stream);
            peer::write(&mut stream, "half a li");
        });
        client.close_keyboard();
        client.ends().code(1).complained("in the middle of a line");
    }

    #[test]
    fn bytes_that_are_not_text_are_no_panic() {
        let (mut client, server) = at(|mut stream| {
            peer::write(
                &mut stream,
                b"\xff\xf4\xff\xfd\x06 \xc3 \0 \x1b[2J \x07\r\nend\r\n",
            );
            peer::read_to_end(&mut stream)
        });
        client.line("end");
        // What is typed goes out as it is.
        client.types(b"\xc3\xff\0\x1b\n");
        client.close_keyboard();
        let ended = client.ends();
        ended.code(0);
        let steers = |sign: char| sign.is_control() && sign != '\n';
        assert!(!ended.stdout.contains(steers), "{ended:?}");
        assert_eq!(server.join().expect("no panic"), b"\xc3\xff\0\x1b\r\n");
    }

    #[test]
    fn a_peer_that_does_not_read_stops_nobody_else() {
        // Its news are printed while what we type does not get through; then it is told.
        let (mut client, server) = at(|mut stream| {
            std::thread::park_timeout(Duration::from_millis(200)); // does not read
            peer::write(&mut stream, "news\r\n");
            std::thread::park_timeout(Duration::from_secs(2));
        });
        let writer = std::thread::spawn(move || {
            let line = format!("{}\n", "x".repeat(4_000));
            client.types(line.repeat(3_000));
            client
        });
        let mut client = writer.join().expect("no panic");
        client.line("news");
        client.ends().code(1).complained("timed out (ETIMEDOUT)");
        drop(server);
    }

    #[test]
    fn a_peer_that_vanished_is_given_up() {
        #[cfg(target_os = "linux")]
        {
            tests::tool!("ip");
            tests::tool!("python3");
            if !tests::namespace::allowed() {
                return;
            }
            let server = "
import socket, subprocess, time
l = socket.create_server(('127.0.0.1', 2626))
s, _ = l.accept()
s.sendall(b'hello\\r\\n')
time.sleep(0.3)
subprocess.run(['ip', 'link', 'set', 'lo', 'down'])
time.sleep(20)
";
            let setup = format!(
                "ip link set lo up\npython3 -c \"{server}\" >/dev/null 2>&1 &
                until grep -q ':0A42 ' /proc/net/tcp; do :; done"
            );
            let program = client("127.0.0.1:2626").args(["--timeout", "1"]);
            let mut client = tests::namespace::around(program, &setup).start();
            client.line("hello");
            // Nobody types: only the kernel's questions find out.
            let ended = client.ends();
            ended.code(1).complained("has ended: ");
        }
    }

    #[test]
    fn ctrl_c_and_sigterm_end_it_cleanly() {
        use nix::sys::signal::Signal::{SIGINT, SIGTERM};
        for signal in [SIGINT, SIGTERM] {
            let (mut client, server) = at(|mut stream| {
                peer::write(&mut stream, "hello\r\n");
                peer::read_to_end(&mut stream)
            });
            client.line("hello");
            client.signal(signal);
            client.ends_within(Duration::from_secs(1)).code(0);
            assert_eq!(server.join().expect("it sees the end"), b"");
        }
    }
}
