//! The runs of chapter 15.

use std::fs;
use std::net::SocketAddr;

use tests::{Program, Terminal, Transcript, peer};

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

/// One of the lesson's servers in Python, shown at its own port.
#[cfg(target_os = "linux")]
fn python(
    transcript: &Transcript,
    name: &str,
    port: u16,
    more: &str,
) -> Option<(Terminal, SocketAddr)> {
    let python3 = tests::find_tool("python3")?;
    let file = format!("lessons/15-mail/peers/{name}.py");
    let script = fs::read_to_string(tests::root().join(&file)).expect("a program");
    let script = script.replace(&port.to_string(), "0");
    let program = Program::at(python3).args(["-c", &script]);
    let program = program.args(more.split_whitespace());
    let shown = format!("python3 {file} {more}");
    let mut server = transcript.start("server", shown.trim_end(), program);
    tests::until("a whole line", || {
        let printed = server.program().printed();
        printed.ends_with(b"\n").then_some(())
    });
    server.prints("listening");
    let pid = server.program().pid();
    let address = tests::kernel::comes_to_listen(pid);
    transcript.port(address.port(), port);
    Some((server, address))
}

/// A step looks into the mailbox.
#[cfg(target_os = "linux")]
fn looks(number: u8, name: &str, exit_code: i32, last: &str) {
    let transcript = picture(name);
    let Some((mut server, address)) = python(&transcript, "pop3", 1100, "") else {
        return;
    };
    let step = format!("mail-{number}");
    let shown = format!("cargo run -p mail --bin {step}");
    let program = Program::of(&step).args([address.to_string()]);
    let client = transcript.start("client", &shown, program);
    client.ends(exit_code);
    if !last.is_empty() {
        server.prints(last);
    }
    transcript.check();
}

#[cfg(target_os = "linux")]
#[test]
fn the_first_step_talks_a_line_for_a_line() {
    looks(1, "step-1", 0, "");
}

#[cfg(target_os = "linux")]
#[test]
fn the_second_step_takes_a_line_of_the_list_for_the_next_answer() {
    looks(2, "step-2", 0, "");
}

#[cfg(target_os = "linux")]
#[test]
fn the_third_step_reads_up_to_the_dot_and_has_a_dot_too_many() {
    looks(3, "step-3", 0, "");
}

#[cfg(target_os = "linux")]
#[test]
fn the_fourth_step_has_the_right_text_and_waits_for_one_that_does_not_exist() {
    looks(4, "step-4", 1, "silent for 2 seconds: closed");
}

#[cfg(target_os = "linux")]
#[test]
fn the_fifth_step_takes_a_no() {
    looks(5, "step-5", 0, "");
}

/// A step sends these lines.
#[cfg(target_os = "linux")]
fn sends(number: u8, name: &str, more: &str, lines: &[&str], gets: &[&str], code: i32) {
    let transcript = picture(name);
    let Some((mut server, address)) = python(&transcript, "smtp", 2525, more) else {
        return;
    };
    let step = format!("mail-send-{number}");
    let shown = format!("cargo run -p mail --bin {step}");
    let program = Program::of(&step).args([address.to_string()]);
    let mut client = transcript.start("client", &shown, program);
    for line in lines {
        client.types(line);
    }
    client.presses_ctrl_d();
    client.ends(code);
    for line in gets {
        server.prints(line);
    }
    transcript.check();
}

#[cfg(target_os = "linux")]
#[test]
fn the_first_step_sends_a_mail() {
    let gets = ["  | Subject: A mail by hand\n", "  | The engine works.\n"];
    sends(1, "send-1", "", &["The engine works."], &gets, 0);
}

#[cfg(target_os = "linux")]
const DOTTED: [&str; 3] = ["These are dots:", ".", "Did you see them?"];

#[cfg(target_os = "linux")]
#[test]
fn the_first_step_loses_what_stands_after_a_dot() {
    sends(1, "send-1-dot", "", &DOTTED, &["  | These are dots:\n"], 0);
}

#[cfg(target_os = "linux")]
#[test]
fn the_second_step_sends_a_dot_as_it_is() {
    let gets = [
        "  | These are dots:\n",
        "  | .\n",
        "  | Did you see them?\n",
    ];
    sends(2, "send-2-dot", "", &DOTTED, &gets, 0);
}

#[cfg(target_os = "linux")]
#[test]
fn the_second_step_hears_no_no() {
    sends(2, "send-2-busy", "busy", &["The engine works."], &[], 0);
}

#[cfg(target_os = "linux")]
#[test]
fn the_third_step_hears_a_no() {
    sends(3, "send-3-busy", "busy", &["The engine works."], &[], 1);
}

#[test]
fn the_run_whose_server_says_nothing() {
    let (address, _server) = peer::serve_one(|mut stream| peer::read_to_end(&mut stream));
    let transcript = picture("silent");
    transcript.port(address.port(), 465);
    let shown = format!("{SEND} -- 127.0.0.1:465 {FROM_TO_SHOWN} --timeout 1");
    transcript.of_one(&shown, mail_send(address).args(["--timeout", "1"]), 1);
}
