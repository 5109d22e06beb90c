//! What is `resolve`'s own of the table of faults (`tests/faults`): in a world with a name server.

mod resolve {
    #[cfg(target_os = "linux")]
    use super::super::in_a_world;
    use super::super::resolve;
    #[cfg(target_os = "linux")]
    use std::time::Duration;

    #[cfg(target_os = "linux")]
    fn strace_inject(fault: &[&str], question: &str) -> Option<tests::Ended> {
        let strace = tests::find_tool("strace")?;
        let log = ["-qq", "-f", "-o", "/dev/null"];
        let program = resolve([question]).through(strace, log.iter().chain(fault));
        Some(in_a_world(program)?.run())
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn an_interrupted_call_is_made_again() {
        for call in ["poll", "recvfrom", "sendmmsg"] {
            let fault = format!("inject={call}:error=EINTR:when=1");
            let Some(ended) = strace_inject(&["-e", &fault], "www.example.test") else {
                return;
            };
            ended.code(0);
            assert!(ended.stdout.contains("192.0.2.80:0"), "{call}: {ended:?}");
        }
    }

    #[test]
    fn a_closed_output_is_no_panic() {
        for args in [&[][..], &["localhost:80"], &["--reverse", "127.0.0.1"]] {
            let program = tests::Program::of("resolve").args(args);
            let ended = program.start_with_closed_output().ends();
            ended.code(0);
            assert_eq!(ended.stderr, "");
        }
    }

    /// The resolver needs descriptors: for its files, and for its question to the name
    /// server. Its words do not tell, but it ends in two lines, and at once.
    #[cfg(target_os = "linux")]
    #[test]
    fn without_descriptors_it_waits_and_recovers() {
        let no_files = ["-P", "/etc/hosts", "-e", "inject=openat:error=EMFILE"];
        let no_sockets = ["-e", "inject=socket:error=EMFILE"];
        for (fault, name) in [
            (&no_files[..], "localhost"),
            (&no_sockets[..], "www.example.test"),
        ] {
            let Some(ended) = strace_inject(fault, name) else {
                return;
            };
            let expected = format!("cannot resolve {name}: the resolver ");
            ended.code(1).complained(&expected);
        }
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn bytes_that_are_not_text_are_no_panic() {
        // A name server that calls a host by bytes that no name has.
        let (forward, back) = ("binary.example.test", ["--reverse", "192.0.2.81"]);
        let (Some(forward), Some(back)) =
            (in_a_world(resolve([forward])), in_a_world(resolve(back)))
        else {
            return;
        };
        let ended = forward.run();
        assert!(matches!(ended.code, Some(0 | 1)), "{ended:?}");
        assert!(!ended.stderr.contains("panicked"), "{ended:?}");
        back.run().code(1).complained("cannot find a name");
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn lost_and_doubled_datagrams_are_survived() {
        let Some(program) = in_a_world(resolve(["lossy.example.test"])) else {
            return;
        };
        let ended = program.env("RES_OPTIONS", "timeout:1 attempts:3").run();
        ended.code(0);
        assert!(ended.stdout.contains("IPv4 192.0.2.82:0"), "{ended:?}");
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_stranger_is_not_believed() {
        // Another port answers first, with another address: glibc connects its socket.
        let Some(program) = in_a_world(resolve(["spoofed.example.test"])) else {
            return;
        };
        let ended = program.run();
        ended.code(0);
        assert!(ended.stdout.contains("IPv4 192.0.2.83:0"), "{ended:?}");
        assert!(!ended.stdout.contains("192.0.2.66"), "{ended:?}");
    }

    #[test]
    fn a_name_that_does_not_exist_is_told() {
        let ended = resolve(["x.invalid"]).run();
        let expected = "cannot resolve x.invalid: the resolver says: ";
        ended.code(1).complained(expected);
    }

    #[test]
    fn a_scoped_address_is_understood() {
        let ended = resolve(["[fe80::1%1]:80"]).run();
        ended.code(0);
        assert!(ended.stdout.contains("[fe80::1%1]:80"), "{ended:?}");
        if cfg!(target_os = "linux") {
            let ended = resolve(["fe80::1%lo"]).run();
            ended.code(0);
            assert!(ended.stdout.contains("IPv6 [fe80::1%1]:0"), "{ended:?}");
            let ended = resolve(["fe80::1%nosuch"]).run();
            ended.code(1).complained("cannot resolve fe80::1%nosuch");
        }
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn ctrl_c_and_sigterm_end_it_cleanly() {
        use nix::sys::signal::Signal::{SIGINT, SIGTERM};
        for signal in [SIGINT, SIGTERM] {
            let Some(program) = in_a_world(resolve(["silent.example.test"])) else {
                return;
            };
            let mut running = program.env("DNS_TALKS", "1").start();
            running.line("asked for silent.example.test AAAA");
            let asked = std::time::Instant::now();
            running.signal(signal);
            let ended = running.ends();
            ended.code(0);
            assert_eq!(ended.stderr, "");
            assert!(asked.elapsed() < Duration::from_secs(1), "{ended:?}");
        }
    }
}
