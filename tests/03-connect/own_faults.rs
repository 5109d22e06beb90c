//! What is `connect`'s own of the table of faults (`tests/faults`).

mod connect {
    use std::time::Duration;

    use tests::peer;

    use crate::connect;

    /// Waits until a program has sent the first packet of a handshake to `address`.
    #[cfg(target_os = "linux")]
    fn a_handshake_has_begun_with(address: std::net::SocketAddr) {
        tests::until("the handshake has begun", || {
            let mut all = tests::kernel::tcp_sockets().into_iter();
            all.find(|row| row.remote == address && row.state == tests::kernel::SYN_SENT)
        });
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn an_interrupted_call_is_made_again() {
        let (_listener, _queued, address) = peer::full_listener();
        let mut running = connect(address).args(["--timeout", "2"]).start();
        // It sleeps in poll(2) now.
        a_handshake_has_begun_with(address);
        running.interrupt_its_call();
        assert!(running.runs());
        running.ends().code(1).complained("timed out (ETIMEDOUT)");
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn ctrl_c_and_sigterm_end_it_cleanly() {
        let (_listener, _queued, address) = peer::full_listener();
        for signal in ["SIGINT", "SIGTERM"] {
            let running = connect(address).start();
            a_handshake_has_begun_with(address);
            running.signal(signal.parse().expect("a signal"));
            running.ends_within(Duration::from_secs(1)).code(0);
        }
    }
}
