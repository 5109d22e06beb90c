//! Lesson 10. What the two who wait for several things do is in tests/10-select.

use crate::row::{Client, Kind, Row, client};

const CONNECT: &str = "a_nonblocking_connect_is_writable_and_so_error_says_how_it_went";

const WRONG: &[(&str, &str)] = &[
    ("--second", "`--second` needs a value"),
    ("--second nonsense", "`nonsense` is not HOST:PORT"),
    ("--second 127.0.0.1:70000", "`70000` is not a port"),
    ("--timeout 0", "`0` does not fit --timeout"),
    ("--timeout soon", "`soon` does not fit --timeout"),
    ("--timeout -1", "`-1` does not fit --timeout"),
    ("127.0.0.1:1 127.0.0.1:2", "one argument too many"),
];

pub fn rows() -> Vec<Row> {
    vec![
        client("select", Client::default()).wrong(WRONG),
        client("poll", Client::default()).wrong(WRONG),
        Row::new("ready", Kind::Other)
            .wrong(&[
                ("127.0.0.1:1", "`127.0.0.1:1`"),
                ("--timeout 1", "unknown option `--timeout`"),
            ])
            .own(CONNECT, it_says_how_it_went)
            .shown("control-connects", CONNECT, "writable: connected"),
    ]
}

fn it_says_how_it_went(row: &Row) {
    let ended = row.bare().run();
    ended.code(0);
    let lines = ended.stdout.lines();
    let lines: Vec<String> = lines
        .filter(|line| line.starts_with("connect: "))
        .map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "))
        .collect();
    assert_eq!(
        lines,
        [
            "connect: nobody listens readable, writable \
             SO_ERROR: connection refused (ECONNREFUSED)",
            "connect: somebody listens writable SO_ERROR: no error",
            "connect: nobody answers SO_ERROR: no error",
        ]
    );
}
