//! What is these programs' own of the table of faults (`tests/faults`).

#[cfg(unix)]
use nix::sys::signal::Signal::SIGINT;
#[cfg(target_os = "linux")]
use tests::kernel;
use tests::{Program, peer};

/// The program with some system calls answered by an error, without being made.
#[cfg(target_os = "linux")]
fn with_failing(strace: &std::path::Path, program: Program, rules: &[&str]) -> Program {
    let mut options = ["-D", "-f", "-qq", "-o", "/dev/null"]
        .map(String::from)
        .to_vec();
    for rule in rules {
        options.extend(["-e".to_string(), format!("inject={rule}")]);
    }
    program.through(strace, options)
}

mod server_framework {

    use std::time::{Duration, Instant};

    use super::*;
    use crate::{HELLO, greeted, hello, sees_the_end};

    #[cfg(target_os = "linux")]
    #[test]
    fn an_interrupted_call_is_made_again() {
        let strace = tests::tool!("strace");
        let rules = [
            "accept4:error=EINTR:when=1..2",
            "sendto:error=EINTR:when=1",
            "recvfrom:error=EINTR:when=1",
        ];
        let program = Program::of("server-framework").args(["127.0.0.1:0"]);
        let mut server = with_failing(&strace, program, &rules).start();
        let address = server.address();
        let mut client = peer::connect(address);
        peer::write(&mut client, "x".repeat(60_000));
        assert_eq!(peer::read_to_end(&mut client), HELLO);
        greeted(address);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_peer_that_closed_ends_that_connection_only() {
        let strace = tests::tool!("strace");
        let program = Program::of("server-framework").args(["127.0.0.1:0"]);
        let rule = ["sendto:error=EPIPE:when=1"];
        let mut server = with_failing(&strace, program, &rule).start();
        let address = server.address();
        let mut client = peer::connect(address);
        sees_the_end(&mut client);
        server.complains("is lost: ");
        // strace counts in each thread, and each client has its own: all are unlucky.
        sees_the_end(&mut peer::connect(address));
    }

    #[test]
    fn a_slow_or_idle_peer_stops_nobody_else() {
        let (_server, address) = hello();
        let start = Instant::now();
        let mut idle: Vec<_> = (0..50).map(|_| peer::connect(address)).collect();
        greeted(address);
        // One after the other they would take a third of a second each.
        let took = start.elapsed();
        assert!(took < Duration::from_secs(3), "{took:?}");
        for client in &mut idle {
            assert_eq!(peer::read_to_end(client), HELLO);
        }
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_peer_that_vanished_is_given_up() {
        // It never closes, and is not waited for longer than the goodbye takes.
        let (server, address) = hello();
        let mut clients = [address; 5].map(peer::connect);
        for client in &mut clients {
            assert_eq!(peer::read_bytes(client, HELLO.len()), HELLO);
        }
        tests::until("their threads have ended", || {
            (kernel::threads(server.pid()) == 2).then_some(())
        });
    }
}

mod framework_echo {

    use std::time::{Duration, Instant};

    use super::*;
    use crate::{DESIGNS, echo, served, stuck};

    #[cfg(unix)]
    #[test]
    fn unread_input_does_not_cost_the_last_answer() {
        // It stops reading when it is asked to end, with much of the client's under way.
        let (server, address) = echo(&[]);
        let mut client = served(address);
        server.stop();
        peer::write(&mut client, vec![b'x'; 60_000]);
        server.signal(SIGINT);
        server.go_on();
        let back = peer::read_to_end(&mut client);
        assert!(back.iter().all(|byte| *byte == b'x'), "{}", back.len());
        drop(client);
        server.ends().code(0);
    }

    #[cfg(unix)]
    #[test]
    fn ctrl_c_ends_it_though_clients_neither_read_nor_close() {
        for design in DESIGNS {
            let (server, address) = echo(design);
            let stuck = stuck(address);
            let start = Instant::now();
            server.interrupt();
            server.ends().code(0);
            let took = start.elapsed();
            assert!(took < Duration::from_secs(1), "{design:?}: {took:?}");
            drop(stuck);
        }
    }
}
