//! What is these programs' own of the table of faults (`tests/faults`): both ends of all their
//! connections are in themselves.

use std::time::Duration;

use nix::sys::signal::Signal::{SIGINT, SIGTERM};
#[cfg(target_os = "linux")]
use tests::tool;
use tests::{Program, Running};

#[cfg(target_os = "linux")]
use crate::{row, traced};

/// Each is in the middle of something that takes longer: `line` tells where.
fn ends_cleanly(name: &str, line: &str) {
    for signal in [SIGINT, SIGTERM] {
        let mut running: Running = Program::of(name).start();
        running.line(line);
        running.signal(signal);
        let ended = running.ends_within(Duration::from_secs(1));
        ended.code(0);
        assert_eq!(ended.stderr, "");
    }
}

/// Every address that it binds begins with 127; or the socket was tied to the loopback
/// card before.
#[cfg(target_os = "linux")]
fn stays_on_loopback(name: &str) {
    let strace = tool!("strace");
    let (_, calls) = traced(&strace, name, "socket,setsockopt,bind,connect,sendto");
    let mut tied: Vec<String> = Vec::new();
    let mut addresses = 0;
    for call in &calls {
        let descriptor = call.split(['(', ',']).nth(1).unwrap_or_default();
        if let Some((_, new)) = call.split_once(" = ").filter(|_| call.starts_with("so"))
        {
            tied.retain(|one| one != new); // the number belongs to another socket now
        }
        if call.contains("SO_BINDTODEVICE, \"lo") {
            tied.push(descriptor.to_string());
        }
        let everywhere = call.contains("\"0.0.0.0\"") || call.contains("\"::\"");
        if call.starts_with("bind(") && everywhere {
            assert!(tied.iter().any(|one| one == descriptor), "{call}");
            addresses += 1;
        } else if call.contains("inet_addr(") {
            let here = ["\"127.", "\"239.255.12.12\""];
            assert!(here.iter().any(|start| call.contains(start)), "{call}");
            addresses += 1;
        }
    }
    assert!(addresses > 0, "no address in {calls:?}");
}

/// The program, whose waiting recv is interrupted by signals.
#[cfg(target_os = "linux")]
fn interrupted(name: &str, times: &str) -> Option<String> {
    let strace = tests::find_tool("strace")?;
    let fault = format!("inject=recvfrom:error=EINTR:when={times}");
    let options = [
        "-f",
        "-qq",
        "-o",
        "/dev/null",
        "-e",
        "trace=recvfrom",
        "-e",
        &fault,
    ];
    let ended = Program::of(name).through(strace, options).run();
    ended.code(0);
    assert_eq!(ended.stderr, "");
    Some(ended.stdout)
}

mod options {
    use super::*;

    #[cfg(target_os = "linux")]
    #[test]
    fn it_restarts_at_once_on_the_same_port() {
        let ended = Program::of("options").run();
        let last = ended.stdout.lines().last().expect("a line");
        assert!(
            last.starts_with("  with    SO_REUSEADDR  listens on "),
            "{last}"
        );
        assert!(row(&ended.stdout, "SO_REUSEADDR").is_some());
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn it_listens_on_loopback_only() {
        stays_on_loopback("options");
    }
}

mod options_nagle {
    use super::*;

    #[test]
    fn ctrl_c_and_sigterm_end_it_cleanly() {
        ends_cleanly("options-nagle", "questions");
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn an_interrupted_call_is_made_again() {
        if let Some(printed) = interrupted("options-nagle", "5+5") {
            assert_eq!(printed.lines().count(), 6, "{printed}");
        }
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn it_listens_on_loopback_only() {
        stays_on_loopback("options-nagle");
    }
}

mod options_linger {
    use super::*;

    #[test]
    fn ctrl_c_and_sigterm_end_it_cleanly() {
        ends_cleanly("options-linger", "SO_LINGER None");
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn an_interrupted_call_is_made_again() {
        if let Some(printed) = interrupted("options-linger", "1+3") {
            let whole = printed.matches("reads 300000 bytes, and then the end");
            assert_eq!(whole.count(), 3, "{printed}");
        }
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn it_listens_on_loopback_only() {
        stays_on_loopback("options-linger");
    }
}

mod options_blocking {
    use super::*;

    #[test]
    fn ctrl_c_and_sigterm_end_it_cleanly() {
        ends_cleanly("options-blocking", "settimeout(None)");
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn an_interrupted_call_is_made_again() {
        if let Some(printed) = interrupted("options-blocking", "1..3") {
            assert!(printed.contains(": \"hello\""), "{printed}");
            assert!(!printed.contains("EINTR"), "{printed}");
        }
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn it_listens_on_loopback_only() {
        stays_on_loopback("options-blocking");
    }
}

mod options_keepalive {
    use super::*;

    #[test]
    fn ctrl_c_and_sigterm_end_it_cleanly() {
        ends_cleanly("options-keepalive", "connected");
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn an_interrupted_call_is_made_again() {
        if let Some(printed) = interrupted("options-keepalive", "1..3") {
            assert_eq!(printed.matches("ms: no error").count(), 4, "{printed}");
        }
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn it_listens_on_loopback_only() {
        stays_on_loopback("options-keepalive");
    }
}

mod options_buffers {
    use super::*;

    #[test]
    fn ctrl_c_and_sigterm_end_it_cleanly() {
        ends_cleanly("options-buffers", "both buffers");
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn an_interrupted_call_is_made_again() {
        // Sends that fill the buffers, and the first reads.
        let strace = tool!("strace");
        let options = ["-f", "-qq", "-o", "/dev/null", "-e", "trace=network"];
        let sends = ["-e", "inject=sendto:error=EINTR:when=1..3"];
        let reads = ["-e", "inject=recvfrom:error=EINTR:when=1..3"];
        let options = options.into_iter().chain(sends).chain(reads);
        let ended = Program::of("options-buffers")
            .through(strace, options)
            .run();
        ended.code(0);
        assert_eq!(ended.stdout.matches("the peer has read").count(), 4);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn it_listens_on_loopback_only() {
        stays_on_loopback("options-buffers");
    }
}

mod options_v6only {
    use super::*;

    #[cfg(target_os = "linux")]
    #[test]
    fn it_listens_on_loopback_only() {
        stays_on_loopback("options-v6only");
    }
}

mod options_multicast {
    use super::*;

    #[test]
    fn ctrl_c_and_sigterm_end_it_cleanly() {
        ends_cleanly("options-multicast", "ben has left: ");
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn an_interrupted_call_is_made_again() {
        if let Some(printed) = interrupted("options-multicast", "1+2") {
            let both = printed.matches("anna and ben hear it").count();
            assert_eq!(both, 3, "{printed}");
        }
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn it_listens_on_loopback_only() {
        stays_on_loopback("options-multicast");
        // A multicast goes out by the loopback card, and no farther than this machine.
        let strace = tool!("strace");
        let (_, calls) = traced(&strace, "options-multicast", "setsockopt,sendto");
        let place = |what: &str| {
            let place = calls.iter().position(|call| call.contains(what));
            place.unwrap_or_else(|| panic!("no {what} in {calls:?}"))
        };
        let loopback = u32::from_ne_bytes([127, 0, 0, 1]);
        let first = place("\"239.255.12.12\")}");
        assert!(place(&format!("IP_MULTICAST_IF, [{loopback}]")) < first);
        assert!(place("IP_MULTICAST_TTL, [0]") < first);
    }
}

mod options_descriptors {
    use super::*;

    #[cfg(target_os = "linux")]
    #[test]
    fn it_listens_on_loopback_only() {
        stays_on_loopback("options-descriptors");
    }
}
