//! Lesson 12: the table of options, and the demonstrations. They talk to themselves.

use crate::row::{Kind, Row};

pub fn rows() -> Vec<Row> {
    let names = [
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
    let wrong = [
        ("127.0.0.1:9000", "one argument too many: `127.0.0.1:9000`"),
        ("-x", "unknown option `-x`"),
        (
            "nonsense",
            "one argument too many: `nonsense` hint: hint: this program takes no address",
        ),
    ];
    names
        .map(|name| Row::new(name, Kind::Other).wrong(&wrong))
        .into()
}
