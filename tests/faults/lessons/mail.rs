//! Lesson 15. What servers for mail say is in tests/15-mail.

use crate::row::{Client, Row, client};

const WRONG: &[(&str, &str)] = &[
    ("--timeout 0", "`0` does not fit --timeout"),
    ("--timeout -1", "`-1` does not fit --timeout"),
    ("--timeout soon", "`soon` does not fit --timeout"),
];
const SENDS: &[&str] = &["--from", "ada@example.org", "--to", "charles@example.org"];
const IN_THE_CLEAR: &[&str] = &[
    "--from",
    "ada@example.org",
    "--to",
    "charles@example.org",
    "--tls",
    "none",
];

pub fn rows() -> Vec<Row> {
    vec![
        client("mail", Client::default())
            .wrong(WRONG)
            .options(&["--user", "ada"])
            .prepare(|program| program.env("MAIL_PASSWORD", "correct horse")),
        client("mail-send", Client::default())
            .wrong(WRONG)
            .options(SENDS)
            .prepare(|program| program.env("MAIL_PASSWORD", "")),
        client("mail-send-with-library", Client::default())
            .wrong(WRONG)
            .options(IN_THE_CLEAR)
            .prepare(|program| program.env("MAIL_PASSWORD", ""))
            .not("a_connection_to_itself_is_refused", "lettre sees to it"),
    ]
}
