//! Lesson 16. Files of sockets, and hosts that are asked, are in tests/16-families.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;

use tests::{Running, kernel, namespace, tool};

use crate::row::{Kind, Row, Server, server};
use crate::servers::an_idle_peer_is_greeted_and_stops_nobody_else;

const LEFT: &str = "a_file_that_was_left_behind_is_replaced";
const NOT_OURS: &str = "what_is_no_file_of_ours_is_not_removed";
const OTHERS: &str = "another_user_is_kept_out";
const ITS_OWN: &str = "at_the_end_it_removes_its_own_file_and_no_other";
const NO_RIGHT: &str = "a_missing_right_is_explained";

const NO_ARGUMENT: &[(&str, &str)] = &[("nonsense", "`nonsense`")];

pub fn rows() -> Vec<Row> {
    let too_long: &str = Box::leak("x".repeat(108).into_boxed_str());
    let no_name: &str = Box::leak(format!("@{too_long}").into_boxed_str());
    let dual_stack = Server {
        default: "127.0.0.1:4646",
        greeting: "You are {client}, over IPv4.\n",
        patience: "",
        one_recv_is_a_message: true,
        asks: |_| (Vec::new(), Vec::new()),
        closes_at: || (vec![b'x'; 60_000], ""),
        ..Server::default()
    };
    vec![
        Row::new("families", Kind::Other).wrong(NO_ARGUMENT),
        Row::new("unix-datagram", Kind::Other).wrong(NO_ARGUMENT),
        Row::new("unix-stream", Kind::Other)
            .wrong(&[
                ("", "is no name for a socket"),
                ("@", "is no name for a socket"),
                (too_long, "is no name for a socket: it is too long"),
                (no_name, "is no name for a socket: it is too long"),
                ("./sock more", "one argument too many: `more`"),
                ("--patience 0", "`0` does not fit --patience"),
            ])
            .own(LEFT, left_behind)
            .own(NOT_OURS, not_ours)
            .own(OTHERS, others)
            .own(ITS_OWN, its_own_file)
            .shown("unix-stream-1", LEFT, "AddrInUse")
            .cured("unix-stream-2", LEFT)
            .shown("unix-stream-2", NOT_OURS, "a document is gone")
            .cured("unix-stream-3", NOT_OURS)
            .shown("unix-stream-3", OTHERS, "other users may write to the file")
            .cured("unix-stream-4", OTHERS)
            .shown("control-removes", ITS_OWN, "the other one is still there"),
        Row::new("unix-stream-client", Kind::Other).wrong(&[
            ("", "is no name for a socket"),
            ("@", "is no name for a socket"),
            (too_long, "is no name for a socket: it is too long"),
            ("--timeout 0", "`0` does not fit --timeout"),
        ]),
        server("dual-stack", dual_stack)
            .own("it_listens_on_loopback_only", both_loopbacks)
            .own(
                "a_slow_or_idle_peer_stops_nobody_else",
                an_idle_peer_is_greeted_and_stops_nobody_else,
            )
            .not("pieces_are_put_together", "reads nothing")
            .not(
                "a_client_that_comes_at_the_end_is_refused_and_not_kept_waiting",
                "lesson 17",
            )
            .not(
                "a_peer_that_does_not_read_stops_nobody_else",
                "sends a few bytes",
            )
            .not("a_peer_that_closed_ends_that_connection_only", "one write")
            .not(
                "a_reset_in_the_middle_ends_that_connection_only",
                "reads nothing",
            )
            .not("an_endless_message_is_refused", "reads nothing")
            .not("bytes_that_are_not_text_are_no_panic", "reads nothing")
            .not("a_peer_that_vanished_is_given_up", "waits for no peer"),
        Row::new("ping", Kind::Other)
            .wrong(&[
                ("--count 0", "`0` does not fit --count"),
                ("--count 70000", "`70000` does not fit --count"),
                ("--interval 0", "`0` does not fit --interval"),
                ("--timeout -1", "`-1` does not fit --timeout"),
                ("--ttl 256", "`256` does not fit --ttl"),
                ("127.0.0.1 ::1", "one argument too many: `::1`"),
            ])
            .own(NO_RIGHT, a_missing_right_is_explained)
            .shown("ping-2", NO_RIGHT, "not two lines"),
    ]
}

/// `unix-stream PATH`, from a shell that takes no right away from new files. It has come to
/// listen, or has ended.
fn started(row: &Row, path: &Path) -> Running {
    let script = "umask 0; exec \"$0\" \"$@\"";
    let program = row.program(path.display(), &[]);
    let mut running = program.through("/bin/sh", ["-c", script]).start();
    tests::until("it listens, or ends", || {
        let printed = String::from_utf8_lossy(&running.printed()).into_owned();
        (printed.contains("Listening on ") || !running.runs()).then_some(())
    });
    running
}

fn left_behind(row: &Row) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("sock");
    drop(UnixListener::bind(&path).expect("a file"));
    let mut running = started(row, &path);
    running.line("Listening on ");
    UnixStream::connect(&path).expect("it listens there");
}

fn not_ours(row: &Row) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("sock");
    fs::write(&path, "precious").expect("a file");
    let running = started(row, &path);
    let found = fs::read(&path);
    assert!(
        found.is_ok_and(|text| text == b"precious"),
        "a document is gone"
    );
    running.ends().code(1);
    // A server that lives.
    let path = folder.path().join("alive");
    let _alive = UnixListener::bind(&path).expect("a listener");
    let number = || fs::metadata(&path).expect("it is there").ino();
    let before = number();
    let running = started(row, &path);
    assert_eq!(number(), before, "its name is taken away");
    running.ends().code(1);
}

/// By the mode. What another user then meets is in tests/16-families.
fn others(row: &Row) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("sock");
    let _running = started(row, &path);
    let mode = fs::metadata(&path).expect("a file").permissions().mode();
    assert_eq!(mode & 0o022, 0, "other users may write to the file");
}

fn its_own_file(row: &Row) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("sock");
    let running = started(row, &path);
    // Renamed over the first: so there are two files, with two numbers.
    let spare = folder.path().join("spare");
    let _other = UnixListener::bind(&spare).expect("another server");
    fs::rename(&spare, &path).expect("it takes the name");
    running.interrupt();
    running.ends().code(0);
    UnixStream::connect(&path).expect("the other one is still there");
}

/// Claim: ping needs root.
fn a_missing_right_is_explained(row: &Row) {
    let setpriv = tool!("setpriv");
    tool!("ip");
    if !namespace::allowed() {
        return;
    }
    let less = ["--bounding-set", "-net_raw", "--inh-caps", "-all"];
    let up = "ip link set lo up";
    for host in ["127.0.0.1", "::1"] {
        let program = row.program(host, &[]).through(&setpriv, less);
        let ended = namespace::around(program, up).run();
        let told = "cannot have a socket for ICMP: operation not permitted (EPERM)";
        ended.code(1).complained(told);
        for right in ["net.ipv4.ping_group_range", "cap_net_raw+ep"] {
            assert!(ended.stderr.contains(right), "{ended:?}");
        }
        // One of the two rights will do.
        let program = row.program(host, &["--count", "1"]);
        let datagrams = "echo 0 0 > /proc/sys/net/ipv4/ping_group_range";
        let setup = format!("{up}\n{datagrams}");
        let program = program.through(&setpriv, less);
        namespace::around(program, &setup).run().code(0);
    }
}

/// The default itself: two sockets, on one port.
fn both_loopbacks(row: &Row) {
    if !namespace::allowed() {
        return;
    }
    let mut running = namespace::around(row.bare(), "ip link set lo up").start();
    let lines = ["Listening on [::1]:4646", "Listening on 127.0.0.1:4646"];
    lines.iter().for_each(|line| drop(running.line(line)));
    let all = kernel::listening(running.pid());
    assert_eq!(all.len(), 2, "{all:?}");
    let is_loopback = all.iter().all(|address| address.ip().is_loopback());
    assert!(is_loopback, "{all:?}");
}
