//! Lesson 12: the table is what the kernel says, and each demonstration shows its point.

// Most of it asks Linux's own tools and /proc; elsewhere some helpers have no user.
#![cfg_attr(not(target_os = "linux"), allow(dead_code, unused_imports))]

mod facts;
#[cfg(unix)] // signals
mod own_faults;
#[cfg(target_os = "linux")]
mod peers;
mod transcripts;

use std::time::Duration;

use tests::{Ended, Program};
#[cfg(target_os = "linux")]
use tests::{kernel, namespace, tool};

/// All programs of this lesson.
const PROGRAMS: [&str; 9] = [
    "options",
    "options-nagle",
    "options-linger",
    "options-blocking",
    "options-keepalive",
    "options-buffers",
    "options-v6only",
    "options-multicast",
    "options-descriptors",
];

/// The options of the table, in its order, below the name of the systems that have them.
#[cfg(target_os = "linux")]
const TABLE: [(&str, &[&str]); 3] = [
    (
        "every system",
        &[
            "SO_REUSEADDR",
            "SO_KEEPALIVE",
            "SO_LINGER",
            "SO_RCVBUF",
            "SO_SNDBUF",
            "SO_RCVTIMEO",
            "SO_SNDTIMEO",
            "TCP_NODELAY",
            "IP_TTL",
            "SO_BROADCAST",
            "IP_MULTICAST_IF",
            "IP_MULTICAST_TTL",
            "IP_MULTICAST_LOOP",
            "IPV6_V6ONLY",
        ],
    ),
    (
        "Unix",
        &[
            "O_NONBLOCK",
            "SO_REUSEPORT",
            "TCP_KEEPIDLE",
            "TCP_KEEPINTVL",
            "TCP_KEEPCNT",
            "TCP_MAXSEG",
            "IP_TOS",
        ],
    ),
    ("Linux", &["TCP_CORK", "TCP_QUICKACK", "TCP_USER_TIMEOUT"]),
];

/// Runs a program of the lesson, which must succeed and complain of nothing.
fn run(name: &str) -> Ended {
    let ended = Program::of(name).run();
    ended.code(0);
    assert_eq!(ended.stderr, "");
    ended
}

/// Whether this machine can reach itself over IPv6.
fn ipv6_is_there() -> bool {
    let there = std::net::TcpListener::bind("[::1]:0").is_ok();
    if !there {
        tests::skip("this machine has no IPv6 loopback");
    }
    there
}

/// The three values in the row of an option: default, set, got back. None without the
/// row, or where it says that this machine has no IPv6.
fn row(stdout: &str, option: &str) -> Option<[String; 3]> {
    let mut rows = stdout.lines().map(str::split_whitespace);
    let mut words = rows.find(|row| row.clone().next() == Some(option))?.skip(1);
    let row = [(); 3].map(|()| words.next().expect("three values").to_string());
    (row[0] != "this").then_some(row)
}

/// A value of the table as the number that the system call has for it.
fn number(option: &str, printed: &str) -> u64 {
    let printed = printed.trim_start_matches("Some(").trim_end_matches(')');
    match printed {
        "false" | "None" => 0,
        "true" => 1,
        "127.0.0.1" => u64::from(u32::from_ne_bytes([127, 0, 0, 1])),
        "0.0.0.0" => 0,
        other => {
            let number: u64 = other
                .trim_end_matches('s')
                .parse()
                .unwrap_or_else(|_| panic!("{option}: {printed:?}"));
            // The kernel counts this one in milliseconds.
            let unit = if option == "TCP_USER_TIMEOUT" {
                1000
            } else {
                1
            };
            number * unit
        }
    }
}

/// A setting of this machine: the words of a file in /proc/sys/net.
#[cfg(target_os = "linux")]
fn setting(name: &str) -> Vec<String> {
    let text = std::fs::read_to_string(format!("/proc/sys/net/{name}"));
    let text = text.unwrap_or_else(|error| panic!("{name}: {error}"));
    text.split_whitespace().map(str::to_string).collect()
}

/// What this program says of system calls while it runs, each in a line of strace's.
#[cfg(target_os = "linux")]
fn traced(strace: &std::path::Path, name: &str, calls: &str) -> (Ended, Vec<String>) {
    let log = tempfile::NamedTempFile::new().expect("a file");
    let mut options: Vec<_> = ["-f", "-qq", "-o"].map(str::to_string).into();
    options.push(log.path().display().to_string());
    options.push("-e".to_string());
    options.push(format!("trace={calls}"));
    let ended = Program::of(name).through(strace, options).run();
    ended.code(0);
    let log = std::fs::read_to_string(log.path()).expect("what strace saw");
    // The number of the process stands in front.
    let calls = log.lines().filter_map(|line| line.split_once(' '));
    let calls = calls.map(|(_, call)| call.trim().to_string()).collect();
    (ended, calls)
}

/// The value in a line of strace's: `[1]`, `{l_onoff=1, l_linger=5}`, the bytes of a
/// timeval, or the flags of a descriptor.
#[cfg(target_os = "linux")]
fn value_in(call: &str) -> u64 {
    let between = |start: &str, end: &[char]| {
        let rest = call.split_once(start)?.1;
        rest.split(end).next()
    };
    if call.starts_with("fcntl") {
        return u64::from(call.contains("O_NONBLOCK"));
    }
    if call.contains("{l_onoff=0") {
        return 0;
    }
    let text = between("l_linger=", &['}'])
        .or_else(|| between("tv_sec=", &[',']))
        .or_else(|| between("[", &[']']));
    // Older traces show the bytes of a timeval, the least one first, in octal.
    if let Some(octal) = between(", \"\\", &['\\', '"']) {
        return u64::from_str_radix(octal, 8).expect("an octal number");
    }
    let text = text.unwrap_or_else(|| panic!("{call}"));
    text.parse().unwrap_or_else(|_| panic!("{call}"))
}

#[cfg(target_os = "linux")]
#[test]
fn every_option_has_its_row_below_the_systems_that_have_it() {
    let ended = run("options");
    let first = |line: &str| {
        let mut columns = line.split("  ");
        columns.next().unwrap_or_default().to_string()
    };
    let printed: Vec<_> = ended.stdout.lines().map(first).collect();
    let expected: Vec<_> = TABLE
        .iter()
        .flat_map(|(system, options)| [system].into_iter().chain(*options))
        .map(|name| name.to_string())
        .collect();
    assert_eq!(printed[..expected.len()], expected);
    for line in ended.stdout.lines() {
        assert!(line.chars().count() <= 80, "{line}");
    }
}

/// The program could print anything. The trace of its system calls could not.
#[cfg(target_os = "linux")]
#[test]
fn each_row_is_what_the_kernel_returned() {
    let strace = tool!("strace");
    let (ended, calls) = traced(&strace, "options", "getsockopt,setsockopt,fcntl");
    for option in TABLE.iter().flat_map(|(_, options)| *options) {
        let Some(row) = row(&ended.stdout, option) else {
            assert!(*option == "IPV6_V6ONLY", "no {option}");
            continue;
        };
        let of_it: Vec<_> = calls
            .iter()
            .filter(|call| match *option {
                "O_NONBLOCK" => call.contains("F_GETFL") || call.contains("F_SETFL"),
                _ => {
                    call.contains(&format!(", {option},"))
                        || call.contains(&format!(", {option}_OLD,"))
                        || call.contains(&format!(", {option}_NEW,"))
                }
            })
            .collect();
        let find = |number: usize, call: &str| {
            let mut found = of_it.iter().filter(|line| line.starts_with(call));
            let line = found.nth(number);
            value_in(line.unwrap_or_else(|| panic!("{option}: no {call}: {of_it:?}")))
        };
        let kernel = match *option {
            // socket2 asks once more before it sets the flag.
            "O_NONBLOCK" => [find(0, "fcntl"), find(2, "fcntl"), find(3, "fcntl")],
            _ => [
                find(0, "getsockopt"),
                find(0, "setsockopt"),
                find(1, "getsockopt"),
            ],
        };
        let printed = row.each_ref().map(|value| number(option, value));
        assert_eq!(printed, kernel, "{option}: {row:?}");
        // A machine may have this one set already.
        let changed = printed[0] != printed[1] || *option == "IPV6_V6ONLY";
        assert!(changed, "{option}: nothing was changed");
    }
}

/// The defaults that are settings of a machine, and where each stands in /proc/sys/net.
#[cfg(target_os = "linux")]
const SETTINGS: [(&str, &str, usize); 7] = [
    ("SO_RCVBUF", "ipv4/tcp_rmem", 1),
    ("SO_SNDBUF", "ipv4/tcp_wmem", 1),
    ("IP_TTL", "ipv4/ip_default_ttl", 0),
    ("TCP_KEEPIDLE", "ipv4/tcp_keepalive_time", 0),
    ("TCP_KEEPINTVL", "ipv4/tcp_keepalive_intvl", 0),
    ("TCP_KEEPCNT", "ipv4/tcp_keepalive_probes", 0),
    ("IPV6_V6ONLY", "ipv6/bindv6only", 0),
];

#[cfg(target_os = "linux")]
#[test]
fn some_defaults_are_settings_of_this_machine() {
    let ended = run("options");
    for (option, name, place) in SETTINGS {
        let Some([default, ..]) = row(&ended.stdout, option) else {
            assert!(ended.stdout.contains("this machine has no IPv6"));
            continue;
        };
        let setting = &setting(name)[place];
        assert_eq!(number(option, &default).to_string(), *setting, "{option}");
    }
}

/// Claim: A listener on `[::]` is for IPv6 only.
#[cfg(target_os = "linux")]
#[test]
fn on_a_machine_with_other_settings_the_table_has_other_defaults() {
    if !namespace::allowed() {
        return;
    }
    let setup = "ip link set lo up
        cd /proc/sys/net
        echo 4096 70000 4000000 > ipv4/tcp_rmem
        echo 4096 20000 4000000 > ipv4/tcp_wmem
        echo 77 > ipv4/ip_default_ttl
        echo 600 > ipv4/tcp_keepalive_time
        echo 33 > ipv4/tcp_keepalive_intvl
        echo 4 > ipv4/tcp_keepalive_probes
        [ ! -e ipv6/bindv6only ] || echo 1 > ipv6/bindv6only";
    let ended = namespace::around(Program::of("options"), setup).run();
    ended.code(0);
    for ((option, ..), default) in SETTINGS
        .iter()
        .zip(["70000", "20000", "77", "600s", "33s", "4", "true"])
    {
        let Some(row) = row(&ended.stdout, option) else {
            assert_eq!(*option, "IPV6_V6ONLY", "no row");
            continue;
        };
        assert_eq!(row[0], default, "{option}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn the_buffers_are_doubled_up_to_the_limit_of_this_machine() {
    let ended = run("options");
    for (option, limit) in [("SO_RCVBUF", "rmem_max"), ("SO_SNDBUF", "wmem_max")] {
        let most: u64 = setting(&format!("core/{limit}"))[0].parse().expect("bytes");
        let [_, set, got] = row(&ended.stdout, option).expect("the row");
        let expected = 2 * number(option, &set).min(most);
        assert_eq!(number(option, &got), expected, "{option}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_machine_without_ipv6_is_told_and_has_all_the_other_rows() {
    let strace = tool!("strace");
    let fault = "inject=socket:error=EAFNOSUPPORT:when=3";
    let options = ["-qq", "-o", "/dev/null", "-e", "trace=socket", "-e", fault];
    let ended = Program::of("options").through(strace, options).run();
    ended.code(0);
    let told = "IPV6_V6ONLY        this machine has no IPv6\n";
    assert!(ended.stdout.contains(told), "{ended:?}");
    assert!(row(&ended.stdout, "TCP_USER_TIMEOUT").is_some());
}

/// An old kernel may not know one of the options.
#[cfg(target_os = "linux")]
#[test]
fn an_option_that_the_kernel_refuses_is_told_in_its_row() {
    let strace = tool!("strace");
    let fault = "inject=setsockopt:error=ENOPROTOOPT:when=1";
    let options = [
        "-qq",
        "-o",
        "/dev/null",
        "-e",
        "trace=setsockopt",
        "-e",
        fault,
    ];
    let ended = Program::of("options").through(strace, options).run();
    ended.code(0);
    let first = ended.stdout.lines().nth(1).expect("a row");
    assert!(first.starts_with("SO_REUSEADDR "), "{first}");
    assert!(first.contains("(ENOPROTOOPT)"), "{first}");
    assert!(row(&ended.stdout, "SO_KEEPALIVE").is_some());
}

#[cfg(target_os = "linux")]
#[test]
fn a_restart_is_refused_without_so_reuseaddr_and_works_with_it() {
    let strace = tool!("strace");
    let (ended, calls) = traced(&strace, "options", "bind,listen");
    let lines: Vec<_> = ended.stdout.lines().rev().take(2).collect();
    let refused = "  without SO_REUSEADDR  address already in use (EADDRINUSE)";
    assert_eq!(lines[1], refused);
    let again = lines[0].strip_prefix("  with    SO_REUSEADDR  listens on 127.0.0.1:");
    let again = again.and_then(|rest| rest.strip_suffix(" again"));
    let port: u16 = again.expect("a port").parse().expect("a port");

    // What happened: the same port twice, first in vain.
    let binds: Vec<_> = calls.iter().filter(|c| c.starts_with("bind(")).collect();
    let [_, second, _, fourth] = binds[..] else {
        panic!("four binds: {binds:?}");
    };
    assert!(second.contains("= -1 EADDRINUSE"), "{second}");
    assert!(fourth.contains(&format!("htons({port})")), "{fourth}");
    assert!(fourth.ends_with("= 0"), "{fourth}");
    let listens = calls.iter().filter(|c| c.starts_with("listen("));
    assert_eq!(listens.count(), 3, "{calls:?}");

    // And why: the server's end of the connection is still there.
    let left = kernel::tcp_sockets_on(port);
    assert!(!left.is_empty(), "no TIME_WAIT on {port}");
    assert!(left.iter().all(|row| row.state == kernel::TIME_WAIT));
}

/// The milliseconds behind `what` in the line that begins with `name`.
fn milliseconds(stdout: &str, name: &str, what: &str) -> f64 {
    let mut lines = stdout
        .lines()
        .filter_map(|line| line.trim().strip_prefix(name));
    let line = lines.find(|rest| rest.starts_with("  ")).expect(name);
    let rest = line.split_once(what).expect(what).1;
    let number = rest.split_whitespace().next().expect("a number");
    number.parse().expect("a number")
}

/// Claim: Nagle's algorithm makes every small message slow.
#[test]
fn a_question_in_two_writes_waits_for_the_delayed_ack() {
    let ended = run("options-nagle");
    let two = milliseconds(&ended.stdout, "two writes", "median");
    // The kernel's shortest delayed ACK is 40 ms (TCP_DELACK_MIN).
    if cfg!(target_os = "linux") {
        assert!(two > 30.0, "{}", ended.stdout);
        let together = milliseconds(&ended.stdout, "two writes", "together");
        assert!(together > 10.0 * 40.0, "{}", ended.stdout);
    }
    let mut cures = vec!["two writes, TCP_NODELAY", "one write", "one write_vectored"];
    if cfg!(target_os = "linux") {
        cures.push("two writes, TCP_CORK");
    }
    for cure in cures {
        let median = milliseconds(&ended.stdout, cure, "median");
        assert!(median < 20.0, "{cure}: {}", ended.stdout);
    }
}

/// Each way does what its name says, and puts the same bytes into the stream.
#[cfg(target_os = "linux")]
#[test]
fn the_ways_to_send_are_what_they_are_called() {
    let strace = tool!("strace");
    let calls = "setsockopt,sendto,write,writev,sendmsg";
    let (_, calls) = traced(&strace, "options-nagle", calls);
    let count = |what: &[&str]| {
        let all = calls.iter().filter(|c| what.iter().all(|w| c.contains(w)));
        all.count()
    };
    // 20 questions in each of the five ways.
    assert_eq!(count(&["sendto(", "\"head \""]), 60);
    assert_eq!(count(&["sendto(", "\"body\\n\""]), 60);
    assert_eq!(count(&["sendto(", "\"head body\\n\""]), 20);
    assert_eq!(count(&["writev(", "\"head \"", "\"body\\n\""]), 20);
    assert_eq!(count(&["TCP_NODELAY, [1]"]), 20);
    assert_eq!(count(&["TCP_CORK, [1]"]), 20);
    assert_eq!(count(&["TCP_CORK, [0]"]), 20);
}

/// The lines of a demonstration, in blocks: a line at the margin and those below it.
fn blocks(stdout: &str) -> Vec<(&str, Vec<&str>)> {
    let mut blocks: Vec<(&str, Vec<&str>)> = Vec::new();
    for line in stdout.lines() {
        match line.strip_prefix("  ") {
            Some(below) => blocks.last_mut().expect("a head").1.push(below),
            None => blocks.push((line, Vec::new())),
        }
    }
    blocks
}

/// The first number in a line, in front of `unit`.
fn number_before(line: &str, unit: &str) -> u64 {
    let words: Vec<_> = line.split([' ', ':', ',']).collect();
    let place = words.iter().position(|word| *word == unit).expect(unit);
    words[place - 1].parse().expect("a number")
}

/// Claim: SO_LINGER 0 is a quick close.
#[cfg(target_os = "linux")]
#[test]
fn close_waits_or_destroys_as_so_linger_says() {
    let ended = run("options-linger");
    let blocks = blocks(&ended.stdout);
    let [_, (_, off), (_, zero), (_, long), (_, short)] = &blocks[..] else {
        panic!("{}", ended.stdout);
    };
    let close = |lines: &[&str]| number_before(lines[0], "ms");
    let all = "the peer reads 300000 bytes, and then the end";

    assert!(close(off) < 150, "{off:?}");
    assert_eq!(off[1], all);

    assert!(close(zero) < 150, "{zero:?}");
    assert!(number_before(zero[1], "bytes") < 300_000, "{zero:?}");
    assert!(zero[1].ends_with("(ECONNRESET)"), "{zero:?}");

    // As long as the peer needs: it begins after 200 ms.
    assert!((190..900).contains(&close(long)), "{long:?}");
    assert_eq!(long[1], all);

    // As long as it may; and what is not delivered then still arrives.
    assert!((990..1800).contains(&close(short)), "{short:?}");
    assert_eq!(short[1], all);
}

#[cfg(target_os = "linux")]
#[test]
fn settimeout_waits_for_ever_not_at_all_or_so_long() {
    let ended = run("options-blocking");
    let blocks = blocks(&ended.stdout);
    let recv = |place: usize, head: &str| {
        let (first, below) = &blocks[place];
        assert_eq!(*first, head, "{}", ended.stdout);
        (
            number_before(below[0], "ms"),
            below[0].split_once(": ").expect("got").1,
        )
    };
    let nothing = "nothing happened in time (EAGAIN)";

    let (after, got) = recv(1, "settimeout(None), gettimeout() is None");
    assert!((490..2000).contains(&after), "{after}");
    assert_eq!(got, "\"hello\"");

    let (after, got) = recv(2, "settimeout(Some(0ns)), gettimeout() is Some(0ns)");
    assert!(after < 150, "{after}");
    assert_eq!(got, nothing);

    let (after, got) = recv(3, "settimeout(Some(200ms)), gettimeout() is Some(200ms)");
    assert!((199..450).contains(&after), "{after}");
    assert_eq!(got, nothing);

    // The kernel keeps it in ticks of its clock, rounded up: 1, 4 or 10 ms each.
    let (head, _) = &blocks[4];
    let kept = head.strip_prefix("settimeout(Some(3ms)), gettimeout() is Some(");
    let kept = kept
        .and_then(|rest| rest.strip_suffix("ms)"))
        .expect("milliseconds");
    assert!(
        ["3", "4", "10"].contains(&kept) || kept.starts_with("3.3"),
        "{kept}"
    );

    assert_eq!(
        blocks[5],
        (
            "a second handle to the same socket",
            vec!["set on one: the other has gettimeout() Some(0ns), nodelay true"]
        )
    );
}

/// Claim: SO_KEEPALIVE notices soon that a peer has gone.
#[cfg(target_os = "linux")]
#[test]
fn keepalive_is_for_a_silent_connection_and_user_timeout_for_a_busy_one() {
    if !namespace::allowed() {
        return;
    }
    let script = tests::root().join("lessons/12-options/peers/pull_the_cable.sh");
    let binary = Program::of("options-keepalive").path();
    let ended = Program::at(tool!("sh")).args([script, binary]).run();
    ended.code(0);
    assert!(ended.stdout.contains("the cable is pulled\n"), "{ended:?}");
    let rows = ended.stdout.lines().filter(|line| line.starts_with("  "));
    let rows: Vec<_> = rows.map(str::trim).collect();
    let lost = "timed out (ETIMEDOUT)";
    let expected = [
        ("silent", 6_000..60_000, "no error"),
        // Two seconds of silence, two questions, each a second for its answer.
        ("silent, SO_KEEPALIVE", 3_900..6_000, lost),
        ("busy, SO_KEEPALIVE", 6_000..60_000, "no error"),
        ("busy, TCP_USER_TIMEOUT", 2_500..6_000, lost),
    ];
    assert_eq!(rows.len(), expected.len(), "{}", ended.stdout);
    for (row, (name, time, result)) in rows.iter().zip(expected) {
        assert!(row.starts_with(&format!("{name}  ")), "{row}");
        assert!(time.contains(&number_before(row, "ms")), "{row}");
        assert!(row.ends_with(result), "{row}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn small_buffers_hold_a_sender_back_whose_reader_is_slow() {
    let ended = run("options-buffers");
    let blocks = blocks(&ended.stdout);
    assert_eq!(blocks.len(), 4, "{}", ended.stdout);
    let mut before = u64::MAX;
    for ((head, lines), asked) in
        blocks
            .iter()
            .zip([None, Some(65_536), Some(4_096), Some(1)])
    {
        let [sizes, taken, next, read] = lines[..] else {
            panic!("{}", ended.stdout);
        };
        // The smaller the buffers, the less is taken in while nobody reads.
        let accepted = number_before(taken, "bytes");
        assert!(accepted > 0 && accepted < before, "{}", ended.stdout);
        before = accepted;
        // No second helping before the peer reads, and nothing is lost.
        assert!(number_before(next, "ms") >= 150, "{}", ended.stdout);
        assert_eq!(number_before(read, "bytes"), 2 * accepted);
        if let Some(asked) = asked {
            assert!(head.contains(&format!(" {asked} bytes")), "{head}");
            let got = |option: &str, least: u64| {
                let rest = sizes.split_once(option).expect(option).1;
                let words: Vec<_> = rest.split([' ', ',']).collect();
                let got: u64 = words[4].parse().expect("a number");
                assert_eq!(got, (2 * asked).max(least), "{sizes}");
            };
            got("SO_RCVBUF", facts::LEAST_RCVBUF);
            got("SO_SNDBUF", facts::LEAST_SNDBUF);
        }
    }
}

/// Claim: A listener on `[::]` is for IPv6 only.
/// Truth: Linux: IPv4 comes as ::ffff:a.b.c.d, unless IPV6_V6ONLY is set before bind;
/// its default is a setting (ipv6(7)).
#[test]
fn a_listener_for_ipv6_takes_ipv4_unless_it_is_told_not_to() {
    if !ipv6_is_there() {
        return;
    }
    let ended = run("options-v6only");
    let blocks = blocks(&ended.stdout);
    let [(first, both), (second, one)] = &blocks[..] else {
        panic!("{}", ended.stdout);
    };
    assert_eq!([*first, *second], ["IPV6_V6ONLY false", "IPV6_V6ONLY true"]);
    for lines in [both, one] {
        assert!(lines[0].starts_with("listening on [::]:"), "{lines:?}");
        assert!(lines[1].ends_with(", which is ::1"), "{lines:?}");
    }
    assert!(both[2].contains("comes as [::ffff:127.0.0.1]:"), "{both:?}");
    assert!(both[2].ends_with(", which is 127.0.0.1"), "{both:?}");
    assert!(
        both[3].ends_with("address already in use (EADDRINUSE)"),
        "{both:?}"
    );
    assert!(
        one[2].ends_with("connection refused (ECONNREFUSED)"),
        "{one:?}"
    );
    assert!(one[3].ends_with(": works"), "{one:?}");
}

/// Claim: A socket gets the multicasts of the groups that it joined.
/// Truth: Linux: of all that anybody on the machine joined, unless IP_MULTICAST_ALL is
/// off (ip(7)).
#[cfg(target_os = "linux")]
#[test]
fn one_datagram_reaches_all_who_share_the_port_or_joined_the_group() {
    let ended = run("options-multicast");
    assert_eq!(
        ended.stdout,
        "broadcast\n\
         \x20 without SO_BROADCAST: permission denied (EACCES)\n\
         \x20 with SO_BROADCAST: anna and ben hear it\n\
         multicast\n\
         \x20 both have joined: anna and ben hear it\n\
         \x20 ben has left: anna and ben hear it\n\
         \x20 ben has left, without IP_MULTICAST_ALL: anna hears it\n"
    );
}

#[cfg(unix)]
#[test]
fn a_descriptor_is_lent_doubled_given_away_and_closed_once() {
    let ended = run("options-descriptors");
    let lines: Vec<_> = ended.stdout.lines().collect();
    let numbers = |line: &str| -> Vec<u32> {
        let words = line.split_whitespace();
        words.filter_map(|word| word.parse().ok()).collect()
    };
    let [fileno, detached, from] = [lines[0], lines[4], lines[5]].map(numbers);
    let dup = numbers(lines[2]);
    assert_eq!(lines[1], "SockRef: keepalive true");
    // The same descriptor, and a second one; the second is what is handed on.
    assert_eq!(dup[0], fileno[0]);
    assert_ne!(dup[0], dup[1]);
    assert_eq!([&detached, &from], [&dup[1..], &dup[1..]]);
    assert!(
        lines[3].ends_with("the peer reads \"still here\""),
        "{lines:?}"
    );
    assert!(lines[6].ends_with("the peer reads 0 bytes"), "{lines:?}");
    assert!(lines[7].ends_with(": \"HELLO\""), "{lines:?}");
    let file = [
        "makefile: readline \"one\\n\"",
        "  the reader holds \"two\\nthree\\n\"",
        "  recv beside it: nothing happened in time (EAGAIN)",
    ];
    assert_eq!(lines[8..], file);
}

#[cfg(target_os = "linux")]
#[test]
fn three_lines_through_a_buffered_writer_are_one_send() {
    let strace = tool!("strace");
    let (_, calls) = traced(&strace, "options-descriptors", "sendto,write,dup,fcntl");
    let sent = calls
        .iter()
        .filter(|call| call.contains("one\\ntwo\\nthree\\n"));
    assert_eq!(sent.count(), 1, "{calls:?}");
    // try_clone closes the copy on exec, too: dup(2) would not.
    assert!(calls.iter().any(|call| call.contains("F_DUPFD_CLOEXEC")));
}

#[test]
fn help_says_what_each_program_does_with_an_example() {
    for name in PROGRAMS {
        let ended = Program::of(name).args(["--help"]).run();
        ended.code(0);
        let example = match name {
            "options" => "example: cargo run -p options\n".to_string(),
            _ => format!("example: cargo run -p options --bin {name}\n"),
        };
        assert!(ended.stdout.contains(&example), "{ended:?}");
        assert!(ended.took < Duration::from_secs(2), "it does nothing else");
    }
}
