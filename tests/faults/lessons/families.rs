//! Lesson 16. Files of sockets, and hosts that are asked, are in tests/16-families.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;

use tests::Running;

use crate::row::{Kind, Row, Server, server};

const LEFT: &str = "a_file_that_was_left_behind_is_replaced";
const NOT_OURS: &str = "what_is_no_file_of_ours_is_not_removed";
const OTHERS: &str = "another_user_is_kept_out";

const NO_ARGUMENT: &[(&str, &str)] = &[("nonsense", "`nonsense`")];

pub fn rows() -> Vec<Row> {
    let too_long: &str = Box::leak("x".repeat(108).into_boxed_str());
    let no_name: &str = Box::leak(format!("@{too_long}").into_boxed_str());
    let dual_stack = Server {
        default: "127.0.0.1:4646",
        one_recv_is_a_message: true,
        asks: |_| (Vec::new(), Vec::new()),
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
            .shown("unix-stream-1", LEFT, "AddrInUse")
            .cured("unix-stream-2", LEFT)
            .shown("unix-stream-2", NOT_OURS, "a document is gone")
            .cured("unix-stream-3", NOT_OURS)
            .shown("unix-stream-3", OTHERS, "other users may write to the file")
            .cured("unix-stream-4", OTHERS),
        Row::new("unix-stream-client", Kind::Other).wrong(&[
            ("", "is no name for a socket"),
            ("@", "is no name for a socket"),
            (too_long, "is no name for a socket: it is too long"),
            ("--timeout 0", "`0` does not fit --timeout"),
        ]),
        server("dual-stack", dual_stack)
            .not("pieces_are_put_together", "reads nothing")
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
        Row::new("ping", Kind::Other).wrong(&[
            ("--count 0", "`0` does not fit --count"),
            ("--count 70000", "`70000` does not fit --count"),
            ("--interval 0", "`0` does not fit --interval"),
            ("--timeout -1", "`-1` does not fit --timeout"),
            ("--ttl 256", "`256` does not fit --ttl"),
            ("127.0.0.1 ::1", "one argument too many: `::1`"),
        ]),
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
