//! Lesson 15. What servers for mail say is in tests/15-mail.

use std::fs;
use std::io::Write;
use std::net::TcpStream;

use tests::peer;

use crate::means::joined;
use crate::row::{Client, Row, client};

const DOTS: &str = "dots_and_bare_line_feeds_end_no_text";

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
            .prepare(|program| program.env("MAIL_PASSWORD", ""))
            .own(DOTS, a_dot_more)
            .shown("mail-send-1", DOTS, "sent of")
            .cured("mail-send-2", DOTS),
        client("mail-send-with-library", Client::default())
            .wrong(WRONG)
            .options(IN_THE_CLEAR)
            .prepare(|program| program.env("MAIL_PASSWORD", ""))
            .own(DOTS, a_dot_more)
            .not("a_connection_to_itself_is_refused", "lettre sees to it"),
    ]
}

/// A dot more in front of each line that begins with one. A step takes its text from the
/// keyboard, the others from a file.
fn a_dot_more(row: &Row) {
    for (text, sent) in [
        (".\n..x\n", "..\r\n...x"),
        ("a\n.\nQUIT\n", "a\r\n..\r\nQUIT"),
    ] {
        let file = tempfile::NamedTempFile::new().expect("a file");
        fs::write(file.path(), text).expect("written");
        let (address, server) = peer::serve_one(takes_a_mail);
        let path = file.path().display().to_string();
        let mut running = row.program(address, &["--file", &path]).start();
        running.types(text);
        running.close_keyboard();
        running.ends().code(0);
        let mail = joined(server);
        let (_, body) = mail.split_once("\r\n\r\n").expect("a blank line");
        let body = body.strip_suffix("\r\n.\r\n").map(str::trim_end);
        assert_eq!(body, Some(sent), "sent of {text:?}");
    }
}

/// A server for mail that says yes to everything: the mail with its last line, a dot. Whoever
/// ended the text too early goes on, and may be gone before we answer all of it.
fn takes_a_mail(mut stream: TcpStream) -> String {
    let mut mail = String::new();
    let (mut answer, mut is_text) = ("220 hello\r\n", false);
    while stream.write_all(answer.as_bytes()).is_ok() {
        let line = peer::read_line(&mut stream);
        if is_text {
            mail += &line;
        }
        (answer, is_text) = match line.as_str() {
            "" => break,
            ".\r\n" if is_text => ("250 accepted\r\n", false),
            _ if is_text => ("", true),
            "DATA\r\n" => ("354 go on\r\n", true),
            "QUIT\r\n" => ("221 goodbye\r\n", false),
            _ => ("250 yes\r\n", false),
        };
    }
    mail
}
