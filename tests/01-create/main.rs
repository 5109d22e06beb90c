//! Lesson 01: `create` as an ordinary user, as root, and with few descriptors.

mod facts;
mod own_faults;
mod peers;
mod transcripts;

use socket2::{Domain, Protocol, Socket, Type};
use tests::{Ended, Program};

fn create() -> Program {
    Program::of("create")
}

/// Whether this test itself may have raw sockets.
fn raw_is_allowed() -> bool {
    Socket::new(Domain::IPV4, Type::RAW, Some(Protocol::ICMPV4)).is_ok()
}

/// Whether this machine has IPv6, so that the rows are those of the book.
fn ipv6_is_there() -> bool {
    let there = Socket::new(Domain::IPV6, Type::STREAM, None).is_ok();
    if !there {
        tests::skip("this machine has no IPv6");
    }
    there
}

/// The same program without the right to raw sockets; for root it is taken away.
#[cfg(target_os = "linux")]
fn as_an_ordinary_user(program: Program) -> Option<Program> {
    if !raw_is_allowed() {
        return Some(program);
    }
    // The program's file may stand where only root can read, so it stays root's program.
    let less = ["--bounding-set", "-net_raw", "--inh-caps", "-all"];
    let setpriv = tests::find_tool("setpriv")?;
    if Program::at(&setpriv).args(less).args(["true"]).run().code != Some(0) {
        tests::skip("setpriv cannot take the right to raw sockets away here");
        return None;
    }
    Some(program.through(setpriv, less))
}

/// The same program with the right to raw sockets; an ordinary user has it in a network
/// namespace of its own (user_namespaces(7)).
#[cfg(target_os = "linux")]
fn as_root(program: Program) -> Option<Program> {
    if raw_is_allowed() {
        return Some(program);
    }
    let unshare = tests::find_tool("unshare")?;
    if Program::at(&unshare).args(["-rn", "true"]).run().code != Some(0) {
        tests::skip("no raw sockets here, and no namespaces to get them in");
        return None;
    }
    Some(program.through(unshare, ["-rn"]))
}

/// The same program with room for so many descriptors, 0 to 2 included, and none but
/// those inherited: what the reader's `ulimit -n` does in a fresh shell.
#[cfg(target_os = "linux")]
fn with_descriptors(limit: usize, program: Program) -> Option<Program> {
    let script = "import os, resource, sys\n\
                  limit = int(sys.argv[1])\n\
                  os.closerange(3, 1024)\n\
                  resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit))\n\
                  os.execv(sys.argv[2], sys.argv[2:])";
    let python = tests::find_tool("python3")?;
    Some(program.through(python, ["-c", script, &limit.to_string()]))
}

/// The row for what was asked, spaces made single, and the line below it.
fn row<'a>(ended: &'a Ended, asked: &str) -> (String, &'a str) {
    let mut lines = ended.stdout.lines();
    while let Some(line) = lines.next() {
        let words: Vec<_> = line.split_whitespace().collect();
        let line = words.join(" ");
        if let Some(answer) = line.strip_prefix(&format!("{asked} -> ")) {
            return (answer.to_string(), lines.next().unwrap_or_default());
        }
    }
    panic!("no row for {asked:?}: {ended:#?}");
}

/// The answer in the row, without the descriptor's number.
fn answer(ended: &Ended, asked: &str) -> String {
    let (answer, _) = row(ended, asked);
    match answer.strip_prefix("descriptor ") {
        Some(rest) => {
            let (number, made) =
                rest.split_once(' ').expect("number, then what was made");
            number.parse::<u32>().expect("a descriptor is a number");
            made.to_string()
        }
        None => answer,
    }
}

#[test]
fn streams_and_datagrams_of_ipv4_are_for_everybody() {
    let ended = create().run();
    ended.code(0);
    assert_eq!(ended.stderr, "");
    for (asked, protocol) in [("STREAM", "TCP"), ("DGRAM", "UDP")] {
        let made = format!("AF_INET SOCK_{asked} IPPROTO_{protocol}");
        let usual = answer(&ended, &format!("AF_INET SOCK_{asked} 0"));
        let given = answer(&ended, &made);
        if cfg!(target_os = "linux") {
            assert_eq!((&usual, &given), (&made, &made));
        }
    }
}

#[cfg(target_os = "linux")]
#[test]
fn every_family_and_type_has_its_row() {
    if !ipv6_is_there() {
        return;
    }
    let ended = create().run();
    for (asked, made) in [
        ("AF_INET SOCK_STREAM 0", "AF_INET SOCK_STREAM IPPROTO_TCP"),
        ("AF_INET SOCK_DGRAM 0", "AF_INET SOCK_DGRAM IPPROTO_UDP"),
        (
            "AF_INET SOCK_RAW 0",
            "protocol not supported (EPROTONOSUPPORT)",
        ),
        ("AF_INET6 SOCK_STREAM 0", "AF_INET6 SOCK_STREAM IPPROTO_TCP"),
        ("AF_INET6 SOCK_DGRAM 0", "AF_INET6 SOCK_DGRAM IPPROTO_UDP"),
        (
            "AF_INET6 SOCK_RAW 0",
            "protocol not supported (EPROTONOSUPPORT)",
        ),
        ("AF_UNIX SOCK_STREAM 0", "AF_UNIX SOCK_STREAM 0"),
        ("AF_UNIX SOCK_DGRAM 0", "AF_UNIX SOCK_DGRAM 0"),
        ("AF_UNIX SOCK_RAW 0", "AF_UNIX SOCK_DGRAM 0"),
        (
            "AF_INET SOCK_STREAM IPPROTO_UDP",
            "protocol not supported (EPROTONOSUPPORT)",
        ),
    ] {
        assert_eq!(answer(&ended, asked), made, "{asked}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_refusal_is_explained_and_the_next_row_is_tried() {
    let ended = create().run();
    let (_, below) = row(&ended, "AF_INET SOCK_RAW 0");
    assert!(below.contains("raw has none"), "{below:?}");
    assert!(ended.stdout.contains("the next socket has descriptor"));
}

#[cfg(target_os = "linux")]
#[test]
fn an_ordinary_user_gets_no_raw_socket_and_is_told_why() {
    let Some(program) = as_an_ordinary_user(create()) else {
        return;
    };
    let ended = program.run();
    ended.code(0);
    for asked in [
        "AF_INET SOCK_RAW IPPROTO_ICMP",
        "AF_INET6 SOCK_RAW IPPROTO_ICMPV6",
    ] {
        if asked.contains("INET6") && !ipv6_is_there() {
            continue;
        }
        let (answer, below) = row(&ended, asked);
        assert_eq!(answer, "operation not permitted (EPERM)");
        assert!(below.contains("root, or a capability"), "{below:?}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn root_gets_a_raw_socket() {
    let Some(program) = as_root(create()) else {
        return;
    };
    let ended = program.run();
    ended.code(0);
    let raw = "AF_INET SOCK_RAW IPPROTO_ICMP";
    assert_eq!(answer(&ended, raw), raw);
}

#[test]
fn help_says_what_it_does_with_an_example() {
    let ended = create().args(["--help"]).run();
    ended.code(0);
    assert!(ended.stdout.contains("example: cargo run -p create"));
}
