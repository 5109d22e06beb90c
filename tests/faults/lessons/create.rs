//! Lesson 01.

use crate::row::{Kind, Row};

pub fn rows() -> Vec<Row> {
    vec![
        Row::new("create", Kind::Other)
            .wrong(&[
                ("nonsense", "`nonsense`"),
                ("127.0.0.1:70000", "`127.0.0.1:70000`"),
                ("-x", "`-x`"),
            ])
            .shown("create-1", "a_wrong_argument_is_told", "left: Some(0)")
            .shown(
                "create-1",
                "a_closed_output_is_no_panic",
                "failed printing to stdout",
            )
            .shown(
                "create-1",
                "a_full_disk_behind_its_output_is_told",
                "failed printing to stdout",
            ),
    ]
}
