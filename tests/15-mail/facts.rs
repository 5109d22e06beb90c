//! What the chapter says of the kernel and of the protocols, shown.

use tests::{Program, peer, tool};

use crate::peers::{python_with_aiosmtpd, smtp_server, taken};
use crate::{hear, mail, script, with_library};

/// The file of a process in /proc, of which NUL separates the parts.
#[cfg(target_os = "linux")]
fn of_process(pid: u32, file: &str) -> String {
    let bytes = std::fs::read(format!("/proc/{pid}/{file}")).expect("our own child's");
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Claim: A password may be given as an argument.
/// Truth: every user sees every program's arguments (`ps`, `/proc/PID/cmdline`), only
/// its own user the environment (proc(5)).
#[cfg(target_os = "linux")]
#[test]
fn every_user_sees_the_arguments_of_a_program_and_only_its_own_user_the_environment() {
    use std::os::unix::fs::PermissionsExt;
    let (listener, address) = tests::peer::listener();
    let running = mail(address).env("MAIL_PASSWORD", "salmon-37").start();
    drop(listener.accept().expect("it runs"));
    let (listener, address) = tests::peer::listener();
    let running = [
        running,
        mail(address).env("MAIL_PASSWORD", "salmon-37").start(),
    ];
    let pid = running[1].pid();
    let _stream = listener.accept().expect("it runs");
    let mode = |file: &str| {
        let there =
            std::fs::metadata(format!("/proc/{pid}/{file}")).expect("it is there");
        there.permissions().mode() & 0o777
    };
    assert_eq!((mode("cmdline"), mode("environ")), (0o444, 0o400));
    assert!(of_process(pid, "cmdline").contains("--user\0ada"));
    assert!(!of_process(pid, "cmdline").contains("salmon"));
    assert!(of_process(pid, "environ").contains("MAIL_PASSWORD=salmon-37"));
}

/// Claim: base64 protects a password.
/// Truth: it is no encryption: without TLS everybody on the way reads it (RFC 4616).
#[test]
fn base64_is_decoded_by_everybody() {
    let base64 = tool!("base64");
    let mut program = Program::at(base64).args(["-d"]).start();
    program.types(crate::TOKEN);
    program.close_keyboard();
    let ended = program.ends();
    ended.code(0);
    assert_eq!(ended.stdout, format!("\0ada\0{}", crate::PASSWORD));
}

/// Claim: `To:` says who gets a mail.
/// Truth: the envelope does, `RCPT TO`; the header is a part of the text (RFC 5321
/// section 2.3.1).
#[test]
fn the_envelope_and_not_the_header_says_who_gets_a_mail() {
    let Some(python) = python_with_aiosmtpd() else {
        return;
    };
    let folder = tempfile::tempdir().expect("a folder");
    let mut server = smtp_server(&python, "plain", folder.path());
    let mut stream = peer::connect(server.address());
    let mail = "From: king@example.org\r\nTo: all@example.org\r\n\r\nHello!\r\n.\r\n";
    let envelope = ["MAIL FROM:<ada@b.org>", "RCPT TO:<charles@d.org>"];
    for line in ["HELO x"].iter().chain(&envelope).chain(&["DATA"]) {
        hear(&mut stream);
        peer::write(&mut stream, format!("{line}\r\n"));
    }
    hear(&mut stream);
    peer::write(&mut stream, mail);
    let taken = taken(&mut server);
    assert_eq!(taken["to"], serde_json::json!(["charles@d.org"]));
    assert_eq!(taken["from"], "ada@b.org");
    let text = taken["text"].as_str().expect("text");
    assert!(
        text.starts_with("From: king@example.org\r\nTo: all@"),
        "{text}"
    );
}

#[test]
fn the_library_sends_to_all_recipients_or_to_none() {
    let steps = [
        ("EHLO", "250 x\r\n"),
        ("MAIL", "250 ok\r\n"),
        ("RCPT TO:<charles", "250 ok\r\n"),
        ("RCPT TO:<nobody", "550 no\r\n"),
    ];
    let (address, server) = script("220 ready\r\n", &steps);
    let ended = with_library(address)
        .args(["--to", "nobody@example.org"])
        .run();
    ended.code(1).complained("550 no");
    server.join().ok(); // the goodbye may or may not come
}
