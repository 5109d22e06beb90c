//! What is these programs' own of the table of faults (`tests/faults`): tokens and frames.
//!
//! The two servers suffer the same faults in the same way: what happens stands in
//! `servers`, and the two modules name the rows.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use tests::{ANSWER, Ended, Program, kernel, no_way, peer, tool, until};

use crate::{Server, frame, read_frame};

/// What both servers survive.
mod servers {
    use super::*;

    pub type Start = fn(&[&str]) -> Server;

    pub fn pieces(start: Start) {
        let server = start(&[]);
        let mut stream = server.join();
        let request = server.request().0;
        peer::write_slowly(&mut stream, &request).expect("it takes every byte");
        server.answers(&mut stream);
        peer::write(&mut stream, request.repeat(3));
        for _ in 0..3 {
            server.answers(&mut stream);
        }
        if server.token.is_some() {
            let mut stream = peer::connect(server.address);
            let all = [frame(server.token()), request].concat();
            peer::write_slowly(&mut stream, all).expect("the token in pieces, too");
            assert_eq!(read_frame(&mut stream).expect("a welcome")[0], b'w');
            server.answers(&mut stream);
        }
    }

    /// Asks for more than all buffers hold, and reads nothing of it.
    #[cfg(target_os = "linux")]
    pub fn not_reading(start: Start, args: &[&str]) {
        let server = start(args);
        let mut greedy = server.join();
        let patience = Some(Duration::from_millis(300));
        greedy.set_write_timeout(patience).expect("a timeout");
        if server.token.is_some() {
            peer::write(&mut greedy, frame("head -c 104857600 /dev/zero"));
        } else {
            let request = frame([b'x'; 60_000]);
            let taken = (0..10_000).all(|_| greedy.write_all(&request).is_ok());
            assert!(!taken, "at some point the server reads no more");
        }
        let own = greedy.local_addr().expect("our address");
        until("the server is stuck", || {
            let rows = kernel::tcp_sockets_on(server.address.port());
            rows.iter()
                .any(|row| row.remote == own && row.send_queue > 100_000)
                .then_some(())
        });
        let mut patient = server.join();
        for _ in 0..10 {
            peer::write(&mut patient, server.request().0);
            server.answers(&mut patient);
        }
        server.serves();
    }

    pub fn interrupted(start: Start) {
        let server = start(&[]);
        let mut stream = server.join();
        let request = server.request().0;
        let (one, two) = request.split_at(request.len() / 2);
        peer::write(&mut stream, one);
        for _ in 0..3 {
            server.running.interrupt_its_call();
        }
        peer::write(&mut stream, two);
        server.answers(&mut stream);
    }

    pub fn closed_peer(start: Start) {
        let server = start(&["--max-clients", "200"]);
        let mut others = server.join();
        for _ in 0..20 {
            let mut stream = server.join();
            peer::write(&mut stream, server.request().0.repeat(20));
            // Closed with answers in it that nobody has read: from now on a write fails.
            drop(stream);
        }
        peer::write(&mut others, server.request().0);
        server.answers(&mut others);
        server.serves();
    }

    pub fn reset_in_the_middle(start: Start) {
        let server = start(&[]);
        let mut others = server.join();
        for cut in [0, 2, 4, 6] {
            let mut stream = server.join();
            peer::write(&mut stream, &server.request().0[..cut]);
            peer::reset(stream);
        }
        peer::write(&mut others, server.request().0);
        server.answers(&mut others);
        server.serves();
    }

    #[cfg(target_os = "linux")]
    pub fn reset_before_accept(start: Start) {
        let server = start(&[]);
        server.running.stop();
        for _ in 0..3 {
            peer::reset(peer::connect(server.address));
        }
        server.running.go_on();
        server.serves();
    }

    #[cfg(target_os = "linux")]
    pub fn aborted_accept(program: &str, has_token: bool) {
        let strace = tool!("strace");
        let rule = "accept4,accept:error=ECONNABORTED:when=1..3";
        let program = Program::of(program).args(["127.0.0.1:0"]);
        Server::of(program.injected(strace, &[rule]), has_token).serves();
    }

    #[cfg(target_os = "linux")]
    pub fn no_descriptors(program: &str, has_token: bool, limit: u32) {
        let prlimit = tool!("prlimit");
        let program = Program::of(program).args(["127.0.0.1:0"]);
        let limited = program.through(prlimit, [format!("--nofile={limit}")]);
        let server = Server::of(limited, has_token);
        let pid = server.running.pid();
        let waiting: Vec<_> = (0..limit).map(|_| peer::connect(server.address)).collect();
        server.running.complains("(EMFILE); new clients wait");
        let before = kernel::processor_time(pid);
        thread::sleep(Duration::from_millis(500)); // the time over which it is measured
        let burned = kernel::processor_time(pid) - before;
        assert!(burned < Duration::from_millis(150), "{burned:?} in 500 ms");
        drop(waiting);
        // Until it has noticed that they are gone, a command may lack descriptors, too.
        let (request, answers) = server.request();
        until("it serves again", || {
            let mut stream = server.join();
            peer::write(&mut stream, &request);
            (read_frame(&mut stream)? == answers[0]).then_some(())
        });
    }

    pub fn half_close(start: Start) {
        let server = start(&[]);
        let mut stream = server.join();
        peer::write(&mut stream, server.request().0);
        stream.shutdown(Shutdown::Write).expect("half a close");
        server.answers(&mut stream);
        assert_eq!(read_frame(&mut stream), None);
    }

    /// The error frame arrives although the server throws away a megabyte unread.
    pub fn unread_input(start: Start) {
        let server = start(&[]);
        let mut stream = server.join();
        let mut bomb = vec![b'x'; 1_000_000];
        bomb[..4].copy_from_slice(&[0xff; 4]);
        peer::write(&mut stream, bomb);
        let told = read_frame(&mut stream).expect("an error frame");
        let told = String::from_utf8_lossy(&told).into_owned();
        assert!(told.contains("4294967295"), "{told}");
        assert_eq!(read_frame(&mut stream), None);
    }

    pub fn restart(program: &str, has_token: bool) {
        let mut address = "127.0.0.1:0".to_string();
        for _ in 0..3 {
            let program = Program::of(program).args([&address]);
            let server = Server::of(program, has_token);
            address = server.address.to_string();
            let mut stream = server.join();
            peer::write(&mut stream, server.request().0);
            server.answers(&mut stream);
            // The server closes first: its port is in TIME_WAIT then.
            server.running.terminate();
            assert_eq!(read_frame(&mut stream), None);
            drop(stream);
            server.running.ends().code(0);
        }
    }

    pub fn slow_or_idle(start: Start) {
        let server = start(&[]);
        let idle = peer::connect(server.address);
        let mut slow = peer::connect(server.address);
        peer::write(&mut slow, [0]);
        let mut inside = server.join();
        peer::write(&mut inside, &server.request().0[..5]);
        for _ in 0..3 {
            server.serves();
        }
        drop((idle, slow, inside));
    }

    pub fn length_bomb(start: Start) {
        let server = start(&[]);
        server.serves();
        #[cfg(target_os = "linux")]
        let before = kernel::peak_kib(server.running.pid());
        for length in [0xffff_ffff_u32, 0x7fff_ffff, 65_537] {
            let mut stream = server.join();
            peer::write(&mut stream, length.to_be_bytes());
            let told = read_frame(&mut stream).expect("an error frame");
            let told = String::from_utf8_lossy(&told).into_owned();
            assert!(told.contains(&length.to_string()), "{told}");
            assert_eq!(read_frame(&mut stream), None);
        }
        #[cfg(target_os = "linux")]
        {
            let grown = kernel::peak_kib(server.running.pid()) - before;
            assert!(grown < 1024, "{grown} KiB more");
        }
        server.serves();
    }

    pub fn cut_off(start: Start) {
        let server = start(&[]);
        let request = server.request().0;
        for cut in [1, 3, 4, request.len() - 1] {
            let mut stream = server.join();
            peer::write(&mut stream, &request[..cut]);
            stream.shutdown(Shutdown::Write).expect("half a close");
            let told = read_frame(&mut stream).expect("an error frame");
            let told = String::from_utf8_lossy(&told).into_owned();
            assert!(told.contains("the stream ended in the middle"), "{told}");
            assert_eq!(read_frame(&mut stream), None, "and no answer");
        }
        server.serves();
    }

    /// Idle and with clients, by both signals.
    pub fn the_end(start: Start) {
        for clients in [0, 3] {
            for interrupt in [true, false] {
                let server = start(&[]);
                let mut streams: Vec<_> = (0..clients).map(|_| server.join()).collect();
                // One is in the middle of a request.
                if let Some(stream) = streams.first_mut() {
                    peer::write(stream, &server.request().0[..5]);
                }
                let start = Instant::now();
                match interrupt {
                    true => server.running.interrupt(),
                    false => server.running.terminate(),
                }
                for mut stream in streams {
                    assert_eq!(read_frame(&mut stream), None, "the end of its stream");
                }
                let address = server.address;
                let ended = server.running.ends();
                assert!(
                    start.elapsed() < Duration::from_secs(1),
                    "{:?}",
                    start.elapsed()
                );
                ended.code(0);
                assert_eq!(ended.stderr, "");
                // std binds as a server does, with SO_REUSEADDR.
                std::net::TcpListener::bind(address).expect("the port is free");
            }
        }
    }

    /// Also clients that never close their own half: the end does not wait for them.
    pub fn the_end_in_the_queue(start: Start) {
        let server = start(&[]);
        server.running.stop();
        let mut queued: Vec<_> = (0..5).map(|_| peer::connect(server.address)).collect();
        server.running.interrupt();
        server.running.go_on();
        for stream in &mut queued {
            assert_eq!(read_frame(stream), None, "a clean end, no reset");
        }
        server.running.ends().code(0);
    }

    pub fn vanished(start: Start) {
        let server = start(&["--patience", "0.3"]);
        let mut stream = server.join();
        peer::write(&mut stream, [0, 0]);
        let told = read_frame(&mut stream).expect("an error frame");
        let told = String::from_utf8_lossy(&told).into_owned();
        assert!(told.ends_with("timed out (ETIMEDOUT)"), "{told}");
        assert_eq!(read_frame(&mut stream), None);
        // A byte now and then does not help.
        let mut stream = server.join();
        let start = Instant::now();
        let mut dripping = stream.try_clone().expect("a second handle");
        let drip = thread::spawn(move || {
            while peer::write_slowly(&mut dripping, [0, 0, 255]).is_ok() {
                thread::sleep(Duration::from_millis(50)); // the dripping itself
                if start.elapsed() > ANSWER {
                    return;
                }
            }
        });
        let told = read_frame(&mut stream).expect("an error frame");
        assert!(!told.is_empty());
        drop(stream);
        drip.join().expect("no panic");
    }

    #[cfg(target_os = "linux")]
    pub fn ten_thousand_resets(start: Start) {
        let server = start(&["--max-clients", "200"]);
        let pid = server.running.pid();
        let resets = |count: u32| {
            let request = server.request().0;
            for number in 0..count {
                let mut stream = peer::connect(server.address);
                if number % 2 == 0 {
                    // The server may have refused and closed by now: no matter.
                    stream.write_all(&request[..6]).ok();
                }
                peer::reset(stream);
                // A full queue would make the next client wait for a second (lesson 05).
                // It is empty when a client behind all others has been served. And on a
                // busy machine threads end late: with too many, a client is sent away.
                if number % 100 == 99 {
                    server.serves();
                    until("all threads have ended", || {
                        (kernel::threads(pid) <= 2).then_some(())
                    });
                }
            }
        };
        resets(1_000);
        let (descriptors, memory) = (kernel::descriptors(pid), kernel::resident_kib(pid));
        resets(9_000);
        assert_eq!(kernel::descriptors(pid), descriptors);
        let grown = kernel::resident_kib(pid).saturating_sub(memory);
        assert!(grown < 2048, "{grown} KiB more");
        server.serves();
    }

    #[cfg(target_os = "linux")]
    pub fn closed_output(program: &str) {
        let mut running = Program::of(program)
            .args(["127.0.0.1:0"])
            .start_with_closed_output();
        let address = kernel::comes_to_listen(running.pid());
        // What it says of this client goes nowhere.
        let mut stream = peer::connect(address);
        peer::write(&mut stream, [0xff; 4]);
        assert!(read_frame(&mut stream).is_some());
        assert_eq!(read_frame(&mut stream), None);
        assert!(running.runs());
        running.terminate();
        let ended = running.ends();
        ended.code(0);
        assert_eq!(ended.stderr, "");
    }
}

mod framed_server {
    use super::*;

    const START: servers::Start = Server::framed;

    #[cfg(target_os = "linux")]
    #[test]
    fn a_peer_that_does_not_read_stops_nobody_else() {
        servers::not_reading(START, &[]);
    }

    #[test]
    fn the_end_in_the_middle_of_a_message_is_told() {
        servers::cut_off(START);
    }
}

mod remote_server {
    use super::*;

    const START: servers::Start = Server::remote;

    #[test]
    fn pieces_are_put_together() {
        servers::pieces(START);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_peer_that_does_not_read_stops_nobody_else() {
        servers::not_reading(START, &["--allow", "head", "--allow", "echo"]);
    }

    #[cfg(unix)]
    #[test]
    fn an_interrupted_call_is_made_again() {
        servers::interrupted(START);
    }

    #[test]
    fn a_peer_that_closed_ends_that_connection_only() {
        servers::closed_peer(START);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_closed_output_is_no_panic() {
        servers::closed_output("remote-server");
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_full_disk_behind_its_output_is_told() {
        let program = Program::of("remote-server").args(["127.0.0.1:0"]);
        let running = program.start_with_full_disk();
        let address = kernel::comes_to_listen(running.pid());
        let mut stream = peer::connect(address);
        peer::write(&mut stream, [0xff; 4]);
        assert!(read_frame(&mut stream).is_some());
        running.interrupt();
        running
            .ends()
            .code(1)
            .complained("no space left on the device (ENOSPC)");
    }

    #[test]
    fn an_output_that_nobody_reads_stops_nobody() {
        let program = Program::of("remote-server").args(["127.0.0.1:0"]);
        let (running, mut output) = program.start_with_unread_output();
        let address = kernel::comes_to_listen(running.pid());
        let is_refused = || {
            let mut stream = peer::connect(address);
            peer::write(&mut stream, [0xff; 4]);
            assert!(read_frame(&mut stream).is_some());
            assert_eq!(read_frame(&mut stream), None);
        };
        is_refused(); // by now it has printed where it listens
        output.fill_beside(&running);
        (0..3).for_each(|_| is_refused());
        running.interrupt();
        running.ends_within(Duration::from_secs(2)).code(0);
    }

    #[test]
    fn a_reset_in_the_middle_ends_that_connection_only() {
        servers::reset_in_the_middle(START);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_reset_before_accept_is_survived() {
        servers::reset_before_accept(START);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn an_aborted_accept_is_survived() {
        servers::aborted_accept("remote-server", true);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn without_descriptors_it_waits_and_recovers() {
        // A command takes some more than a greeting: two pipes, and one for its errors.
        servers::no_descriptors("remote-server", true, 16);
    }

    #[test]
    fn a_half_closed_peer_gets_its_answer() {
        servers::half_close(START);
    }

    #[test]
    fn unread_input_does_not_cost_the_last_answer() {
        servers::unread_input(START);
    }

    #[cfg(unix)]
    #[test]
    fn it_restarts_at_once_on_the_same_port() {
        servers::restart("remote-server", true);
    }

    #[test]
    fn a_slow_or_idle_peer_stops_nobody_else() {
        servers::slow_or_idle(START);
    }

    #[test]
    fn an_endless_message_is_refused() {
        servers::length_bomb(START);
        // The first frame of a stranger, too.
        let server = START(&[]);
        let mut stream = peer::connect(server.address);
        peer::write(&mut stream, [0xff; 4]);
        let told = read_frame(&mut stream).expect("an error frame");
        let told = String::from_utf8_lossy(&told);
        assert_eq!(told, "!a frame of 4294967295 bytes, the limit is 65536");
    }

    #[test]
    fn the_end_in_the_middle_of_a_message_is_told() {
        servers::cut_off(START);
    }

    #[test]
    fn bytes_that_are_not_text_are_no_panic() {
        let server = START(&[]);
        let mut stream = peer::connect(server.address);
        peer::write(&mut stream, frame(b"\xff\xf4\xff\xfd\x06\0\xc3"));
        assert_eq!(read_frame(&mut stream).expect("a refusal"), b"!wrong token");
        let mut stream = server.join();
        let reply = server.run(&mut stream, b"echo \xff\xf4\xff\xfd\x06\0\xc3");
        assert!(reply.end.starts_with('!'), "{reply:?}");
        server.serves();
    }

    #[cfg(unix)]
    #[test]
    fn ctrl_c_and_sigterm_end_it_cleanly() {
        servers::the_end(START);
        servers::the_end_in_the_queue(START);
    }

    #[test]
    fn a_peer_that_vanished_is_given_up() {
        servers::vanished(START);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_scoped_address_is_understood() {
        no_way::scoped_listener(|address| {
            Program::of("remote-server").args([address.as_str(), "--listen-public"])
        });
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn ten_thousand_resets_leave_nothing_behind() {
        servers::ten_thousand_resets(START);
    }
}

/// What both clients survive. Each is given servers that behave badly.
mod clients {
    use super::*;

    /// A client that talks to `address`.
    pub type Client = fn(SocketAddr) -> Program;

    /// Runs it against a server for one client, its keyboard closed behind `keys`.
    pub fn against<T: Send + 'static>(
        client: Client,
        keys: &str,
        serve: impl FnOnce(TcpStream) -> T + Send + 'static,
    ) -> (Ended, T) {
        let (address, thread): (_, JoinHandle<T>) = peer::serve_one(serve);
        let mut running = client(address).start();
        running.types(keys);
        running.close_keyboard();
        (running.ends(), thread.join().expect("the server ends"))
    }

    #[cfg(unix)]
    pub fn ctrl_c(client: Client) {
        for interrupt in [true, false] {
            let (address, server) = peer::serve_one(|mut stream| {
                read_frame(&mut stream); // and no answer
                while read_frame(&mut stream).is_some() {}
            });
            let running = client(address).start();
            until("it waits for the answer", || {
                let all = kernel::tcp_sockets();
                all.iter()
                    .any(|row| row.remote == address && row.state == kernel::ESTABLISHED)
                    .then_some(())
            });
            match interrupt {
                true => running.interrupt(),
                false => running.terminate(),
            }
            let ended = running.ends_within(Duration::from_secs(2));
            ended.code(0);
            server.join().expect("it saw a clean end");
        }
    }
}

mod framed_client {
    use super::*;

    fn client(address: impl ToString) -> Program {
        Program::of("framed-client").args([address.to_string()])
    }

    #[test]
    fn a_peer_that_does_not_read_stops_nobody_else() {
        let (ended, end) = std::sync::mpsc::channel();
        let (address, server) = peer::serve_one(move |stream| {
            end.recv_timeout(ANSWER).expect("the client gives up");
            drop(stream); // never read
        });
        let long = "x".repeat(60_000);
        let messages = (0..25).flat_map(|_| ["--message", &long]);
        let program = client(address).args(messages).args(["--patience", "0.4"]);
        let client = program.run();
        ended.send(()).expect("the server waits");
        client.code(1).complained("timed out (ETIMEDOUT)");
        server.join().expect("the server ends");
    }

    #[test]
    fn bytes_that_are_not_text_are_no_panic() {
        let (ended, ()) = clients::against(client, "", |mut stream| {
            for _ in 0..3 {
                read_frame(&mut stream);
                peer::write(&mut stream, frame(b"\xff\xf4\0\x1b[2J\xc3"));
            }
        });
        ended.code(0);
        assert!(!ended.stdout.contains('\x1b'), "{ended:#?}");
    }

    #[cfg(unix)]
    #[test]
    fn ctrl_c_and_sigterm_end_it_cleanly() {
        clients::ctrl_c(client);
    }

    #[test]
    fn a_peer_that_vanished_is_given_up() {
        let (address, server) =
            peer::serve_one(|mut stream| while read_frame(&mut stream).is_some() {});
        let ended = client(address).args(["--patience", "0.3"]).run();
        ended.code(1).complained("timed out (ETIMEDOUT)");
        assert!(ended.took >= Duration::from_millis(300));
        server.join().expect("the server ends");
    }
}

mod remote_client {
    use super::*;

    fn client(address: impl ToString) -> Program {
        let program = Program::of("remote-client").env("REMOTE_TOKEN", "x");
        program.args([address.to_string()])
    }

    fn welcome(stream: &mut TcpStream) {
        assert_eq!(read_frame(stream).expect("a token"), b"x");
        peer::write(stream, frame("wecho"));
    }

    #[test]
    fn pieces_are_put_together() {
        let (ended, ()) = clients::against(client, "echo é\n", |mut stream| {
            read_frame(&mut stream);
            let all = ["wecho", "oa", "oé\n", "o", "eoh\n", "x0"]
                .map(frame)
                .concat();
            peer::write_slowly(&mut stream, all).expect("it takes them");
            while read_frame(&mut stream).is_some() {}
        });
        ended.code(0);
        assert_eq!(ended.stdout, ">>: aé\n>>: ");
        assert_eq!(ended.stderr, "It runs: echo\noh\n\n");
    }

    #[cfg(unix)]
    #[test]
    fn an_interrupted_call_is_made_again() {
        let server = Server::remote(&["--allow", "sh"]);
        let mut running = crate::remote_client(&server).start();
        running.types("sh -c 'sleep 0.3; echo done'\n");
        for _ in 0..3 {
            running.interrupt_its_call();
        }
        running.line("done");
    }

    #[test]
    fn a_peer_that_closed_ends_that_connection_only() {
        let (ended, ()) = clients::against(client, "echo\n", |mut stream| {
            welcome(&mut stream);
            read_frame(&mut stream);
        });
        ended.code(1);
        assert!(
            ended
                .stderr
                .contains("the stream ended in the middle\nhint: ")
        );
    }

    #[test]
    fn a_closed_output_is_no_panic() {
        let server = Server::remote(&[]);
        let mut running = crate::remote_client(&server).start_with_closed_output();
        running.types("echo x\nexit\n");
        let ended = running.ends();
        ended.code(0);
        assert!(!ended.stderr.contains("panicked"), "{ended:#?}");
    }

    #[test]
    fn a_reset_in_the_middle_ends_that_connection_only() {
        let (ended, ()) = clients::against(client, "echo\n", |mut stream| {
            welcome(&mut stream);
            read_frame(&mut stream);
            peer::write(&mut stream, &frame("oabc")[..6]);
            peer::reset(stream);
        });
        ended.code(1);
        assert!(
            ended
                .stderr
                .contains("connection reset by the peer (ECONNRESET)\nhint: ")
        );
    }

    #[test]
    fn a_half_closed_peer_gets_its_answer() {
        // Its own keyboard is closed at once: every command typed before is still run.
        let server = Server::remote(&[]);
        let mut running = crate::remote_client(&server).start();
        running.types("echo one\necho two"); // and no line end
        running.close_keyboard();
        let ended = running.ends();
        ended.code(0);
        assert_eq!(ended.stdout, ">>: one\n>>: two\n>>: ");
    }

    #[test]
    fn an_endless_message_is_refused() {
        for length in [0xffff_ffff_u32, 65_537, 0] {
            let (ended, ()) = clients::against(client, "echo\n", move |mut stream| {
                welcome(&mut stream);
                read_frame(&mut stream);
                let head = [&length.to_be_bytes()[..], b"x"].concat();
                peer::write(&mut stream, head);
                while let Ok(1..) = stream.read(&mut [0; 512]) {}
            });
            ended.code(1);
            assert!(
                ended
                    .stderr
                    .contains("the server sends no frames that we know\nhint: ")
            );
        }
    }

    #[test]
    fn the_end_in_the_middle_of_a_message_is_told() {
        for cut in [1, 4, 5, 7] {
            let (ended, ()) = clients::against(client, "echo\n", move |mut stream| {
                welcome(&mut stream);
                read_frame(&mut stream);
                peer::write(&mut stream, &frame("oabc")[..cut]);
            });
            ended.code(1);
            assert!(
                ended
                    .stderr
                    .contains("the stream ended in the middle\nhint: ")
            );
            assert_eq!(ended.stdout, ">>: ", "nothing of half a frame is shown");
        }
    }

    #[test]
    fn bytes_that_are_not_text_are_no_panic() {
        let server = Server::remote(&[]);
        let mut running = crate::remote_client(&server).start();
        running.types(b"\xff\xf4\xff\xfd\x06\0\necho on\n");
        running.complains("the server says: only allowed");
        running.line("on");
    }

    #[cfg(unix)]
    #[test]
    fn ctrl_c_and_sigterm_end_it_cleanly() {
        clients::ctrl_c(client);
        // At the prompt, too.
        let server = Server::remote(&[]);
        let running = crate::remote_client(&server).start();
        running.complains("It runs: ");
        running.interrupt();
        running.ends_within(Duration::from_secs(2)).code(0);
    }

    #[test]
    fn a_peer_that_vanished_is_given_up() {
        let (address, server) =
            peer::serve_one(|mut stream| while read_frame(&mut stream).is_some() {});
        let ended = client(address).run();
        ended
            .code(1)
            .complained("cannot receive from the server: timed out (ETIMEDOUT)");
        server.join().expect("the server ends");
    }
}

mod framing {
    use super::*;

    #[test]
    fn pieces_are_put_together() {
        let ended = Program::of("framing").run();
        ended.code(0);
        for name in ["Michael", "Tracy", "Sarah"] {
            assert!(
                ended
                    .stdout
                    .contains(&format!("  message         \"{name}\"\n"))
            );
        }
    }

    #[test]
    fn bytes_that_are_not_text_are_no_panic() {
        // The recv that ends in the middle of a character is shown, byte by byte.
        let ended = Program::of("framing").run();
        ended.code(0);
        assert!(ended.stdout.contains(r#""\x8c!""#), "{ended:#?}");
    }
}
