//! The pictures of chapter 15.

use tests::{Program, Transcript, peer};

use crate::{FROM_TO, PASSWORD, client, mail_send, program, script, smtp};

const SEND: &str = "cargo run -p mail --bin mail-send";
const FROM_TO_SHOWN: &str = "--from ada@example.org --to charles@example.org";

fn picture(name: &str) -> Transcript {
    let transcript = Transcript::new("15-mail", name);
    transcript.mask(
        r"[A-Z][a-z]{2}, \d+ [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d \+0000",
        "Sat, 21 Nov 2026 11:05:44 +0000",
    );
    transcript.mask(r"<\d+\.\d+@", "<1795259144000000000.4711@");
    transcript
}

#[test]
fn the_run_of_mail_send_with_its_practice_server() {
    picture("send").of_one(SEND, program("mail-send"), 0);
}

#[test]
fn the_run_of_mail_with_its_practice_mailbox() {
    picture("list").of_one("cargo run -p mail", program("mail"), 0);
}

#[test]
fn the_run_of_the_library() {
    let shown = "cargo run -p mail-send-with-library";
    picture("library").of_one(shown, program("mail-send-with-library"), 0);
}

#[test]
fn the_run_that_remembers_what_was_seen() {
    let folder = tempfile::tempdir().expect("a folder");
    let transcript = picture("seen");
    let shown = "cargo run -p mail -- --quiet --seen seen.txt";
    for _ in 0..2 {
        let program = program("mail").in_folder(folder.path());
        let program = program.args(["--quiet", "--seen", "seen.txt"]);
        let mut terminal = transcript.start("", shown, program);
        terminal.closes_keyboard();
        terminal.ends(0);
    }
    let cat = Program::at("/bin/cat").in_folder(folder.path());
    transcript
        .start("", "cat seen.txt", cat.args(["seen.txt"]))
        .ends(0);
    transcript.check();
}

#[test]
fn the_run_with_a_subject_that_is_not_ascii_and_a_recipient_that_nobody_knows() {
    let args = ["--subject", "Gr\u{fc}\u{df}e", "--to", "nobody@example.org"];
    let args = [&args[..], &["--to", "grace@example.org"]].concat();
    let shown = format!("{SEND} -- {}", args.join(" "));
    let program = program("mail-send").args(args);
    picture("refused-recipient").of_one(&shown, program, 1);
}

#[test]
fn the_run_with_a_login() {
    let program = program("mail-send")
        .env("MAIL_PASSWORD", PASSWORD)
        .args(["--user", "ada"]);
    let transcript = picture("login");
    let mut terminal = transcript.start("", &format!("{SEND} -- --user ada"), program);
    terminal.prints("S: 235");
    drop(terminal);
    transcript.check();
}

#[test]
fn the_run_without_a_password() {
    let shown = format!("{SEND} -- --user ada");
    let program = program("mail-send").args(["--user", "ada"]);
    picture("no-password").of_one(&shown, program, 2);
}

#[test]
fn the_run_with_a_wrong_password() {
    let program = program("mail")
        .env("MAIL_PASSWORD", "guess")
        .args(["--user", "ada"]);
    let shown = "MAIL_PASSWORD=guess cargo run -p mail -- --user ada";
    picture("wrong-password").of_one(shown, program, 1);
}

#[test]
fn the_run_with_a_server_that_says_not_now() {
    let steps = smtp(&[("RCPT", "451 4.7.1 come back in five minutes\r\n")]);
    let steps = [&steps[..3], &steps[5..]].concat();
    let (address, _server) = script("220 mail.example.org\r\n", &steps);
    let transcript = picture("not-now");
    transcript.port(address.port(), 2525);
    let shown = format!("{SEND} -- 127.0.0.1:2525 {FROM_TO_SHOWN}");
    transcript.of_one(&shown, mail_send(address), 1);
}

#[test]
fn the_run_with_a_server_that_closes_in_the_middle() {
    let (address, _server) = peer::serve_one(|mut stream| {
        peer::write(&mut stream, "220-mail.example.org\r\n220 rea");
    });
    let transcript = picture("cut-off");
    transcript.port(address.port(), 2525);
    let shown = format!("{SEND} -- 127.0.0.1:2525 {FROM_TO_SHOWN}");
    transcript.of_one(&shown, mail_send(address), 1);
}

#[test]
fn the_run_with_a_server_that_is_none() {
    let (address, _server) = peer::serve_one(|mut stream| {
        peer::write(&mut stream, "SSH-2.0-OpenSSH_9.2\r\n");
    });
    let transcript = picture("no-mail-server");
    transcript.port(address.port(), 22);
    let shown = format!("{SEND} -- 127.0.0.1:22 {FROM_TO_SHOWN}");
    transcript.of_one(&shown, mail_send(address), 1);
}

#[test]
fn the_run_with_a_line_end_in_the_subject() {
    let subject = "Hello\nBcc: everybody@example.org";
    let program = program("mail-send").args(["--subject", subject]);
    let shown = format!(r"{SEND} -- --subject $'Hello\nBcc: everybody@example.org'");
    picture("injection").of_one(&shown, program, 2);
}

#[test]
fn the_run_where_nobody_listens() {
    let address = peer::dead_port();
    let transcript = picture("refused");
    transcript.port(address.port(), 25);
    let shown = format!("{SEND} -- 127.0.0.1:25 {FROM_TO_SHOWN}");
    transcript.of_one(&shown, client("mail-send", address), 1);
}

#[test]
fn the_run_of_the_library_where_tls_is_missing() {
    let steps = [("EHLO", "250-mail.example.org\r\n250 SIZE 1000000\r\n")];
    let (address, _server) = script("220 mail.example.org\r\n", &steps);
    let transcript = picture("no-tls");
    transcript.port(address.port(), 587);
    let shown =
        format!("cargo run -p mail-send-with-library -- 127.0.0.1:587 {FROM_TO_SHOWN}");
    let program = program("mail-send-with-library")
        .args([address.to_string()])
        .args(FROM_TO);
    transcript.of_one(&shown, program, 1);
}
