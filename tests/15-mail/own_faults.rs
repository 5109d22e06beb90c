//! What is these programs' own of the table of faults (`tests/faults`).
//!
//! Most of it is the same for all of them; the functions here have the rows' names, too.

use std::io::Write;
use std::net::TcpStream;
use std::time::{Duration, Instant};

use socket2::SockRef;
use tests::{ANSWER, Program, Running, kernel, peer};

use crate::{
    TEXT, client, hear, hear_text, looked, mail, pop3, program, script, smtp, top,
};

/// The first words of a server of this program's protocol.
fn greeting(name: &str) -> &'static str {
    if name == "mail" {
        "+OK hello\r\n"
    } else {
        "220 hello\r\n"
    }
}

/// The program, and the server's end of its connection, on which nothing was said yet.
fn accepted(name: &str, args: &[&str]) -> (Running, TcpStream) {
    let (listener, address) = peer::listener();
    let running = client(name, address).args(args).start();
    let (stream, _) = listener.accept().expect("a client");
    (running, peer::with_deadlines(stream))
}

/// After these words of the server, the program has to complain so.
fn told_after(name: &str, words: impl AsRef<[u8]>, told: &str) {
    let (running, mut stream) = accepted(name, &[]);
    stream.write_all(words.as_ref()).expect("it is sent");
    stream.shutdown(std::net::Shutdown::Write).expect("the end");
    running.ends().code(1).complained(told);
    drop(stream);
}

#[cfg(target_os = "linux")]
fn an_interrupted_call_is_made_again(name: &str) {
    let (mut running, mut stream) = accepted(name, &[]);
    for piece in greeting(name).split_inclusive(' ') {
        running.interrupt_its_call();
        assert!(running.runs());
        peer::write(&mut stream, piece);
    }
    assert!(!hear(&mut stream).is_empty(), "it goes on");
}

fn a_peer_that_closed_ends_that_connection_only(name: &str, told: &str) {
    // Without a word, and after the first one.
    told_after(name, "", told);
    told_after(name, greeting(name), told);
    // With the program's words unread, which the kernel answers with a reset.
    let (running, mut stream) = accepted(name, &[]);
    peer::write(&mut stream, greeting(name));
    stream.peek(&mut [0]).expect("it speaks");
    drop(stream);
    let ended = running.ends();
    ended
        .code(1)
        .complained("connection reset by the peer (ECONNRESET)");
}

fn a_reset_in_the_middle_ends_that_connection_only(name: &str) {
    let (running, mut stream) = accepted(name, &[]);
    peer::write(&mut stream, greeting(name));
    hear(&mut stream);
    peer::write(&mut stream, "25");
    peer::reset(stream);
    let ended = running.ends();
    ended
        .code(1)
        .complained("connection reset by the peer (ECONNRESET)");
}

fn a_closed_output_is_no_panic(name: &str) {
    let mut running = program(name).start_with_closed_output();
    running.close_keyboard();
    let ended = running.ends();
    ended.code(0);
    assert_eq!(ended.stderr, "");
}

#[cfg(unix)]
fn ctrl_c_and_sigterm_end_it_cleanly(name: &str, has_failed: Option<&str>) {
    for signal in ["SIGINT", "SIGTERM"] {
        let (running, mut stream) = accepted(name, &[]);
        peer::write(&mut stream, greeting(name));
        hear(&mut stream);
        let asked = Instant::now();
        running.signal(signal.parse().expect("a signal"));
        let ended = running.ends();
        assert!(asked.elapsed() < Duration::from_secs(1), "{ended:?}");
        match has_failed {
            None => assert_eq!(ended.code(0).stderr, ""),
            Some(words) => drop(ended.code(1).complained(words)),
        }
        assert!(
            peer::read_to_end(&mut stream).is_empty(),
            "the server sees the end"
        );
    }
}

fn a_peer_that_vanished_is_given_up(name: &str, told: &str) {
    for words in ["", greeting(name), &greeting(name)[..2]] {
        let (running, mut stream) = accepted(name, &["--timeout", "0.2"]);
        peer::write(&mut stream, words);
        running.ends_within(ANSWER).code(1).complained(told);
    }
}

/// Sends for ever, until the program closes; how much it took.
fn flood(mut stream: TcpStream, piece: &[u8]) -> usize {
    let mut taken = 0;
    while taken < 200_000_000 && stream.write_all(piece).is_ok() {
        taken += piece.len();
    }
    taken
}

/// A long text that the server does not read: within the timeout the program gives up.
fn a_peer_that_does_not_read(program: impl Fn(String) -> Program, told: &str) {
    let file = tempfile::NamedTempFile::new().expect("a file");
    std::fs::write(file.path(), ("x".repeat(900) + "\n").repeat(7_000)).expect("written");
    let (listener, address) = peer::listener();
    // The kernels between the two would take some megabytes.
    let small = SockRef::from(&listener);
    small.set_recv_buffer_size(16 * 1024).expect("SO_RCVBUF");
    let running = program(address.to_string())
        .args(["--timeout", "0.5", "--file"])
        .args([file.path()])
        .start();
    let (stream, _) = listener.accept().expect("a client");
    let mut stream = peer::with_deadlines(stream);
    peer::write(&mut stream, "220 hello\r\n");
    for (_, answer) in &smtp(&[])[..4] {
        hear(&mut stream);
        peer::write(&mut stream, answer);
    }
    let ended = running.ends();
    ended.code(1).complained(told);
}

/// A session of the program, each byte of the server's words in a packet of its own.
fn pieces_are_put_together(name: &str, steps: &[(&str, &str)], first: &str) {
    let steps: Vec<(String, String)> = steps
        .iter()
        .map(|(line, answer)| (line.to_string(), answer.to_string()))
        .collect();
    let first = first.to_string();
    let (address, server) = peer::serve_one(move |mut stream| {
        peer::write_slowly(&mut stream, first).expect("it reads");
        for (line, answer) in steps {
            match line.as_str() {
                TEXT => drop(hear_text(&mut stream)),
                _ => assert!(hear(&mut stream).starts_with(&line), "{line}"),
            }
            peer::write_slowly(&mut stream, answer).expect("it reads");
        }
    });
    client(name, address).run().code(0);
    server.join().expect("the whole of it");
}

mod mail {
    use super::*;

    #[test]
    fn pieces_are_put_together() {
        let mailbox = pop3("1 120\r\n", "+OK\r\n1 a\r\n.\r\n");
        let top = top("Subject: =?utf-8?q?=C3=A9?=");
        let further = [("TOP 1 0", top.as_str()), ("QUIT", "+OK\r\n")];
        let steps: Vec<_> = mailbox
            .iter()
            .map(|(line, answer)| (line.as_str(), answer.as_str()))
            .chain(further)
            .collect();
        super::pieces_are_put_together("mail", &steps, "+OK hello\r\n");
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn an_interrupted_call_is_made_again() {
        super::an_interrupted_call_is_made_again("mail");
    }

    #[test]
    fn a_peer_that_closed_ends_that_connection_only() {
        super::a_peer_that_closed_ends_that_connection_only(
            "mail",
            "the server has closed",
        );
    }

    #[cfg(unix)]
    /// `mail --seen FILE > list`: what nobody can read was not seen.
    #[cfg(target_os = "linux")]
    #[test]
    fn a_full_disk_behind_its_output_is_told() {
        let folder = tempfile::tempdir().expect("a folder");
        let program = Program::of("mail").args(["--quiet", "--seen", "seen.txt"]);
        let ended = program
            .in_folder(folder.path())
            .start_with_full_disk()
            .ends();
        ended
            .code(1)
            .complained("cannot print the list: no space left on the device");
        assert!(!folder.path().join("seen.txt").exists());
    }

    #[test]
    fn a_closed_output_is_no_panic() {
        super::a_closed_output_is_no_panic("mail");
    }

    #[test]
    fn a_reset_in_the_middle_ends_that_connection_only() {
        super::a_reset_in_the_middle_ends_that_connection_only("mail");
    }

    #[test]
    fn an_endless_message_is_refused() {
        // A line without an end, and lines without one.
        let (running, mut stream) = accepted("mail", &[]);
        peer::write(&mut stream, "+OK ");
        let taken = flood(stream, &[b'x'; 10_000]);
        assert!(taken < 10_000_000, "{taken} bytes were taken");
        running.ends().code(1).complained("a line is too long");
        let (running, mut stream) = accepted("mail", &["--quiet"]);
        let pid = running.pid();
        peer::write(&mut stream, greeting("mail"));
        for answer in ["+OK\r\n", "+OK\r\n", "+OK 1 1\r\n", "+OK\r\n"] {
            hear(&mut stream);
            peer::write(&mut stream, answer);
        }
        let lines = format!("1 {}\r\n", "1".repeat(60_000));
        let taken = flood(stream, lines.as_bytes());
        assert!(taken < 80_000_000, "{taken} bytes were taken");
        assert!(kernel::peak_kib(pid) < 200_000, "memory");
        running.ends().code(1).complained("its answer does not end");
    }

    #[test]
    fn the_end_in_the_middle_of_a_message_is_told() {
        for words in ["+O", "+OK hello", "+OK hello\r", "+OK hello\n"] {
            told_after("mail", words, "the server closed in the middle");
        }
        // After some lines of an answer, before its dot: the mailbox is not that small.
        for list in [
            "+OK\r\n1 120\r\n",
            "+OK\r\n1 120\r\n.",
            "+OK\r\n1 120\r\n.\n",
        ] {
            let login = [
                ("USER", "+OK\r\n"),
                ("PASS", "+OK\r\n"),
                ("STAT", "+OK 2 9\r\n"),
            ];
            let (listener, address) = peer::listener();
            let running = mail(address).start();
            let (stream, _) = listener.accept().expect("a client");
            let mut stream = peer::with_deadlines(stream);
            peer::write(&mut stream, greeting("mail"));
            for (line, answer) in login.into_iter().chain([("LIST", list)]) {
                assert!(hear(&mut stream).starts_with(line));
                peer::write(&mut stream, answer);
            }
            drop(stream);
            let ended = running.ends();
            ended.code(1).complained("the server ");
            assert!(!ended.stdout.contains("unread: "), "{ended:?}");
        }
    }

    #[test]
    fn bytes_that_are_not_text_are_no_panic() {
        let junk = b"\xff\xf4\0\x1b[2J\xc3\r\n";
        told_after(
            "mail",
            junk,
            "its answer begins neither with +OK nor with -ERR",
        );
        let words = [b"-ERR \x1b[2J\xff\xc3".as_slice(), b"\r\n"].concat();
        told_after(
            "mail",
            words,
            "the server refuses: \u{fffd}[2J\u{fffd}\u{fffd}",
        );
        for list in ["+OK\r\nx y\r\n.\r\n", "+OK\r\n-1 5\r\n.\r\n"] {
            let steps = [
                ("USER", "+OK\r\n"),
                ("PASS", "+OK\r\n"),
                ("STAT", "+OK 0 0\r\n"),
                ("LIST", "+OK\r\n.\r\n"),
                ("UIDL", list),
            ];
            let (address, _server) = script(greeting("mail"), &steps);
            mail(address).run().code(1).complained("it says no number");
        }
    }

    #[test]
    fn dots_and_bare_line_feeds_end_no_text() {
        // A dot more at the start of a line is taken off; `\n.\n` is no end, nor is `\r.\r`.
        let mailbox = pop3("1 120\r\n", "+OK\r\n1 a\r\n.\r\n");
        for (header, subject) in [
            ("X: a\n.\nY: b\r\nSubject: One", "One"),
            ("X: a\r.\rY: b\r\nSubject: Two", "Two"),
            ("X: a\r\n..: b\r\nSubject: Three", "Three"),
            ("Subject: Fo\r\n ur\r\n..Subject: not this", "Fo ur"),
            ("X: a\n.\r\nSubject: Five", "Five"),
            ("X: a\r\n..\nSubject: Six", "Six"),
            (".Subject: Seven", "Seven"),
        ] {
            let ended = looked(mail, &mailbox, &[("TOP 1 0", &top(header))]);
            ended.code(0);
            let list = format!("unread: 1\n   1       120  {subject}\n");
            assert!(ended.stdout.ends_with(&list), "{header:?}: {ended:?}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn ctrl_c_and_sigterm_end_it_cleanly() {
        super::ctrl_c_and_sigterm_end_it_cleanly("mail", None);
    }

    #[test]
    fn a_peer_that_vanished_is_given_up() {
        super::a_peer_that_vanished_is_given_up("mail", "timed out (ETIMEDOUT)");
    }
}

mod mail_send {
    use super::*;

    #[test]
    fn pieces_are_put_together() {
        super::pieces_are_put_together("mail-send", &smtp(&[]), "220-a\r\n220 b\r\n");
    }

    #[test]
    fn a_peer_that_does_not_read_stops_nobody_else() {
        super::a_peer_that_does_not_read(
            |address| client("mail-send", address),
            "timed out (ETIMEDOUT)",
        );
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn an_interrupted_call_is_made_again() {
        super::an_interrupted_call_is_made_again("mail-send");
    }

    #[test]
    fn a_peer_that_closed_ends_that_connection_only() {
        super::a_peer_that_closed_ends_that_connection_only(
            "mail-send",
            "the server has closed",
        );
    }

    #[test]
    fn a_reset_in_the_middle_ends_that_connection_only() {
        super::a_reset_in_the_middle_ends_that_connection_only("mail-send");
    }

    #[test]
    fn an_endless_message_is_refused() {
        let (running, mut stream) = accepted("mail-send", &[]);
        peer::write(&mut stream, "220 ");
        let taken = flood(stream, &[b'x'; 10_000]);
        assert!(taken < 10_000_000, "{taken} bytes were taken");
        running.ends().code(1).complained("a line is too long");
        let (running, stream) = accepted("mail-send", &[]);
        let taken = flood(stream, b"220-and so on\r\n");
        assert!(taken < 10_000_000, "{taken} bytes were taken");
        let ended = running.ends();
        ended.code(1).complained("SMTP's answers are not like this");
        assert!(ended.stdout.lines().count() < 30, "{ended:?}");
    }

    #[test]
    fn the_end_in_the_middle_of_a_message_is_told() {
        for words in ["2", "220 hello", "220 hello\r", "220 hello\n"] {
            told_after("mail-send", words, "the server closed in the middle");
        }
        told_after(
            "mail-send",
            "220-one\r\n220-two\r\n",
            "the server has closed",
        );
    }

    #[test]
    fn bytes_that_are_not_text_are_no_panic() {
        for junk in [
            b"\xff\xf4\0\x1b[2J\xc3\r\n".as_slice(),
            b"\r\n",
            b"22\r\n",
            b"HTTP/1.1 400 Bad Request\r\n",
            b"+OK this is POP3\r\n",
            b"199 too small\r\n",
            b"600 too large\r\n",
            b"+25 a sign\r\n",
            b"220-two\r\n250 codes\r\n",
        ] {
            told_after("mail-send", junk, "SMTP's answers are not like this");
        }
        let words = b"554 \x1b[2J\xff\xc3\r\n";
        told_after("mail-send", words, "to us: 554 \u{fffd}[2J\u{fffd}\u{fffd}");
    }

    #[cfg(unix)]
    #[test]
    fn ctrl_c_and_sigterm_end_it_cleanly() {
        let told = Some("the mail may be sent, or not");
        super::ctrl_c_and_sigterm_end_it_cleanly("mail-send", told);
    }

    #[test]
    fn a_peer_that_vanished_is_given_up() {
        super::a_peer_that_vanished_is_given_up("mail-send", "timed out (ETIMEDOUT)");
    }
}

mod mail_send_with_library {
    use super::*;

    #[test]
    fn pieces_are_put_together() {
        super::pieces_are_put_together(
            "mail-send-with-library",
            &smtp(&[])[..5],
            "220-a\r\n220 b\r\n",
        );
    }

    #[test]
    fn a_peer_that_does_not_read_stops_nobody_else() {
        super::a_peer_that_does_not_read(
            |address| client("mail-send-with-library", address),
            "nothing happened in time (EAGAIN)",
        );
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn an_interrupted_call_is_made_again() {
        super::an_interrupted_call_is_made_again("mail-send-with-library");
    }

    #[test]
    fn a_peer_that_closed_ends_that_connection_only() {
        super::a_peer_that_closed_ends_that_connection_only(
            "mail-send-with-library",
            "incomplete response",
        );
    }

    #[test]
    fn a_reset_in_the_middle_ends_that_connection_only() {
        super::a_reset_in_the_middle_ends_that_connection_only("mail-send-with-library");
    }

    #[test]
    fn an_endless_message_is_refused() {
        // Of lines without an end. One line without an end the library takes as long as the
        // memory lasts, as the chapter says.
        let (running, stream) = accepted("mail-send-with-library", &[]);
        let taken = flood(stream, format!("220-{}\r\n", "x".repeat(400)).as_bytes());
        assert!(taken < 10_000_000, "{taken} bytes were taken");
        running.ends().code(1).complained("too large");
    }

    #[test]
    fn the_end_in_the_middle_of_a_message_is_told() {
        for words in ["2", "220 hello", "220-one\r\n220-two\r\n"] {
            told_after("mail-send-with-library", words, "cannot send by");
        }
    }

    #[test]
    fn bytes_that_are_not_text_are_no_panic() {
        for junk in [
            b"\xff\xf4\0\x1b[2J\xc3\r\n".as_slice(),
            b"\r\n",
            b"+OK POP3\r\n",
        ] {
            told_after("mail-send-with-library", junk, "cannot send by");
        }
        let words = b"554 \x1b[2J\r\n";
        told_after("mail-send-with-library", words, "the mail: 554 \u{fffd}[2J");
    }

    #[cfg(unix)]
    #[test]
    fn ctrl_c_and_sigterm_end_it_cleanly() {
        let told = Some("the mail may be sent, or not");
        super::ctrl_c_and_sigterm_end_it_cleanly("mail-send-with-library", told);
    }

    #[test]
    fn a_peer_that_vanished_is_given_up() {
        super::a_peer_that_vanished_is_given_up(
            "mail-send-with-library",
            "nothing happened in time (EAGAIN)",
        );
    }
}
