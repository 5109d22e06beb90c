//! Lesson 10. What the two who wait for several things do is in tests/10-select.

use crate::row::{Client, Kind, Row, client};

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
        Row::new("ready", Kind::Other).wrong(&[
            ("127.0.0.1:1", "`127.0.0.1:1`"),
            ("--timeout 1", "unknown option `--timeout`"),
        ]),
    ]
}
