//! Lesson 02. A name server of its own, and a world with it, are in tests/02-resolve.

use crate::row::{Kind, Row};

pub fn rows() -> Vec<Row> {
    vec![Row::new("resolve", Kind::Other).wrong(&[
        ("localhost:70000", "ports go from 0 to 65535"),
        ("localhost:", "behind the colon"),
        (":80", "lacks a name"),
        ("[::1", "has no `]`"),
        ("--reverse", "--reverse"),
        ("--reverse nonsense", "cannot resolve nonsense"),
        ("--reverse localhost", "cannot resolve localhost"),
        ("--host localhost", "one question at a time"),
        ("a b", "one argument too many"),
    ])]
}
