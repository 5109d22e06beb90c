//! Lesson 03: it connects, and neither says nor hears anything.

use crate::row::{Client, Row, client};

pub fn rows() -> Vec<Row> {
    vec![client("connect", Client::default()).wrong(&[
        (
            "http://example.com/",
            "it is a URL hint: : example.com:80\n",
        ),
        (
            "127.0.0.1:1 --timeout 0",
            "`0` does not fit --timeout hint: as in 0.5 or 10",
        ),
        (
            "127.0.0.1:1 --timeout soon",
            "`soon` does not fit --timeout",
        ),
        ("127.0.0.1:1 --timeout", "`--timeout` needs a value"),
    ])]
}
