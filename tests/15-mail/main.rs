//! Lesson 15: `mail-send`, `mail` and `mail-send-with-library`, against servers that follow
//! a script to the byte.

mod facts;
mod own_faults;
mod peers;
mod transcripts;

use std::net::{SocketAddr, TcpStream};
use std::thread::JoinHandle;

use tests::{Ended, Program, peer};

const PASSWORD: &str = "salmon fish\u{e9}";

/// The three programs' names, for what holds for each of them.
const PROGRAMS: [&str; 3] = ["mail", "mail-send", "mail-send-with-library"];

/// A program without a password in its environment, whatever the tests' own holds.
fn program(name: &str) -> Program {
    Program::of(name).env("MAIL_PASSWORD", "")
}

/// Any of the three, with what it needs to talk to this server.
fn client(name: &str, address: impl ToString) -> Program {
    match name {
        "mail" => mail(address),
        "mail-send" => mail_send(address),
        _ => with_library(address),
    }
}

const FROM_TO: [&str; 4] = ["--from", "ada@example.org", "--to", "charles@example.org"];

fn mail_send(address: impl ToString) -> Program {
    program("mail-send")
        .args([address.to_string()])
        .args(FROM_TO)
}

fn with_library(address: impl ToString) -> Program {
    program("mail-send-with-library")
        .args([address.to_string()])
        .args(FROM_TO)
        .args(["--tls", "none"])
}

fn mail(address: impl ToString) -> Program {
    program("mail").env("MAIL_PASSWORD", PASSWORD).args([
        &address.to_string(),
        "--user",
        "ada",
    ])
}

/// A line as it came, without its end, which has to be `\r\n`. Empty: the client closed.
fn hear(stream: &mut TcpStream) -> String {
    let line = peer::read_line(stream);
    assert!(line.is_empty() || line.ends_with("\r\n"), "{line:?}");
    line.trim_end_matches("\r\n").to_string()
}

/// The lines up to the one that is a single dot, as they came.
fn hear_text(stream: &mut TcpStream) -> String {
    let mut text = String::new();
    while !text.ends_with("\r\n.\r\n") {
        let line = peer::read_line(stream);
        assert!(!line.is_empty(), "the client closed after {text:?}");
        text.push_str(&line);
    }
    text
}

/// What a step of a script waits for in place of a line: the text of a mail.
const TEXT: &str = "<text>";

/// A server for one client. Its first words, then pairs: how the client's next line has to
/// begin, and what is answered. In the end it reads until the client closes. Join the
/// handle to get all that was heard, a line each; a text is one of them.
fn script(first: &str, steps: &[(&str, &str)]) -> (SocketAddr, JoinHandle<Vec<String>>) {
    let first = first.to_string();
    let steps: Vec<(String, String)> = steps
        .iter()
        .map(|(line, answer)| (line.to_string(), answer.to_string()))
        .collect();
    peer::serve_one(move |mut stream| {
        let mut heard = Vec::new();
        peer::write(&mut stream, first);
        for (expected, answer) in steps {
            let line = match expected.as_str() {
                TEXT => hear_text(&mut stream),
                _ => hear(&mut stream),
            };
            let fits = expected == TEXT || line.starts_with(&expected);
            assert!(
                fits,
                "{line:?} where {expected:?} was due; before: {heard:?}"
            );
            heard.push(line);
            peer::write(&mut stream, answer);
        }
        let rest = peer::read_to_end(&mut stream);
        assert!(rest.is_empty(), "{:?}", String::from_utf8_lossy(&rest));
        heard
    })
}

/// SMTP's usual steps, of which a test replaces some: by their first word.
fn smtp<'a>(others: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let usual = [
        (
            "EHLO [127.0.0.1]",
            "250-x greets you\r\n250-SIZE\r\n250 AUTH PLAIN LOGIN\r\n",
        ),
        ("MAIL FROM:<ada@example.org>", "250 ok\r\n"),
        ("RCPT TO:<charles@example.org>", "250 ok\r\n"),
        ("DATA", "354 go on\r\n"),
        (TEXT, "250 accepted\r\n"),
        ("QUIT", "221 goodbye\r\n"),
    ];
    let word = |line: &'a str| line.split(' ').next();
    let other = |step: (&'a str, &'a str)| {
        let mut others = others.iter();
        *others
            .find(|other| word(other.0) == word(step.0))
            .unwrap_or(&step)
    };
    usual.map(other).to_vec()
}

/// POP3's usual steps up to the login and the totals of a mailbox.
fn pop3(sizes: &str, ids: &str) -> Vec<(String, String)> {
    let mails = sizes.lines().count();
    [
        ("USER ada", "+OK\r\n".to_string()),
        ("PASS salmon fish\u{e9}", "+OK\r\n".to_string()),
        ("STAT", format!("+OK {mails} 1000\r\n")),
        ("LIST", format!("+OK they are\r\n{sizes}.\r\n")),
        ("UIDL", ids.to_string()),
    ]
    .map(|(line, answer)| (line.to_string(), answer))
    .to_vec()
}

/// What `mail` prints of a mailbox, with these further steps and `QUIT`.
fn looked(
    program: impl FnOnce(SocketAddr) -> Program,
    mailbox: &[(String, String)],
    further: &[(&str, &str)],
) -> Ended {
    let steps: Vec<_> = mailbox
        .iter()
        .map(|(line, answer)| (line.as_str(), answer.as_str()))
        .chain(further.iter().copied())
        .chain([("QUIT", "+OK goodbye\r\n")])
        .collect();
    let (address, server) = script("+OK hello\r\n", &steps);
    let ended = program(address).run();
    server.join().unwrap_or_else(|_| panic!("{ended:?}"));
    ended
}

/// A header as `TOP` gives it.
fn top(header: &str) -> String {
    format!("+OK\r\n{header}\r\n\r\n.\r\n")
}

// --- mail-send

#[test]
fn mail_send_without_an_argument_sends_to_its_own_practice_server() {
    let ended = program("mail-send").run();
    ended.code(0);
    let shown = &ended.stdout;
    let start =
        "No address given: a practice server in this program listens on 127.0.0.1:";
    assert!(shown.starts_with(start), "{ended:?}");
    for line in [
        "S: 220 practice.example ready",
        "C: EHLO [127.0.0.1]",
        "S: 250-SIZE 1000000",
        "C: MAIL FROM:<ada@example.org>",
        "C: RCPT TO:<charles@example.org>",
        "C: ..",
        "C: ...and this one begins with two.",
        "  | .",
        "  | ..and this one begins with two.",
        "S: 250 accepted",
    ] {
        assert!(
            shown.lines().any(|shown| shown == line),
            "{line}: {ended:?}"
        );
    }
    assert!(shown.ends_with("C: QUIT\nS: 221 goodbye\n"), "{ended:?}");
}

#[test]
fn mail_send_speaks_exactly_these_lines() {
    let (address, server) = script("220 ready\r\n", &smtp(&[]));
    mail_send(address).run().code(0);
    let heard = server.join().expect("the script");
    assert_eq!(
        heard[..4],
        [
            "EHLO [127.0.0.1]",
            "MAIL FROM:<ada@example.org>",
            "RCPT TO:<charles@example.org>",
            "DATA"
        ]
    );
    assert_eq!(heard[5..], ["QUIT"]);
    let (header, body) = heard[4].split_once("\r\n\r\n").expect("a blank line");
    let names: Vec<_> = header
        .lines()
        .map(|line| line.split(':').next().unwrap_or_default())
        .collect();
    assert_eq!(
        names.join(" "),
        "From To Subject Date Message-ID MIME-Version Content-Type \
         Content-Transfer-Encoding"
    );
    assert_eq!(
        body,
        "Hello!\r\n..\r\nThe line above is a single dot.\r\n...and this one begins with \
         two.\r\n.\r\n"
    );
}

/// The text as `mail-send` sends a file of these bytes: the body, the final dot included.
fn sent_body(name: &str, text: &str) -> String {
    let file = tempfile::NamedTempFile::new().expect("a file");
    std::fs::write(file.path(), text).expect("written");
    let (address, server) = script("220 ready\r\n", &smtp(&[("MAIL", "250 ok\r\n")]));
    let ended = client(name, address)
        .args(["--file"])
        .args([file.path()])
        .run();
    let heard = server.join().unwrap_or_else(|_| panic!("{ended:?}"));
    ended.code(0);
    let mail = heard
        .iter()
        .find(|line| line.contains("\r\n\r\n"))
        .expect("a mail");
    let (header, body) = mail.split_once("\r\n\r\n").expect("a blank line");
    assert!(header.is_ascii(), "{header}");
    body.to_string()
}

/// Claim: `\n.\n` ends a mail.
/// Truth: only `\r\n.\r\n` does, and every line of the text that begins with a dot gets
/// another (RFC 5321 section 4.5.2, RFC 1939 section 3).
#[test]
fn every_line_end_becomes_cr_lf_and_every_dot_at_a_start_gets_another() {
    // The last ones are a mail within a mail, for a server that takes LF.LF for the end.
    for text in [
        "a\n.\nb\n",
        "a\r\n.\r\nb\r\n",
        "a\r.\rb\r",
        "a\n.\r\nb",
        "a\r\n.\nb",
    ] {
        assert_eq!(
            sent_body("mail-send", text),
            "a\r\n..\r\nb\r\n.\r\n",
            "{text:?}"
        );
        let by_library = sent_body("mail-send-with-library", text);
        assert!(
            !by_library.replace("\r\n", "").contains(['\r', '\n']),
            "{text:?}"
        );
        assert!(by_library.starts_with("a\r\n..\r\nb\r\n"), "{by_library:?}");
    }
    let smuggled = "a\n.\nMAIL FROM:<eve@example.org>\n";
    let body = "a\r\n..\r\nMAIL FROM:<eve@example.org>\r\n.\r\n";
    assert_eq!(sent_body("mail-send", smuggled), body);
    assert_eq!(sent_body("mail-send", "..x"), "...x\r\n.\r\n");
    assert_eq!(sent_body("mail-send", ""), ".\r\n");
    assert_eq!(sent_body("mail-send", "\n\n"), "\r\n\r\n.\r\n");
}

#[test]
fn what_is_not_plain_text_goes_out_in_lines_of_ascii() {
    let long = "x".repeat(999);
    for text in ["na\u{ef}ve\n", "a\0b\n", &long] {
        let body = sent_body("mail-send", text);
        assert!(
            body.lines().all(|line| line.len() <= 76 && line.is_ascii()),
            "{body}"
        );
    }
    // "é\r\n" in base64.
    assert_eq!(sent_body("mail-send", "\u{e9}\n"), "w6kNCg==\r\n.\r\n");
    let fits = "x".repeat(998);
    assert_eq!(sent_body("mail-send", &fits), format!("{fits}\r\n.\r\n"));
}

#[test]
fn a_server_without_ehlo_is_greeted_with_helo() {
    let mut steps = smtp(&[("EHLO", "500 what?\r\n")]);
    steps.insert(1, ("HELO [127.0.0.1]", "250 x\r\n"));
    let (address, server) = script("220 ready\r\n", &steps);
    mail_send(address).run().code(0);
    server.join().expect("the script");
}

#[test]
fn an_answer_may_have_many_lines_and_a_code_alone_is_one() {
    let hello = "250-x\r\n250-\r\n250-250-\r\n250\r\n";
    let steps = smtp(&[("EHLO", hello), ("MAIL", "250\r\n")]);
    let (address, server) = script("220-one\r\n220-two\r\n220 three\r\n", &steps);
    let ended = mail_send(address).run();
    ended.code(0);
    assert!(
        ended.stdout.contains("\nS: 220-two\nS: 220 three\nC: EHLO"),
        "{ended:?}"
    );
    server.join().expect("the script");
}

#[test]
fn one_refused_recipient_does_not_cost_the_others_their_mail() {
    let mut steps = smtp(&[]);
    steps.insert(2, ("RCPT TO:<nobody@example.org>", "550 no such user\r\n"));
    let (address, server) = script("220 ready\r\n", &steps);
    let ended = program("mail-send")
        .args([address.to_string(), "--from=ada@example.org".into()])
        .args(["--to", "nobody@example.org", "--to", "charles@example.org"])
        .run();
    let told = "the server refuses nobody@example.org: 550 no such user";
    ended.code(1).complained(told);
    assert!(ended.stdout.contains("\nS: 250 accepted\n"), "{ended:?}");
    server.join().expect("the others' mail");
}

#[test]
fn where_every_recipient_is_refused_nothing_is_sent() {
    let steps = [
        ("EHLO", "250 x\r\n"),
        ("MAIL", "250 ok\r\n"),
        ("RCPT", "550 no\r\n"),
        ("QUIT", "221 goodbye\r\n"),
    ];
    let (address, server) = script("220 ready\r\n", &steps);
    mail_send(address).run().code(1).complained("550 no");
    server.join().expect("the script");
}

#[test]
fn a_refusal_is_told_in_the_servers_words_with_what_to_do() {
    let (yes, bye) = ("250 ok\r\n", ("QUIT", "221 goodbye\r\n"));
    let before = [
        ("EHLO", yes),
        ("MAIL", yes),
        ("RCPT", yes),
        ("DATA", "354 go\r\n"),
    ];
    for (count, answer, told, hint) in [
        (
            1,
            "421 too busy\r\n",
            "our greeting: 421 too busy",
            "try the same again",
        ),
        (
            2,
            "530 who are you?\r\n",
            "the sender: 530 who are you?",
            "log in with --user",
        ),
        (
            2,
            "550-not\r\n550 from you\r\n",
            "the sender: 550 not from you",
            "address",
        ),
        (
            3,
            "451 later\r\n",
            "charles@example.org: 451 later",
            "try the same again",
        ),
        (
            4,
            "554 no text\r\n",
            "to take a text: 554 no text",
            "the same again will not",
        ),
        (
            4,
            "250 ok\r\n",
            "to take a text: 250 ok",
            "does a mail server listen",
        ),
        (
            5,
            "552 too large\r\n",
            "the mail: 552 too large",
            "larger than",
        ),
        (
            5,
            "354 more\r\n",
            "the mail: 354 more",
            "does a mail server listen",
        ),
    ] {
        let mut steps = before[..count.min(4)].to_vec();
        if count == 5 {
            steps.push((TEXT, answer));
        } else {
            steps[count - 1].1 = answer;
        }
        steps.push(bye);
        let (address, server) = script("220 ready\r\n", &steps);
        let ended = mail_send(address).run();
        let told = format!("the server refuses {told}");
        ended.code(1).complained(&told);
        assert!(ended.stderr.contains(hint), "{ended:?}");
        server.join().unwrap_or_else(|_| panic!("{ended:?}"));
    }
    let (address, _server) = script("554 go away\r\n", &[bye]);
    let told = "the server refuses to talk to us: 554 go away";
    mail_send(address).run().code(1).complained(told);
}

#[test]
fn a_mail_that_was_accepted_is_sent_though_the_server_says_no_goodbye() {
    let (address, _server) = peer::serve_one(|mut stream| {
        peer::write(&mut stream, "220 ready\r\n");
        for (line, answer) in &smtp(&[])[..5] {
            match *line {
                TEXT => drop(hear_text(&mut stream)),
                _ => drop(hear(&mut stream)),
            }
            peer::write(&mut stream, answer);
        }
    });
    let ended = mail_send(address).run();
    ended.code(0);
    assert!(ended.stdout.contains("\n[no goodbye: cannot "), "{ended:?}");
}

// --- passwords

/// `\0ada\0` and the password, in base64.
const TOKEN: &str = "AGFkYQBzYWxtb24gZmlzaMOp";

fn shows_no_password(ended: &Ended) {
    for secret in ["salmon", "fish", TOKEN] {
        let shown = [&ended.stdout, &ended.stderr].map(|text| text.contains(secret));
        assert_eq!(shown, [false, false], "{ended:?}");
    }
}

#[test]
fn mail_send_logs_in_and_never_shows_the_password() {
    let auth = format!("AUTH PLAIN {TOKEN}");
    let yes = format!("235 welcome, {PASSWORD}, {TOKEN}\r\n");
    let mut steps = smtp(&[]);
    steps.insert(1, (&auth, &yes));
    let (address, server) = script("220 ready\r\n", &steps);
    let login = |address| {
        mail_send(address)
            .args(["--user", "ada"])
            .env("MAIL_PASSWORD", PASSWORD)
    };
    let ended = login(address).run();
    ended.code(0);
    assert_eq!(server.join().expect("the script")[1], auth);
    shows_no_password(&ended);
    let lines = "\nC: AUTH PLAIN ****\nS: 235 welcome, ****, ****\n";
    assert!(ended.stdout.contains(lines), "{ended:?}");
    // It is in the server's refusal, too.
    let no = format!("535 not {TOKEN}\r\n");
    let steps = [
        ("EHLO", "250 AUTH PLAIN\r\n"),
        (&auth, &no),
        ("QUIT", "221 x\r\n"),
    ];
    let (address, _server) = script("220 ready\r\n", &steps);
    let ended = login(address).run();
    ended
        .code(1)
        .complained("the server refuses name or password: 535 not ****");
    shows_no_password(&ended);
}

#[test]
fn a_server_that_offers_no_login_gets_no_password() {
    for offer in [
        "250 x\r\n",
        "250 AUTH LOGIN\r\n",
        "250-AUTHPLAIN\r\n250 XAUTH PLAIN\r\n",
    ] {
        let steps = [("EHLO", offer), ("QUIT", "221 goodbye\r\n")];
        let (address, server) = script("220 ready\r\n", &steps);
        let ended = mail_send(address)
            .args(["--user", "ada"])
            .env("MAIL_PASSWORD", PASSWORD)
            .run();
        ended.code(1).complained("the server offers no AUTH PLAIN");
        server.join().expect("no AUTH");
    }
}

#[test]
fn plain_is_one_word_of_the_extension_auth_in_any_letters() {
    for (extension, offers) in [
        ("AUTH PLAIN", true),
        ("auth login plain", true),
        ("Auth Plain Login", true),
        ("AUTH=PLAIN", true),
        ("AUTH LOGIN", false),
        ("AUTH PLAINTIVE", false),
        ("AUTHOR PLAIN", false),
        ("SIZE PLAIN", false),
    ] {
        let (address, heard) = peer::serve_one(move |mut stream| {
            peer::write(&mut stream, "220 x\r\n");
            hear(&mut stream);
            peer::write(&mut stream, format!("250-x\r\n250 {extension}\r\n"));
            let next = hear(&mut stream);
            peer::write(&mut stream, "535 no\r\n");
            next
        });
        let asking = mail_send(address).env("MAIL_PASSWORD", PASSWORD);
        asking.args(["--user", "ada"]).run().code(1);
        let next = heard.join().expect("no panic");
        assert_eq!(
            next.starts_with("AUTH PLAIN "),
            offers,
            "{extension}: {next}"
        );
    }
}

#[test]
fn the_password_comes_from_the_environment_or_a_private_file_and_from_nowhere_else() {
    for name in PROGRAMS {
        let ended = client(name, "127.0.0.1:1")
            .args(["--user", "ada"])
            .env("MAIL_PASSWORD", "")
            .run();
        ended
            .code(2)
            .complained("there is no password in MAIL_PASSWORD");
        let ended = program(name).args(["--password", "x"]).run();
        ended.code(2).complained("unknown option `--password`");
        let ended = client(name, "127.0.0.1:1")
            .args(["--user", "ada"])
            .env("MAIL_PASSWORD", "x\r\nDELE 1")
            .run();
        ended
            .code(2)
            .complained("the password is not one line of text");
        let ended = client(name, "127.0.0.1:1")
            .args(["--user", "ada\r\nDELE 1"])
            .run();
        ended.code(2).complained("is not a user's name");
        let there_is_none = client(name, "127.0.0.1:1")
            .args(["--user", "ada", "--password-file", "/nowhere/password"])
            .run();
        there_is_none
            .code(1)
            .complained("cannot read /nowhere/password");
    }
}

#[cfg(unix)]
#[test]
fn a_password_file_is_read_where_nobody_else_can_read_it() {
    use std::os::unix::fs::PermissionsExt;
    let file = tempfile::NamedTempFile::new().expect("a file");
    std::fs::write(file.path(), format!("{PASSWORD}\nnot this line\n")).expect("written");
    let with_file = |address| {
        let program = mail(address).env("MAIL_PASSWORD", "");
        program.args(["--password-file"]).args([file.path()])
    };
    let mode = |mode| {
        let permissions = std::fs::Permissions::from_mode(mode);
        std::fs::set_permissions(file.path(), permissions).expect("its owner may");
    };
    mode(0o600);
    let ended = looked(with_file, &pop3("", "+OK\r\n.\r\n"), &[]);
    ended.code(0);
    shows_no_password(&ended);
    for open in [0o640, 0o604, 0o644] {
        mode(open);
        let ended = with_file(peer::dead_port()).run();
        ended.code(1).complained("others can read");
        assert!(ended.stderr.contains("chmod 600"), "{ended:?}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn no_password_goes_to_another_machine_without_tls() {
    use tests::namespace;
    let python = tests::tool!("python3");
    if !namespace::allowed() {
        return;
    }
    // A server at an address that is not loopback; it prints what it hears.
    let server = "
import socket, subprocess, sys
server = socket.create_server(('192.0.2.1', 25))
client = subprocess.Popen(sys.argv[2:])
stream, _ = server.accept()
stream.sendall(sys.argv[1].encode().decode('unicode_escape').encode())
heard = b''
while data := stream.recv(1000):
    heard += data
    stream.sendall(b'250 AUTH PLAIN\\r\\n')
print('heard', heard)
sys.exit(client.wait())";
    let setup = "ip link set lo up
        ip address add 192.0.2.1/32 dev lo";
    for (name, greeting, told) in [
        ("mail", "+OK hello\\r\\n", "no password to another machine"),
        (
            "mail-send",
            "220 hello\\r\\n",
            "no password to another machine",
        ),
    ] {
        let program = client(name, "192.0.2.1:25")
            .args(["--user", "ada"])
            .env("MAIL_PASSWORD", PASSWORD);
        let program = program.through(&python, ["-c", server, greeting]);
        let ended = namespace::around(program, setup).run();
        ended.code(1).complained(told);
        assert!(ended.stdout.contains("heard b'"), "{ended:?}");
        shows_no_password(&ended);
        assert!(!ended.stdout.contains("AUTH PLAIN AG"), "{ended:?}");
    }
    let program = with_library("192.0.2.1:25")
        .args(["--user", "ada"])
        .env("MAIL_PASSWORD", PASSWORD);
    let ended = namespace::around(program, setup).run();
    ended
        .code(1)
        .complained("without TLS everybody on the way could read the password");
}

// --- arguments

#[test]
fn a_line_end_in_a_header_or_an_address_is_refused() {
    for name in ["mail-send", "mail-send-with-library"] {
        for (option, value, told) in [
            (
                "--subject",
                "x\r\nBcc: eve@example.org",
                "the subject has a line end in it",
            ),
            ("--subject", "x\ny", "the subject has a line end in it"),
            (
                "--to",
                "a@b>\r\nRCPT TO:<eve@example.org",
                "is not a mail address",
            ),
            ("--from", "a@b\n", "is not a mail address"),
            ("--from", "", "is not a mail address"),
            ("--to", "j\u{f6}rg@example.org", "is not a mail address"),
        ] {
            let ended = program(name).args([option, value]).run();
            ended.code(2).complained(told);
            assert_eq!(ended.stdout, "", "{ended:?}");
        }
        let ended = program(name).args(["127.0.0.1:1", "--to", "a@b"]).run();
        ended.code(2).complained("there is no --from");
        let ended = program(name).args(["127.0.0.1:1", "--from", "a@b"]).run();
        ended.code(2).complained("there is no --to");
        let ended = program(name).args(["--file", "/nowhere/text"]).run();
        ended.code(1).complained("cannot read /nowhere/text");
        let file = tempfile::NamedTempFile::new().expect("a file");
        std::fs::write(file.path(), b"caf\xe9").expect("written");
        let ended = program(name).args(["--file"]).args([file.path()]).run();
        ended.code(1).complained("is not text in UTF-8");
    }
}

#[test]
fn help_says_what_each_program_does_with_an_example() {
    for (name, example) in [
        ("mail", "cargo run -p mail -- localhost:110 --user ada"),
        (
            "mail-send",
            "example: cargo run -p mail --bin mail-send -- localhost:2525",
        ),
        (
            "mail-send-with-library",
            "example: cargo run -p mail-send-with-library -- localhost:25",
        ),
    ] {
        let ended = program(name).args(["--help"]).run();
        ended.code(0);
        assert!(ended.stdout.contains(example), "{ended:?}");
    }
}

// --- mail

#[test]
fn mail_without_an_argument_lists_its_own_practice_mailbox() {
    let ended = program("mail").run();
    ended.code(0);
    let list = "
mails: 5, bytes: 501, unread: 5
   1        87  The engine is ready
   2       111  Caf\u{e9} at four?
   3       102  \u{a1}Hasta ma\u{f1}ana!
   4        75  \u{4f60}\u{597d}\u{ff0c}\u{4e16}\u{754c}
   5       126  \u{dc}bersetzer and \u{ab}Debugger\u{bb}
";
    assert!(ended.stdout.ends_with(list), "{ended:?}");
    assert!(ended.stdout.contains("\nC: PASS ****\n"), "{ended:?}");
    let quiet = program("mail").args(["--quiet"]).run();
    quiet.code(0);
    assert_eq!(quiet.stdout.lines().count(), 7, "{quiet:?}");
    assert!(quiet.stdout.ends_with(list), "{quiet:?}");
}

#[test]
fn mail_asks_for_number_size_ids_and_each_header_and_shows_no_password() {
    let ids = "+OK\r\n1 first\r\n7 seventh\r\n.\r\n";
    let mailbox = pop3("1 120\r\n7 4000000000\r\n", ids);
    let one = top("From: x\r\nSubject: One\r\nX: y");
    let further = [
        ("TOP 1 0", one.as_str()),
        ("TOP 7 0", "+OK\r\nFrom: x\r\n.\r\n"),
    ];
    let ended = looked(mail, &mailbox, &further);
    ended.code(0);
    let list = "\nmails: 2, bytes: 1000, unread: 2\n   1       120  One\n\
                \u{20}  7 4000000000  (no subject)\n";
    assert!(ended.stdout.ends_with(list), "{ended:?}");
    shows_no_password(&ended);
}

#[test]
fn a_mail_that_was_seen_is_not_listed_again() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("seen.txt");
    let with_seen = |address| mail(address).args(["--seen"]).args([&file]);
    let saved = || std::fs::read_to_string(&file).expect("saved");
    let subject = |text| top(&format!("Subject: {text}"));
    let (one, two, three) = (subject("One"), subject("Two"), subject("Three"));
    let visit = |sizes: &str, ids: &str, further: &[(&str, &str)]| {
        let ids = format!("+OK\r\n{ids}.\r\n");
        let ended = looked(with_seen, &pop3(sizes, &ids), further);
        ended.code(0);
        let list = ended.stdout.rsplit("goodbye\n").next().map(str::to_string);
        list.unwrap_or_default()
    };
    let list = visit(
        "1 1\r\n2 2\r\n",
        "1 a\r\n2 b\r\n",
        &[("TOP 1 0", one.as_str()), ("TOP 2 0", &two)],
    );
    assert!(
        list.starts_with("mails: 2, bytes: 1000, unread: 2\n"),
        "{list}"
    );
    assert_eq!(saved(), "a\nb\n");
    // `a` is gone: the mails behind it have other numbers now, and a third has come.
    let list = visit("1 2\r\n2 3\r\n", "1 b\r\n2 c\r\n", &[("TOP 2 0", &three)]);
    assert_eq!(
        list,
        "mails: 2, bytes: 1000, unread: 1\n   2         3  Three\n"
    );
    assert_eq!(saved(), "b\nc\n");
    let list = visit("1 2\r\n2 3\r\n", "1 b\r\n2 c\r\n", &[]);
    assert_eq!(list, "mails: 2, bytes: 1000, unread: 0\n");
    // Without unique ids nothing is known of what is there: what was noted stays.
    let without = [("TOP 1 0", two.as_str()), ("TOP 2 0", &three)];
    let mailbox = pop3("1 2\r\n2 3\r\n", "-ERR what?\r\n");
    let ended = looked(with_seen, &mailbox, &without);
    ended.code(0);
    assert!(ended.stdout.contains("unread: 2\n"), "{ended:?}");
    assert_eq!(saved(), "b\nc\n");
    // A visit that failed has seen nothing.
    let (address, _server) = script("+OK\r\n", &[("USER", "-ERR no\r\n")]);
    with_seen(address).run().code(1);
    assert_eq!(saved(), "b\nc\n");
    assert_eq!(std::fs::read_dir(folder.path()).expect("it").count(), 1);
}

#[test]
fn a_server_without_top_or_uidl_is_looked_into_all_the_same() {
    let mailbox = pop3("1 120\r\n", "-ERR what?\r\n");
    let whole = "+OK\r\nSubject: One\r\n\r\nSubject: not this\r\n..\r\nend\r\n.\r\n";
    let further = [("TOP 1 0", "-ERR what?\r\n"), ("RETR 1", whole)];
    let ended = looked(mail, &mailbox, &further);
    ended.code(0);
    assert!(
        ended.stdout.contains("\n[a server without UIDL: "),
        "{ended:?}"
    );
    assert!(
        ended.stdout.ends_with("unread: 1\n   1       120  One\n"),
        "{ended:?}"
    );
}

/// POP3 up to LIST, with these answers to STAT and LIST.
fn counted(stat: &str, list: &str) -> (SocketAddr, JoinHandle<Vec<String>>) {
    let mut steps = pop3("", "");
    steps.truncate(3);
    steps[2].1 = stat.to_string();
    steps.push(("LIST".to_string(), list.to_string()));
    let steps: Vec<_> = steps
        .iter()
        .map(|(line, answer)| (line.as_str(), answer.as_str()))
        .collect();
    script("+OK hello\r\n", &steps)
}

/// What STAT has counted, LIST lists: neither more, which would fill the memory, nor fewer,
/// which would be noted as seen though nobody was shown them.
#[test]
fn a_list_has_as_many_lines_as_there_are_mails() {
    let more = "+OK\r\n1 10\r\n2 10\r\n3 10\r\n.\r\n";
    let fewer = "+OK\r\n1 10\r\n.\r\n";
    for (list, told) in [
        (more, "it lists more mails than it has counted"),
        (fewer, "it lists fewer mails than it has counted"),
    ] {
        let folder = tempfile::tempdir().expect("a folder");
        let seen = folder.path().join("seen.txt");
        let (address, _server) = counted("+OK 2 20\r\n", list);
        let ended = mail(address).args(["--seen"]).args([&seen]).run();
        ended.code(1).complained(told);
        assert!(!seen.exists(), "what was not shown is not noted");
    }
}

#[test]
fn more_mails_than_anyone_looks_at_are_not_asked_for() {
    let mut steps = pop3("", "");
    steps.truncate(3);
    steps[2].1 = "+OK 20001 5\r\n".to_string();
    let steps: Vec<_> = steps
        .iter()
        .map(|(line, answer)| (line.as_str(), answer.as_str()))
        .collect();
    let (address, _server) = script("+OK hello\r\n", &steps);
    mail(address)
        .run()
        .code(1)
        .complained("20001 mails are too many");
}

#[cfg(target_os = "linux")]
#[test]
fn an_endless_list_costs_no_memory() {
    let (address, server) = peer::serve_one(|mut stream| {
        peer::write(&mut stream, "+OK hello\r\n");
        for answer in ["+OK\r\n", "+OK\r\n", "+OK 20000 1\r\n"] {
            hear(&mut stream);
            peer::write(&mut stream, answer);
        }
        hear(&mut stream);
        peer::write(&mut stream, "+OK\r\n");
        let lines = "1\r\n".repeat(10_000);
        (0..1000)
            .all(|_| std::io::Write::write_all(&mut stream, lines.as_bytes()).is_ok())
    });
    let ended = mail(address).args(["--quiet"]).run();
    ended.code(1).complained("cannot understand the server");
    assert!(!server.join().expect("no panic"), "it took 30 MB of lines");
}

#[test]
fn a_mail_without_a_unique_id_counts_as_unread() {
    for ids in [
        "+OK\r\n1 a\r\n2 \r\n.\r\n",
        "+OK\r\n1 a\r\n2\r\n.\r\n",
        "+OK\r\n1 a\r\n.\r\n",
    ] {
        let folder = tempfile::tempdir().expect("a folder");
        let seen = folder.path().join("seen.txt");
        std::fs::write(&seen, "a\n").expect("written");
        let two = top("Subject: two");
        let ended = looked(
            |address| mail(address).args(["--seen"]).args([&seen]),
            &pop3("1 10\r\n2 20\r\n", ids),
            &[("TOP 2 0", &two)],
        );
        ended.code(0);
        assert!(
            ended.stdout.contains("unread: 1\n   2        20  two\n"),
            "{ended:?}"
        );
        assert_eq!(std::fs::read_to_string(&seen).expect("there"), "a\n");
    }
}

#[test]
fn a_subject_is_decoded_unfolded_and_harmless() {
    let long = format!("Subject: {}", "=?utf-8?q?a?= ".repeat(20_000));
    for (header, shown) in [
        ("SUBJECT: =?UTF-8?q?a_b=3D?=", "a b="),
        ("Subject: =?gb2312?B?xOO6ww==?=", "\u{4f60}\u{597d}"),
        (
            "Subject: =?utf-8?B?w6k=?=\r\n =?utf-8?B?w6k=?=",
            "\u{e9}\u{e9}",
        ),
        ("Subject: one\r\n\ttwo", "one two"),
        (
            "Subject: =?utf-8?q?=1b[2J=0aevil?=",
            "\u{fffd}[2J\u{fffd}evil",
        ),
        ("Subject: =?x-no-such?q?a?=", "=?x-no-such?q?a?="),
        ("Subject: =?utf-8?B?%%%?=", "=?utf-8?B?%%%?="),
        ("Subject:", ""),
        ("X: y", "(no subject)"),
        (" folded from nothing", "(no subject)"),
        (&long, "(longer than any reader would like)"),
    ] {
        // A line of a mail may be long, but not as long as it likes.
        let folded = header.replace("?= =?", "?=\r\n =?");
        let mailbox = pop3("1 120\r\n", "+OK\r\n1 a\r\n.\r\n");
        let ended = looked(mail, &mailbox, &[("TOP 1 0", &top(&folded))]);
        ended.code(0);
        let list = format!("unread: 1\n   1       120  {shown}\n");
        assert!(ended.stdout.ends_with(&list), "{header:.60}: {ended:?}");
    }
}

#[test]
fn a_refused_login_is_told_in_the_servers_words() {
    let steps = [("USER ada", "+OK\r\n"), ("PASS", "-ERR [AUTH] no\r\n")];
    let (address, server) = script("+OK hello\r\n", &steps);
    let ended = mail(address).run();
    ended.code(1).complained("the server refuses: [AUTH] no");
    server.join().expect("and nothing more is asked");
    let ended = program("mail").args(["127.0.0.1:1"]).run();
    ended.code(2).complained("there is no --user");
}

// --- mail-send-with-library

#[test]
fn mail_send_with_library_sends_the_same_mail() {
    let ended = program("mail-send-with-library").run();
    ended.code(0);
    assert!(ended.stdout.contains("\n  | .\n"), "{ended:?}");
    assert!(
        ended
            .stdout
            .contains("\n  | ..and this one begins with two.\n")
    );
    assert!(
        ended.stdout.ends_with("\nThe server says: 250 accepted\n"),
        "{ended:?}"
    );
}

#[test]
fn the_library_logs_in_and_shows_no_password() {
    let auth = format!("AUTH PLAIN {TOKEN}");
    let steps = [("EHLO", "250 AUTH PLAIN\r\n"), (&*auth, "535 no\r\n")];
    let (address, server) = script("220 ready\r\n", &steps);
    let ended = with_library(address)
        .args(["--user", "ada"])
        .env("MAIL_PASSWORD", PASSWORD)
        .run();
    ended
        .code(1)
        .complained("the server refuses the mail: 535 no");
    shows_no_password(&ended);
    server.join().expect("the script");
}

#[test]
fn the_library_does_not_go_on_without_tls_where_tls_was_asked_for() {
    // The default: whoever strikes STARTTLS out of the answer gets no mail.
    let steps = [("EHLO", "250 AUTH PLAIN\r\n"), ("QUIT", "221\r\n")];
    for args in [&[][..], &["--tls", "starttls"]] {
        let (address, server) = script("220 ready\r\n", &steps);
        let ended = program("mail-send-with-library")
            .args([address.to_string()])
            .args(FROM_TO)
            .args(args)
            .run();
        ended
            .code(1)
            .complained("STARTTLS is not supported on this server");
        server.join().ok(); // with or without a goodbye
    }
    let ended = with_library("127.0.0.1:1").args(["--tls", "perhaps"]).run();
    ended.code(2).complained("`perhaps` does not fit --tls");
    let ended = with_library("127.0.0.1:1")
        .args(["--ca", "/nowhere/ca.pem"])
        .run();
    ended.code(1).complained("cannot read /nowhere/ca.pem");
}
