//! `ping` and `dual-stack` among several hosts, each a network namespace of its own.

use tests::{Ended, Program, namespace, tool};

/// `ping` on the near host of three, with this set up besides.
pub fn ping(setup: &str, args: &[&str]) -> Ended {
    ping_program(setup, args).run()
}

/// The same, not started yet.
pub fn ping_program(setup: &str, args: &[&str]) -> Program {
    let setup = format!("{}\n{setup}", namespace::THREE_HOSTS);
    let mut program = Program::of("ping").args(args);
    // An answer that is to come comes, also on a machine with much to do.
    let none_comes = args.contains(&"10.0.9.3");
    if !none_comes && !args.iter().any(|arg| arg.starts_with("--timeout")) {
        program = program.args(["--timeout=5"]);
    }
    namespace::around(program, &setup)
}

/// Lets every group of the namespace have ICMP datagram sockets.
pub const DATAGRAMS: &str = "echo 0 0 > /proc/sys/net/ipv4/ping_group_range";

/// Both kinds of socket: the setup, the option, and the type that is told.
pub const KINDS: [(&str, &str, &str); 2] = [
    (DATAGRAMS, "--ttl=64", "SOCK_DGRAM"),
    (DATAGRAMS, "--raw", "SOCK_RAW"),
];

/// Whether several hosts can be had; else a printed skip.
pub fn allowed() -> bool {
    tests::find_tool("ip").is_some() && namespace::allowed()
}

#[test]
fn a_ping_goes_to_this_machine_to_the_next_host_and_across_a_router() {
    if !allowed() {
        return;
    }
    for (setup, option, kind) in KINDS {
        for host in [
            "127.0.0.1",
            "::1",
            "[::1]",
            "10.0.1.2",
            "10.0.2.2",
            "fd00:2::2",
            "fe80::2%card0",
        ] {
            let args = [host, option, "--count", "2", "--interval", "0.01"];
            let ended = ping(setup, &args);
            ended.code(0);
            let lines: Vec<_> = ended.stdout.lines().collect();
            let bare = host.trim_matches(['[', ']']);
            let address = bare.split('%').next().unwrap_or_default();
            let first = format!("PING {bare}, with a socket of type {kind}");
            assert_eq!(lines[0], first);
            for (number, line) in [(1, lines[1]), (2, lines[2])] {
                let start = format!("number {number}: 24 bytes from {address} in ");
                assert!(line.starts_with(&start), "{ended:#?}");
            }
            assert_eq!(lines[3], "2 sent, 2 answered, 0 % lost", "{ended:#?}");
            assert!(
                lines[4].starts_with("min ") && lines.len() == 5,
                "{ended:#?}"
            );
            // A router on the way has counted it down.
            let far = ["10.0.2.2", "fd00:2::2"].contains(&host);
            let ttl = if far { ", TTL 63" } else { ", TTL 64" };
            assert!(lines[1].ends_with(ttl), "{ended:#?}");
        }
    }
}

#[test]
fn a_host_that_may_not_be_passed_any_more_says_so() {
    if !allowed() {
        return;
    }
    for (host, router) in [("10.0.2.2", "10.0.1.2"), ("fd00:2::2", "fd00:1::2")] {
        let ended = ping("", &[host, "--count=1", "--ttl=1"]);
        ended.code(1).complained(&format!(
            "{host} has not answered: {router} says: the packet has passed too many hosts"
        ));
        let ended = ping(DATAGRAMS, &[host, "--count=1", "--ttl=1"]);
        ended
            .code(1)
            .complained("has not answered: host unreachable (EHOSTUNREACH)");
        ping("", &[host, "--count=1", "--ttl=2"]).code(0);
    }
}

#[test]
fn one_server_is_reached_over_both_families_from_another_host() {
    if !allowed() {
        return;
    }
    tool!("python3");
    let client = "
import socket, time
def ask(host):
    end = time.time() + 5
    while time.time() < end:
        try:
            with socket.create_connection((host, 4646), timeout=5) as s:
                return s.makefile().readline().strip()
        except ConnectionRefusedError:
            time.sleep(0.01)
for host in ['10.0.1.1', 'fd00:1::1']:
    print('far hears:', ask(host), flush=True)
";
    let setup = format!(
        "{}\nip netns exec far python3 -c \"{client}\" &",
        namespace::THREE_HOSTS
    );
    let program = Program::of("dual-stack").args(["[::]:4646"]);
    let mut running = namespace::around(program, &setup).start();
    let heard: Vec<_> = (0..2).map(|_| running.line("far hears: ")).collect();
    assert!(
        heard[0].starts_with("far hears: You are 10.0.2.2:"),
        "{heard:?}"
    );
    assert!(heard[0].ends_with(", over IPv4."), "{heard:?}");
    assert!(
        heard[1].starts_with("far hears: You are [fd00:2::2]:"),
        "{heard:?}"
    );
    assert!(heard[1].ends_with(", over IPv6."), "{heard:?}");
    let printed = String::from_utf8_lossy(&running.printed()).into_owned();
    assert!(printed.contains("[::ffff:10.0.2.2]:"), "{printed}");
    running.interrupt();
    running.ends().code(0);
}

#[test]
fn without_an_argument_another_host_reaches_no_one() {
    if !allowed() {
        return;
    }
    tool!("python3");
    let client = "
import socket, time
def ask(host):
    try:
        with socket.create_connection((host, 4646), timeout=5) as s:
            return s.makefile().readline().strip()
    except ConnectionRefusedError:
        return 'refused'
while ask('127.0.0.1') == 'refused':
    time.sleep(0.01)
for host in ['10.0.1.1', 'fd00:1::1', '::1']:
    print('heard:', ask(host), flush=True)
";
    let setup = format!("{}\npython3 -c \"{client}\" &", namespace::THREE_HOSTS);
    let mut running = namespace::around(Program::of("dual-stack"), &setup).start();
    running.line("Listening on [::1]:4646");
    running.line("Listening on 127.0.0.1:4646");
    assert_eq!(running.line("heard: "), "heard: refused");
    assert_eq!(running.line("heard: "), "heard: refused");
    assert!(running.line("heard: ").ends_with(", over IPv6."));
}

#[test]
fn where_ipv6_is_missing_ipv4_is_served() {
    if !allowed() {
        return;
    }
    // Switched off for every card: ::1 is gone, and the family is still known.
    let off = "ip link set lo up
        echo 1 > /proc/sys/net/ipv6/conf/all/disable_ipv6";
    let mut running = namespace::around(Program::of("dual-stack"), off).start();
    running.line("[::1]:4646 is left out: address not available (EADDRNOTAVAIL)");
    running.line("Listening on 127.0.0.1:4646");
    drop(running);
    // A kernel without IPv6 does not know the family.
    let strace = tool!("strace");
    let rule = "socket:error=EAFNOSUPPORT:when=1";
    for (address, left_out, taken) in [
        ("[::]:4646", "[::]:4646", "0.0.0.0:4646"),
        ("", "[::1]:4646", "127.0.0.1:4646"),
    ] {
        let program = Program::of("dual-stack");
        let program = if address.is_empty() {
            program
        } else {
            program.args([address])
        };
        let program = program.injected(&strace, &[rule]);
        let mut running = namespace::around(program, "ip link set lo up").start();
        let told = "address family not supported (EAFNOSUPPORT)";
        running.line(&format!("{left_out} is left out: {told}"));
        running.line(&format!("Listening on {taken}"));
    }
    // Who asks for IPv6 and nothing else hears that there is none.
    let program = Program::of("dual-stack").args(["[::1]:0"]);
    let ended = namespace::around(program, off).run();
    ended
        .code(1)
        .complained("address not available (EADDRNOTAVAIL)");
}

/// Claim: A host that does not answer a ping is off.
/// Truth: an administrator can switch the answers off (net.ipv4.icmp_echo_ignore_all,
/// icmp(7)), and a firewall can drop the request.
#[test]
fn a_host_may_be_set_not_to_answer_a_ping() {
    if !allowed() {
        return;
    }
    let silent = "echo 1 > /proc/sys/net/ipv4/icmp_echo_ignore_all";
    let ended = ping(silent, &["127.0.0.1", "--count=1", "--timeout=0.2"]);
    ended.code(1);
    assert!(ended.stderr.contains("may answer no ping"), "{ended:#?}");
}

#[test]
fn the_request_on_the_wire_has_a_right_checksum_and_counts() {
    if !allowed() {
        return;
    }
    tool!("python3");
    // The script ends with an error, and answers no more, at a wrong checksum. Several
    // programs, because identifier and data are those of the program: not each has a carry.
    for _ in 0..4 {
        let args = ["--raw", "--count=5", "--interval=0.01", "--timeout=3"];
        let ended = answered_by("twice", &args);
        ended.code(0);
        assert!(
            ended.stdout.contains("5 sent, 5 answered, 0 % lost\n"),
            "{ended:#?}"
        );
    }
}

/// The same error has another cause in another call.
#[test]
fn the_hint_is_about_what_was_being_done() {
    if !allowed() {
        return;
    }
    for (setup, option, _) in KINDS {
        for (host, said, hint) in [
            (
                "255.255.255.255",
                "cannot send to 255.255.255.255: permission denied (EACCES)",
                "SO_BROADCAST",
            ),
            (
                "10.0.9.3",
                "10.0.9.3 has not answered: ",
                "may answer no ping",
            ),
        ] {
            let ended = ping(setup, &[host, option, "--count=1", "--timeout=0.1"]);
            ended.code(1).complained(said);
            assert!(ended.stderr.contains(hint), "{ended:#?}");
            assert!(!ended.stderr.contains("port"), "{ended:#?}");
        }
    }
    let ended = ping(DATAGRAMS, &["fd00:9::2", "--count=1"]);
    assert!(
        ended.stderr.contains("hint: a host on the way"),
        "{ended:#?}"
    );
    // A link-local address without its interface: refused, or sent on some cable.
    let ended = ping(DATAGRAMS, &["fe80::2", "--count=1"]);
    ended.complained("cannot send to fe80::2: invalid argument (EINVAL)");
    assert!(ended.stderr.contains("fe80::2%eth0"), "{ended:#?}");
    let ended = ping("", &["fe80::9", "--count=1", "--timeout=0.1"]);
    ended.code(1).complained("fe80::9 has not answered: ");
    assert!(ended.stderr.contains("fe80::2%eth0"), "{ended:#?}");
}

#[test]
fn every_address_is_this_machine() {
    if !allowed() {
        return;
    }
    for host in ["0.0.0.0", "::"] {
        ping(DATAGRAMS, &[host, "--count=1"]).code(0);
    }
}

#[test]
fn ctrl_c_ends_dual_stack_while_new_clients_keep_coming() {
    use std::sync::atomic::{AtomicBool, Ordering};
    let (running, address) = crate::dual_stack();
    let over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                while !over.load(Ordering::Relaxed) {
                    drop(std::net::TcpStream::connect(address));
                }
            });
        }
        for _ in 0..50 {
            crate::told(address); // they have come
        }
        running.interrupt();
        let ended = running.ends_within(std::time::Duration::from_secs(2));
        over.store(true, Ordering::Relaxed);
        ended.code(0);
    });
}

#[test]
fn where_no_thread_is_left_the_other_address_is_served() {
    let strace = tool!("strace");
    if !allowed() {
        return;
    }
    // The first thread is ctrlc's, then one for each listener.
    let inject = "inject=clone3:error=EAGAIN:when=3";
    let options = ["-D", "-qq", "-o", "/dev/null", "-e", inject];
    let program = Program::of("dual-stack").through(&strace, options);
    let mut running = namespace::around(program, "ip link set lo up").start();
    running.line("no thread is left for 127.0.0.1:4646");
    running.interrupt();
    running.ends().code(0);
}

/// `ping` of 127.0.0.1, where the script answers and the kernel does not.
pub fn answered_by(how: &str, args: &[&str]) -> Ended {
    ping(&format!("{DATAGRAMS}\n{}", around_answers(how)), args)
}

/// The setup for it: the loopback, the kernel silent, the script ready.
pub fn around_answers(how: &str) -> String {
    let script = tests::root().join("tests/16-families/icmp.py");
    format!(
        "mount -t tmpfs none /run
        ip link set lo up
        echo 1 > /proc/sys/net/ipv4/icmp_echo_ignore_all
        python3 {} {how} </dev/null >/dev/null 2>&1 &
        until [ -e /run/ready ]; do sleep 0.01; done",
        script.display()
    )
}
