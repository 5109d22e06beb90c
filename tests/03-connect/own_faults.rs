//! What `connect` survives, a test for each row of `tests/faults.md`.

mod connect {
    use std::time::Duration;

    use tests::{Program, no_way, peer};

    use crate::connect;

    /// Waits until a program has sent the first packet of a handshake to `address`.
    #[cfg(target_os = "linux")]
    fn a_handshake_has_begun_with(address: std::net::SocketAddr) {
        tests::until("the handshake has begun", || {
            let mut all = tests::kernel::tcp_sockets().into_iter();
            all.find(|row| row.remote == address && row.state == tests::kernel::SYN_SENT)
        });
    }

    /// Waits until the program's first thread sleeps (S) or is stopped (T):
    /// proc_pid_stat(5).
    #[cfg(target_os = "linux")]
    fn comes_to_state(running: &tests::Running, state: char) {
        let file = format!("/proc/{}/stat", running.pid());
        tests::until("its state", || {
            let stat = std::fs::read_to_string(&file).ok()?;
            stat.rsplit_once(") ")?.1.starts_with(state).then_some(())
        });
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn an_interrupted_call_is_made_again() {
        use nix::sys::signal::Signal::{SIGCONT, SIGSTOP};
        let (_listener, _queued, address) = peer::full_listener();
        let mut running = connect(address).args(["--timeout", "2"]).start();
        // It sleeps in poll(2) now. A SIGSTOP that was not noticed yet is taken back by
        // SIGCONT: wait for each.
        a_handshake_has_begun_with(address);
        comes_to_state(&running, 'S');
        running.signal(SIGSTOP);
        comes_to_state(&running, 'T');
        running.signal(SIGCONT);
        comes_to_state(&running, 'S');
        assert!(running.runs());
        running.ends().code(1).complained("timed out (ETIMEDOUT)");
    }

    #[test]
    fn a_closed_output_is_no_panic() {
        let mut running = Program::of("connect").start_with_closed_output();
        running.close_keyboard();
        let ended = running.ends();
        ended.code(0);
        assert_eq!(ended.stderr, "");
    }

    #[test]
    fn a_dead_port_is_told() {
        no_way::closed_port(connect);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_full_queue_is_told_after_the_timeout() {
        no_way::full_queue(|address| connect(address).args(["--timeout", "0.3"]));
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn unreachable_places_are_told_apart() {
        no_way::unreachable(connect);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_connection_to_itself_is_refused() {
        no_way::to_itself(connect);
    }

    #[test]
    fn a_name_that_does_not_exist_is_told() {
        no_way::unknown_name(connect);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_scoped_address_is_understood() {
        no_way::scoped(connect);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn ctrl_c_and_sigterm_end_it_cleanly() {
        let (_listener, _queued, address) = peer::full_listener();
        for signal in ["SIGINT", "SIGTERM"] {
            let running = connect(address).start();
            a_handshake_has_begun_with(address);
            running.signal(signal.parse().expect("a signal"));
            let ended = running.ends();
            ended.code(0);
            assert!(ended.took < Duration::from_secs(2), "{ended:?}");
        }
    }

    #[test]
    fn a_wrong_argument_is_told() {
        for wrong in ["nonsense", "127.0.0.1:70000", "127.0.0.1:", "::1", "--what"] {
            let ended = connect(wrong).run();
            ended.code(2).complained("");
            assert!(ended.stdout.is_empty(), "{ended:?}");
        }
        assert!(connect("nonsense").run().stderr.contains("localhost:8888"));
        let ended = connect("http://example.com/").run();
        ended.code(2).complained("it is a URL");
        assert!(ended.stderr.ends_with(": example.com:80\n"), "{ended:?}");
        for timeout in ["0", "soon"] {
            let ended = connect("127.0.0.1:1").args(["--timeout", timeout]).run();
            ended.code(2).complained("does not fit --timeout");
            assert!(ended.stderr.contains("as in 0.5 or 10"), "{ended:?}");
        }
        let ended = connect("127.0.0.1:1").args(["--timeout"]).run();
        ended.code(2).complained("`--timeout` needs a value");
    }
}
