//! Lesson 14. What an answer can be is in tests/14-http.

use tests::Program;

use crate::row::{Client, Kind, Row, client};

const WRONG: &[(&str, &str)] = &[
    ("ftp://localhost/", "neither http:// nor https://"),
    ("http://me@localhost/", "a name or a password"),
];

fn without_a_proxy(mut program: Program) -> Program {
    let names = ["ALL_PROXY", "HTTPS_PROXY", "HTTP_PROXY"];
    let lower = ["all_proxy", "https_proxy", "http_proxy"];
    for name in names.into_iter().chain(lower) {
        program = program.env(name, "");
    }
    program
}

pub fn rows() -> Vec<Row> {
    vec![
        client("http", Client::default()).prepare(without_a_proxy),
        Row::new("http-with-library", Kind::Other)
            .wrong(WRONG)
            .prepare(without_a_proxy),
    ]
}
