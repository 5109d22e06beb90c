//! Lesson 04. What a page can be is in tests/04-send-recv.

use crate::row::{Client, Row, client};

pub fn rows() -> Vec<Row> {
    vec![client("send-recv", Client::default()).wrong(&[
        ("--path", "`--path` needs a value"),
        ("--path index.html", "is not a path"),
        ("--path /\n", "is not a path"),
        ("--path /\x7f", "is not a path"),
        ("--path /ü", "is not a path"),
        ("--path ", "is not a path"),
        ("--path  /a b", "is not a path"),
        (
            "--path  / HTTP/1.1\r\nX-Injected: yes\r\n\r\nGET /",
            "is not a path",
        ),
        ("--timeout 0", "`0` does not fit --timeout"),
        ("--timeout -1", "`-1` does not fit --timeout"),
        ("--timeout soon", "`soon` does not fit --timeout"),
        ("--save", "`--save` needs a value"),
    ])]
}
