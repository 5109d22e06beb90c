//! What is `load`'s own of the table of faults (`tests/faults`).

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
