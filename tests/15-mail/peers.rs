//! The programs with servers, clients and libraries that no one here wrote.

use std::path::{Path, PathBuf};

use serde_json::Value;
use tempfile::TempDir;
use tests::{Program, Running, find_tool, tool};

use crate::{FROM_TO, PASSWORD, mail, mail_send, program};

/// A Python that has aiosmtpd: the first on the PATH, or the system's own.
pub fn python_with_aiosmtpd() -> Option<PathBuf> {
    let first = find_tool("python3");
    let found = first
        .into_iter()
        .chain([PathBuf::from("/usr/bin/python3")])
        .filter(|python| python.is_file())
        .find(|python| {
            let program = Program::at(python).args(["-c", "import aiosmtpd"]);
            program.run().code == Some(0)
        });
    if found.is_none() {
        tests::skip("no python3 has aiosmtpd");
    }
    found
}

/// A certificate for `localhost` that signs itself, and its key.
fn certificate(openssl: &Path) -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let ended = Program::at(openssl)
        .in_folder(folder.path())
        .args([
            "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
        ])
        .args([
            "-subj",
            "/CN=localhost",
            "-keyout",
            "key.pem",
            "-out",
            "cert.pem",
        ])
        .args(["-addext", "subjectAltName=DNS:localhost"])
        .args(["-addext", "basicConstraints=critical,CA:FALSE"])
        .run();
    ended.code(0);
    folder
}

/// aiosmtpd, with a mailbox that it prints.
pub fn smtp_server(python: &Path, mode: &str, folder: &Path) -> Running {
    let script = tests::root().join("tests/15-mail/server.py");
    Program::at(python)
        .in_folder(folder)
        .args([script])
        .args([mode, "cert.pem", "key.pem"])
        .start()
}

/// The next mail that the server has taken.
pub fn taken(server: &mut Running) -> Value {
    let line = server.line("{\"from\"");
    serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line}"))
}

#[test]
fn aiosmtpd_takes_a_mail_of_mail_send() {
    let Some(python) = python_with_aiosmtpd() else {
        return;
    };
    let folder = tempfile::tempdir().expect("a folder");
    let mut server = smtp_server(&python, "plain", folder.path());
    let address = server.address();
    let subject = "Gr\u{fc}\u{df}e, und \u{4f60}\u{597d}: ein langer Betreff, der nicht in \
                   eine Zeile passt, sondern in drei";
    let file = folder.path().join("text");
    std::fs::write(&file, ".\n..x\nna\u{ef}ve\n").expect("written");
    for name in ["mail-send", "mail-send-with-library"] {
        let ended = crate::client(name, address)
            .args(["--subject", subject, "--file"])
            .args([&file])
            .args(["--to", "grace@example.org"])
            .run();
        ended.code(0);
        let mail = taken(&mut server);
        assert_eq!(mail["from"], "ada@example.org");
        let both = ["charles@example.org", "grace@example.org"];
        assert_eq!(mail["to"], serde_json::json!(both));
        // Python's library reads what was sent.
        let script = "
import email, email.policy, sys
mail = email.message_from_bytes(sys.stdin.buffer.read(), policy=email.policy.default)
print(mail['subject'])
print(mail['date'].datetime.year > 2000, len(mail.defects))
print(repr(mail.get_content().replace('\\r', '')))";
        let mut reader = Program::at(&python).args(["-c", script]).start();
        reader.types(mail["text"].as_str().expect("text"));
        reader.close_keyboard();
        let read = reader.ends();
        read.code(0);
        let lines: Vec<_> = read.stdout.lines().collect();
        assert_eq!(lines[..2], [subject, "True 0"], "{name}: {read:?}");
        assert!(
            lines[2].starts_with("'.\\n..x\\nna\u{ef}ve\\n"),
            "{name}: {read:?}"
        );
    }
    for (to, told) in [
        (
            "nobody@example.org",
            "nobody@example.org: 550 5.1.1 there is no such user",
        ),
        (
            "later@example.org",
            "later@example.org: 451 4.7.1 greylisted",
        ),
    ] {
        let ended = mail_send(address).args(["--to", to]).run();
        ended.code(1).complained(told);
        assert_eq!(
            taken(&mut server)["to"],
            serde_json::json!(["charles@example.org"])
        );
    }
    let large = "x".repeat(200_000);
    std::fs::write(&file, large).expect("written");
    let ended = mail_send(address).args(["--file"]).args([&file]).run();
    ended.code(1).complained("the server refuses the mail: 552");
}

#[test]
fn aiosmtpd_lets_mail_send_in_with_the_right_password_only() {
    let Some(python) = python_with_aiosmtpd() else {
        return;
    };
    let folder = certificate(&tool!("openssl"));
    let mut server = smtp_server(&python, "plain+auth", folder.path());
    let address = server.address();
    let login = |password| {
        let program = mail_send(address).args(["--user", "ada"]);
        program.env("MAIL_PASSWORD", password).run()
    };
    login(PASSWORD).code(0);
    assert_eq!(taken(&mut server)["user"], "ada");
    login("wrong")
        .code(1)
        .complained("refuses name or password: 535");
    let ended = mail_send(address).run();
    ended
        .code(1)
        .complained("the server refuses the sender: 530");
    assert!(ended.stderr.contains("--user"), "{ended:?}");
}

#[test]
fn the_library_sends_over_tls_and_believes_known_certificates_only() {
    let Some(python) = python_with_aiosmtpd() else {
        return;
    };
    let folder = certificate(&tool!("openssl"));
    for tls in ["starttls", "implicit"] {
        let mut server = smtp_server(&python, &format!("{tls}+auth"), folder.path());
        let port = server.address().port();
        let send = |host: &str, password: &str, ca: bool| {
            let program = program("mail-send-with-library")
                .in_folder(folder.path())
                .env("MAIL_PASSWORD", password)
                .args([format!("{host}:{port}")])
                .args(FROM_TO)
                .args(["--user", "ada", "--tls", tls]);
            let ca = if ca { &["--ca", "cert.pem"][..] } else { &[] };
            program.args(ca).run()
        };
        send("localhost", PASSWORD, true).code(0);
        let mail = taken(&mut server);
        assert_eq!((&mail["tls"], &mail["user"]), (&true.into(), &"ada".into()));
        let stranger = send("localhost", PASSWORD, false);
        stranger.code(1).complained("certificate");
        assert!(stranger.stderr.contains("--ca FILE"), "{stranger:?}");
        // The certificate is for another name than the one that was asked for.
        send("127.0.0.1", PASSWORD, true)
            .code(1)
            .complained("certificate");
        let wrong = send("localhost", "wrong", true);
        wrong.code(1).complained("the server refuses the mail: 535");
    }
}

/// Dovecot in the foreground, with one user's mailbox of these mails: its address.
#[cfg(unix)]
fn dovecot(
    dovecot: &Path,
    folder: &Path,
    mails: &[&str],
) -> (Running, std::net::SocketAddr) {
    use std::os::unix::fs::PermissionsExt;
    let (user, group) = ("nobody", "nogroup");
    let here = folder.display();
    let port = tests::peer::listener().1.port(); // free again when this line is over
    let config = format!(
        "protocols = pop3
        base_dir = {here}/run
        state_dir = {here}/run
        log_path = /dev/stderr
        ssl = no
        disable_plaintext_auth = no
        first_valid_uid = 1
        mail_location = maildir:{here}/mail
        passdb {{
          driver = passwd-file
          args = scheme=PLAIN username_format=%u {here}/users
        }}
        userdb {{
          driver = static
          args = uid={user} gid={group} home={here}
        }}
        service pop3-login {{
          chroot =
          inet_listener pop3 {{
            address = 127.0.0.1
            port = {port}
          }}
          inet_listener pop3s {{
            port = 0
          }}
        }}
        "
    );
    let write = |name: &str, text: &str| {
        std::fs::write(folder.join(name), text).expect("written");
    };
    write("dovecot.conf", &config);
    write("users", &format!("ada:{PASSWORD}\n"));
    for name in ["mail", "mail/new", "mail/cur", "mail/tmp"] {
        std::fs::create_dir(folder.join(name)).expect("made");
    }
    for (number, mail) in mails.iter().enumerate() {
        write(&format!("mail/new/100{number}.test"), mail);
    }
    // It serves the mailbox as another user than root.
    let set = |name: &str, mode| {
        let mode = std::fs::Permissions::from_mode(mode);
        std::fs::set_permissions(folder.join(name), mode).expect("our own folder");
    };
    for name in ["mail", "mail/new", "mail/cur", "mail/tmp"] {
        set(name, 0o777);
    }
    set("", 0o755);
    let running = Program::at(dovecot)
        .args(["-F", "-c"])
        .args([folder.join("dovecot.conf")])
        .start();
    let address = std::net::SocketAddr::from(([127, 0, 0, 1], port));
    tests::until_within(tests::WHOLE, "dovecot", || {
        std::net::TcpStream::connect(address).ok()
    });
    (running, address)
}

#[cfg(unix)]
#[test]
fn dovecot_shows_its_mailbox() {
    let program = tool!("dovecot");
    if !nix::unistd::geteuid().is_root() {
        tests::skip!("this configuration of dovecot needs root");
    }
    let folder = tempfile::tempdir().expect("a folder");
    let mails = [
        "Subject: Plain\n\n.\n..\n",
        "From: x\nSubject: =?utf-8?q?Caf=C3=A9?=\n at four\n\nbody\n",
        "Subject: =?gbk?B?xOO6w6OsysC95w==?=\n\n",
    ];
    let (running, address) = dovecot(&program, folder.path(), &mails);
    let seen = folder.path().join("seen.txt");
    let looks = || mail(address).args(["--seen"]).args([&seen]).run();
    let ended = looks();
    ended.code(0);
    let lines: Vec<_> = ended.stdout.lines().rev().take(4).collect();
    assert!(lines[3].starts_with("mails: 3, bytes: "), "{ended:?}");
    assert!(lines[3].ends_with(", unread: 3"), "{ended:?}");
    for (line, subject) in lines.iter().rev().skip(1).zip([
        "  Plain",
        "  Caf\u{e9} at four",
        "  \u{4f60}\u{597d}\u{ff0c}\u{4e16}\u{754c}",
    ]) {
        assert!(line.ends_with(subject), "{ended:?}");
    }
    let again = looks();
    again.code(0);
    assert!(again.stdout.ends_with(", unread: 0\n"), "{again:?}");
    let wrong = mail(address).env("MAIL_PASSWORD", "wrong").run();
    wrong.code(1).complained("the server refuses: [AUTH]");
    running.terminate();
    running.ends().code(0);
}
