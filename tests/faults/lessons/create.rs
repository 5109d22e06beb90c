//! Lesson 01.

use crate::row::{Kind, Row};

pub fn rows() -> Vec<Row> {
    vec![Row::new("create", Kind::Other).wrong(&[
        ("nonsense", "`nonsense`"),
        ("127.0.0.1:70000", "`127.0.0.1:70000`"),
        ("-x", "`-x`"),
    ])]
}
