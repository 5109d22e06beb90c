//! Lesson 08: the server for datagrams, its client, and TCP and UDP side by side.

use std::mem;
use std::net::{SocketAddr, UdpSocket};
use std::sync::Mutex;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use nix::sys::signal::Signal::{SIGINT, SIGTERM};
use tests::{Ended, Program, kernel, namespace, no_way, tool};

use crate::datagrams::{receive, socket};
use crate::every_program::WRONG_ADDRESS;
use crate::means::Injection;
use crate::row::{Kind, Row, UdpServer, udp_server};

const DEAF: &str = "a_peer_that_does_not_read_stops_nobody_else";
const DOUBLED: &str = "lost_and_doubled_datagrams_are_survived";
const RESETS: &str = "ten_thousand_resets_leave_nothing_behind";
const STRANGER: &str = "a_stranger_is_not_believed";

/// What a server of datagrams dies of that knows no errors.
const BELIEVES: &[(&str, &str)] = &[
    ("an_interrupted_call_is_made_again", "kind: Interrupted"),
    ("a_closed_output_is_no_panic", "failed printing to stdout"),
    (
        "a_full_disk_behind_its_output_is_told",
        "failed printing to stdout",
    ),
    ("an_output_that_nobody_reads_stops_nobody", "a datagram: "),
    ("bytes_that_are_not_text_are_no_panic", "text: Utf8Error"),
    (
        "an_empty_datagram_is_a_datagram",
        "Resource temporarily unavailable",
    ),
    ("trouble_of_one_call_is_survived", "OutOfMemory"),
    ("a_truncated_datagram_is_told", "512 bytes"),
    ("a_dead_port_is_told", "ConnectionRefused"),
    ("a_name_that_does_not_exist_is_told", "not two lines"),
    ("a_scoped_address_is_understood", "Listening on "),
    ("ctrl_c_and_sigterm_end_it_cleanly", "left: None"),
    ("a_wrong_argument_is_told", "left: Some(1)"),
    ("a_port_in_use_is_told", "not two lines"),
    ("it_listens_on_loopback_only", "left: \"0.0.0.0:9000\""),
];

pub fn rows() -> Vec<Row> {
    let udp = UdpServer {
        default: "127.0.0.1:9000",
        answer: <[u8]>::to_ascii_uppercase,
        lost: |client, why| format!("cannot answer {client}: {why}"),
    };
    vec![
        udp_server("udp", udp)
            .shows("control-datagrams", BELIEVES)
            .shown("control-keeps", DEAF, "a datagram: ")
            .shown("control-tells", STRANGER, "what another has asked for")
            .shown("control-remembers", DOUBLED, "a datagram: ")
            .shown("control-remembers", RESETS, "KiB more"),
        Row::new("udp-client", Kind::Other)
            .wrong(WRONG_ADDRESS)
            .wrong(&[
                ("--timeout=0", "`0` does not fit --timeout"),
                ("--tries=0", "`0` does not fit --tries"),
                ("--tries=256", "`256` does not fit --tries"),
                ("--buffer=-1", "`-1` does not fit --buffer"),
                ("--buffer=65536", "`65536` does not fit --buffer"),
            ])
            .own("an_interrupted_call_is_made_again", interrupted)
            .own("a_closed_output_is_no_panic", closed_output)
            .own("an_endless_message_is_refused", endless_line)
            .own("bytes_that_are_not_text_are_no_panic", not_text)
            .own("an_empty_datagram_is_a_datagram", empty)
            .own("a_truncated_datagram_is_told", truncated)
            .own("lost_and_doubled_datagrams_are_survived", lost_and_doubled)
            .own("a_dead_port_is_told", dead_port_is_told)
            .own("a_stranger_is_not_believed", stranger)
            .own("unreachable_places_are_told_apart", unreachable)
            .own("a_connection_to_itself_is_refused", itself)
            .own("a_name_that_does_not_exist_is_told", unknown_name)
            .own("a_scoped_address_is_understood", scoped)
            .own("ctrl_c_and_sigterm_end_it_cleanly", ctrl_c)
            .own("a_peer_that_vanished_is_given_up", vanished)
            .own("it_listens_on_loopback_only", practice_server)
            .shows(
                "control-asks",
                &[
                    (
                        "lost_and_doubled_datagrams_are_survived",
                        "did not end within",
                    ),
                    ("a_stranger_is_not_believed", "HeLLo"),
                    ("a_dead_port_is_told", "did not end within"),
                    ("a_connection_to_itself_is_refused", "left: Some(0)"),
                    ("a_peer_that_vanished_is_given_up", "did not end within"),
                ],
            ),
        Row::new("tcp-and-udp", Kind::Other)
            .wrong(&[("127.0.0.1:9000", "`127.0.0.1:9000`")])
            .own("ctrl_c_and_sigterm_end_it_cleanly", ctrl_c_side_by_side),
    ]
}

/// The server that the client asks where no other is needed.
fn server() -> (tests::Running, SocketAddr) {
    let mut server = Program::of("udp").args(["127.0.0.1:0"]).start();
    let address = server.address();
    (server, address)
}

/// Runs a client to its end, with this typed on its keyboard.
fn typed(program: Program, text: impl AsRef<[u8]>) -> Ended {
    let mut running = program.start();
    running.types(text);
    running.close_keyboard();
    running.ends()
}

/// A server for the client, on a thread of its own.
fn serve<T: Send + 'static>(
    serve: impl FnOnce(UdpSocket) -> T + Send + 'static,
) -> (SocketAddr, JoinHandle<T>) {
    let socket = socket();
    let address = socket.local_addr().expect("its address");
    (address, thread::spawn(move || serve(socket)))
}

/// The first recvfrom only looks for what is late; the next ones wait. And where it is really
/// interrupted, the timeout is no longer for it.
fn interrupted(row: &Row) {
    let (_server, address) = server();
    let rules = [
        "recvfrom:error=EINTR:when=2..4",
        "sendto:error=EINTR:when=1",
    ];
    let program = row.program(address, &["--timeout", "0.3", "--tries", "9"]);
    let (program, injection) = Injection::into(program, tool!("strace"), &rules);
    let ended = typed(program, "hello\n");
    ended.code(0);
    assert!(ended.stdout.ends_with("\nHELLO\n"), "{ended:?}");
    injection.has_happened();

    let silent = socket();
    let address = silent.local_addr().expect("its address");
    let mut running = row.program(address, &["--timeout", "0.5"]).start();
    running.types("hello\n");
    receive(&silent);
    running.interrupt_its_call();
    running.ends().code(1).complained("timed out (ETIMEDOUT)");
}

fn closed_output(row: &Row) {
    let (_server, address) = server();
    let mut running = row.program(address, &[]).start_with_closed_output();
    running.types("one\ntwo\n");
    running.close_keyboard();
    let ended = running.ends();
    ended.code(0);
    assert_eq!(ended.stderr, "");
}

/// On the keyboard: a line without an end fits into no datagram.
fn endless_line(row: &Row) {
    let (_server, address) = server();
    let mut running = row.program(address, &[]).start();
    running.types(vec![b'x'; 10_000_000]);
    let ended = running.ends();
    ended.code(1).complained("message too long (EMSGSIZE)");
    assert!(ended.stderr.contains("65,507 bytes"), "{ended:?}");
}

fn not_text(row: &Row) {
    let (_server, address) = server();
    let ended = typed(row.program(address, &[]), b"\xffa\0\xc3\n");
    ended.code(0);
    let shown = "\n\u{fffd}A\0\u{fffd}\n";
    assert!(ended.stdout.ends_with(shown), "{ended:?}");
}

fn empty(row: &Row) {
    let (_server, address) = server();
    let ended = typed(row.program(address, &[]), "one\n\ntwo\n");
    ended.code(0);
    assert!(ended.stdout.ends_with("\nONE\n\nTWO\n"), "{ended:?}");
}

fn truncated(row: &Row) {
    let (_server, address) = server();
    for (buffer, shown) in [
        ("4", "\nHELL\n[cut off: it was longer than 4 bytes"),
        ("0", "\n\n[cut off: it was longer than 0 bytes"),
    ] {
        let ended = typed(row.program(address, &["--buffer", buffer]), "hello\n");
        ended.code(0);
        assert!(ended.stdout.contains(shown), "{ended:?}");
    }
    let ended = typed(row.program(address, &["--buffer", "5"]), "hello\n");
    assert!(ended.stdout.ends_with("\nHELLO\n"), "it fits: {ended:?}");
}

/// What a bad network does to each datagram, in turn.
fn bad_network(number: usize, held: &mut Vec<Vec<u8>>, datagram: &[u8]) -> Vec<Vec<u8>> {
    let datagram = datagram.to_vec();
    match number % 5 {
        0 => Vec::new(),                       // it is lost
        1 => vec![datagram.clone(), datagram], // it comes twice
        2 => {
            held.push(datagram); // it is held up, and comes after the next one
            Vec::new()
        }
        _ => [vec![datagram], mem::take(held)].concat(),
    }
}

/// A relay between the client and a server, which loses, doubles and holds up datagrams in
/// both directions.
fn relay(server: SocketAddr) -> SocketAddr {
    let (front, back) = (socket(), socket());
    let address = front.local_addr().expect("its address");
    thread::spawn(move || {
        let (mut to_server, mut to_client) = (Vec::new(), Vec::new());
        for number in 0.. {
            let (request, client) = receive(&front);
            for datagram in bad_network(number, &mut to_server, &request) {
                back.send_to(&datagram, server).expect("sent");
                let (answer, _) = receive(&back);
                for datagram in bad_network(number / 2, &mut to_client, &answer) {
                    front.send_to(&datagram, client).expect("sent");
                }
            }
        }
    });
    address
}

fn lost_and_doubled(row: &Row) {
    let (_server, address) = server();
    let options = ["--timeout", "0.1", "--tries", "99"];
    let lines: Vec<_> = (0..15).map(|number| format!("line {number}")).collect();
    let ended = typed(row.program(relay(address), &options), lines.join("\n"));
    ended.code(0);
    let answers = ended.stdout.lines().skip(1);
    let answers: Vec<_> = answers.filter(|line| !line.starts_with('[')).collect();
    let expected: Vec<_> = lines.iter().map(|line| line.to_uppercase()).collect();
    assert_eq!(answers, expected, "{ended:?}");
    assert!(ended.stdout.contains("[no answer in 100ms; try 2 of 99]"));

    // An answer that comes twice is not taken for the answer to the next line, be it early
    // or late.
    let (address, server) = serve(|socket| {
        let (_, sender) = receive(&socket);
        let send = |answer: &[u8]| socket.send_to(answer, sender).expect("sent");
        send(b"ONE");
        send(b"ONE");
        let (two, _) = receive(&socket);
        send(b"ONE");
        send(b"TWO");
        two
    });
    let ended = typed(row.program(address, &[]), "one\ntwo\n");
    ended.code(0);
    assert_eq!(server.join().expect("two came"), b"two");
    assert!(ended.stdout.contains("\nONE\n"), "{ended:?}");
    let told = "[3 bytes that do not answer this line]";
    assert!(ended.stdout.contains(told), "{ended:?}");
    assert!(ended.stdout.ends_with("\nTWO\n"), "{ended:?}");
}

/// A port on 127.0.0.1 to which no datagram gets, as long as this process lives: its socket
/// is connected to somebody else, so the kernel refuses what others send.
fn dead_port() -> SocketAddr {
    static TAKEN: Mutex<Vec<UdpSocket>> = Mutex::new(Vec::new());
    let socket = socket();
    let connected = socket.connect("127.0.0.1:1");
    connected.expect("connect sends nothing");
    let address = socket.local_addr().expect("its address");
    TAKEN.lock().expect("no panic").push(socket);
    address
}

fn dead_port_is_told(row: &Row) {
    let address = dead_port();
    let ended = typed(row.program(address, &["--timeout", "20"]), "hello\n");
    let told = format!("cannot ask {address}: connection refused (ECONNREFUSED)");
    ended.code(1).complained(&told);
    let at_once = Duration::from_secs(10);
    assert!(ended.took < at_once, "it waited, though it was refused");
}

fn stranger(row: &Row) {
    let (address, server) = serve(|server| {
        let (_, asker) = receive(&server);
        // It would pass as an answer, and it is the first one to come.
        socket().send_to(b"HeLLo", asker).expect("sent");
        server.send_to(b"HELLO", asker).expect("sent");
    });
    let ended = typed(row.program(address, &[]), "hello\n");
    ended.code(0);
    server.join().expect("both were sent");
    assert!(!ended.stdout.contains("HeLLo"), "{ended:?}");
    assert!(ended.stdout.ends_with("\nHELLO\n"), "{ended:?}");
}

/// In a network of its own, made by `setup`: what it says of this address.
fn elsewhere(row: &Row, setup: &str, address: &str, told: &str) {
    let program = namespace::around(row.program(address, &[]), setup);
    let ended = typed(program, "hello\n");
    ended.code(1).complained(told);
    assert!(!ended.stdout.contains("hello"), "{ended:?}");
}

fn unreachable(row: &Row) {
    if !namespace::allowed() {
        return;
    }
    let told = "cannot ask 192.0.2.1:9000: network unreachable (ENETUNREACH)";
    elsewhere(row, "", "192.0.2.1:9000", told);
    let setup = "ip route add unreachable 192.0.2.1";
    let told = "cannot ask 192.0.2.1:9000: host unreachable (EHOSTUNREACH)";
    elsewhere(row, setup, "192.0.2.1:9000", told);
}

/// With one single port to choose from, the kernel gives us the one that we ask.
fn itself(row: &Row) {
    if !namespace::allowed() {
        return;
    }
    let setup = "ip link set lo up
        echo 40000 40000 > /proc/sys/net/ipv4/ip_local_port_range";
    let told = "connection refused (ECONNREFUSED)";
    elsewhere(row, setup, "127.0.0.1:40000", told);
}

fn unknown_name(row: &Row) {
    no_way::unknown_name(|address| row.program(address, &[]));
}

fn scoped(row: &Row) {
    if !namespace::allowed() {
        return;
    }
    for (address, told) in [
        ("[fe80::1%card0]:9000", "connection refused (ECONNREFUSED)"),
        ("[fe80::1]:9000", "(EINVAL)"),
    ] {
        elsewhere(row, namespace::LINK_LOCAL, address, told);
    }
}

fn ctrl_c(row: &Row) {
    for signal in [SIGINT, SIGTERM] {
        for waits in [false, true] {
            let silent = socket();
            let address = silent.local_addr().expect("its address");
            let mut running = row.program(address, &["--timeout", "20"]).start();
            running.line("Ctrl+D ends");
            if waits {
                running.types("hello\n");
                receive(&silent);
            }
            running.signal(signal);
            let ended = running.ends_within(Duration::from_secs(1));
            ended.code(0);
            assert_eq!(ended.stderr, "");
        }
    }
}

/// It answers one line, and then no more, and nobody says that it has gone.
fn vanished(row: &Row) {
    let (address, server) = serve(|socket| {
        let (_, sender) = receive(&socket);
        socket.send_to(b"ONE", sender).expect("sent");
        socket
    });
    let program = row.program(address, &["--timeout", "0.3", "--tries", "2"]);
    let ended = typed(program, "one\ntwo\n");
    let _keeps_the_port = server.join().expect("the first was answered");
    ended.code(1).complained("timed out (ETIMEDOUT)");
    let told = "\nONE\n[no answer in 300ms; try 2 of 2]\n";
    assert!(ended.stdout.contains(told), "{ended:?}");
}

fn practice_server(row: &Row) {
    let mut running = row.bare().start();
    running.line("Ctrl+D ends");
    let all = kernel::listening(running.pid());
    assert_eq!(all.len(), 2, "{all:?}");
    assert!(all.iter().all(|one| one.ip().is_loopback()), "{all:?}");
}

fn ctrl_c_side_by_side(row: &Row) {
    for signal in [SIGINT, SIGTERM] {
        let mut running = row.bare().start();
        running.line("TCP: ");
        running.signal(signal);
        running.ends_within(Duration::from_secs(1)).code(0);
    }
}
