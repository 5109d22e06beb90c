//! What is `http`'s and `http-with-library`'s own of the table of faults (`tests/faults`).

use std::io::Write;
use std::time::{Duration, Instant};

use tests::{Program, peer};

use crate::{
    accept, answer, answering, chunked, is_not_saved, names_in, program, read_request,
    saved,
};

fn asking(name: &str, place: impl ToString) -> Program {
    program(name).args([place.to_string()])
}

fn in_pieces(name: &str) {
    // Each byte in a packet of its own: the line ends, the sizes, and the two of é.
    for whole in [
        answer("é, slowly"),
        chunked("é, slowly".as_bytes(), &[1, 3]),
    ] {
        let (address, _server) = peer::serve_one(move |mut stream| {
            read_request(&mut stream);
            peer::write_slowly(&mut stream, whole).expect("it reads");
        });
        assert_eq!(saved(asking(name, address)), "é, slowly".as_bytes());
    }
}

#[cfg(target_os = "linux")]
fn interrupted(name: &str) {
    let (listener, address) = peer::listener();
    let mut running = asking(name, address).start();
    let mut stream = accept(&listener);
    read_request(&mut stream);
    for piece in [
        "HTTP/1.1 200 OK\r\nTransfer-Enc",
        "oding: chunked\r\n\r\n",
        "2\r\nok\r\n",
        "2\r\n!\n\r\n0\r\n\r\n",
    ] {
        // It waits in recv, which SIGCONT interrupts where a timeout is set (signal(7)).
        running.interrupt_its_call();
        assert!(running.runs());
        peer::write(&mut stream, piece);
    }
    let ended = running.ends();
    ended.code(0);
    assert!(ended.stdout.ends_with("ok!\n"), "{ended:?}");
}

fn closed(name: &str, told: &str) {
    // It closes without an answer.
    let (address, _server) = answering("");
    is_not_saved(asking(name, address), told);
    // It closes without having read the request, which the kernel answers with a reset.
    let (address, _server) = peer::serve_one(|stream| {
        let mut byte = [0];
        stream.peek(&mut byte).expect("the request has come");
    });
    is_not_saved(asking(name, address), "(ECONNRESET)");
}

const MARKED: [&str; 3] = [
    "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nhalf a page",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
    "HTTP/1.1 200 OK\r\nCont",
];

fn reset(name: &str, starts: &[&'static str], told: &[&str]) {
    for start in starts.iter().copied() {
        let (address, _server) = peer::serve_one(move |mut stream| {
            read_request(&mut stream);
            peer::write(&mut stream, start);
            peer::reset(stream);
        });
        let ended = asking(name, address).run();
        ended.code(1).complained_after_notes("cannot ");
        let is_told = told.iter().any(|told| ended.stderr.contains(told));
        assert!(is_told, "{ended:?}");
    }
}

fn endless(name: &str, start: &'static str, piece: &'static str, told: &str) {
    let (address, server) = peer::serve_one(move |mut stream| {
        read_request(&mut stream);
        peer::write(&mut stream, start);
        let pieces = piece.repeat(10_000 / piece.len());
        (0..2000).all(|_| stream.write_all(pieces.as_bytes()).is_ok())
    });
    let program = asking(name, address).args(["--max-body", "100000"]);
    is_not_saved(program, told);
    let took_all = server.join().expect("no panic");
    assert!(!took_all, "20 MB were received");
}

fn ends_in_the_middle(name: &str, cases: &[(&'static str, &str)]) {
    for (start, told) in cases {
        let (address, _server) = answering(start);
        is_not_saved(asking(name, address), told);
        let (address, _server) = answering(start);
        let ended = asking(name, address).run();
        ended.code(1).complained_after_notes(told);
        assert_eq!(ended.stdout, "", "{ended:?}");
    }
}

fn not_text(name: &str) {
    // The last of these is U+009B, which begins a command to a terminal.
    let head = [
        &b"HTTP/1.1 200 O\xffK\r\nX: \xc3\xa9\x80 \xc3\r\n"[..],
        b"Y: \xc2\x9b2J\r\nContent-Length: 3\r\n\r\n",
    ];
    let (address, _server) = answering([&head.concat()[..], b"\xff\xf4\0"].concat());
    let ended = asking(name, address).run();
    ended
        .code(1)
        .complained_after_notes("3 bytes are not shown: not plain text");
    assert_eq!(ended.stdout, "", "{ended:?}");
    let shown = ended.stderr.to_lowercase();
    let bytes = match name {
        "http" => "é%80 %c3", // as they would stand in a URL
        _ => "é\u{fffd} \u{fffd}",
    };
    assert!(shown.contains(&format!("< x: {bytes}\n")), "{ended:?}");
    assert!(shown.contains("< y: \u{fffd}2j\n"), "{ended:?}");
    assert!(shown.contains("< content-length: 3\n<\n"), "{ended:?}");
    // Commands to a terminal stand in no head that is right.
    let (address, _server) = answering("HTTP/1.1 200 \x1b[2J\r\nX: \x1b[2J\r\n\r\n");
    let ended = asking(name, address).run();
    ended.code(1);
    let all = format!("{}{}", ended.stdout, ended.stderr);
    assert!(!all.contains('\x1b'), "{ended:?}");
}

#[cfg(unix)]
fn ctrl_c(name: &str) {
    for signal in ["SIGINT", "SIGTERM"] {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("page.html");
        let (listener, address) = peer::listener();
        let running = asking(name, address).args(["--save"]).args([&file]).start();
        let mut stream = accept(&listener);
        read_request(&mut stream);
        peer::write(&mut stream, "HTTP/1.1 200 OK\r\n\r\nhalf a page");
        tests::until("the page is on its way", || {
            let part = folder.path().join(names_in(folder.path()).first()?);
            (std::fs::read(part).ok()? == b"half a page").then_some(())
        });
        let asked = Instant::now();
        running.signal(signal.parse().expect("a signal"));
        let ended = running.ends();
        assert!(asked.elapsed() < Duration::from_secs(1), "{ended:?}");
        ended.code(0);
        let told = format!("interrupted: nothing is saved as {}\n", file.display());
        assert!(ended.stderr.ends_with(&told), "{ended:?}");
        assert!(names_in(folder.path()).is_empty(), "half a page is left");
        let rest = peer::read_to_end(&mut stream);
        assert!(rest.is_empty(), "the server sees the end");
    }
}

fn vanished(name: &str, told: &str) {
    // From here it looks the same whether its cable was cut or it is only silent.
    for start in [
        "",
        "HTTP/1.1 200 OK\r\nCont",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n",
        "HTTP/1.1 200 OK\r\n\r\nhalf a page",
    ] {
        let (address, server) = peer::serve_one(move |mut stream| {
            read_request(&mut stream);
            peer::write(&mut stream, start);
            peer::read_to_end(&mut stream);
        });
        is_not_saved(asking(name, address).args(["--timeout", "0.2"]), told);
        server.join().expect("it saw the client leave");
    }
}

mod http {
    use super::*;

    #[test]
    fn pieces_are_put_together() {
        in_pieces("http");
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn an_interrupted_call_is_made_again() {
        interrupted("http");
    }

    #[test]
    fn a_peer_that_closed_ends_that_connection_only() {
        closed("http", "the server closed without an answer");
    }

    #[test]
    fn a_reset_in_the_middle_ends_that_connection_only() {
        let told = "connection reset by the peer (ECONNRESET)";
        reset("http", &MARKED, &[told]);
        reset("http", &["HTTP/1.1 200 OK\r\n\r\nhalf a page"], &[told]);
    }

    #[test]
    fn an_endless_message_is_refused() {
        let head = "it is longer than 64 KiB";
        endless("http", "HTTP/1.1 200 OK\r\nX: ", "x", head);
        endless("http", "HTTP/1.1 200 OK\r\n", "X: y\r\n", head);
        let body = "the body is longer than --max-body allows";
        endless("http", "HTTP/1.1 200 OK\r\n\r\n", "x", body);
        let chunks = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
        endless("http", chunks, "1\r\nx\r\n", body);
        endless("http", chunks, "1", "a chunk has no size");
    }

    #[test]
    fn the_end_in_the_middle_of_a_message_is_told() {
        let head = "cannot read the head of the answer: the server closed before its end";
        ends_in_the_middle(
            "http",
            &[
                ("HTTP/1.1 200 OK\r\nContent-Le", head),
                ("HTTP/1.1 200 OK\r\n", head),
                (
                    "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n",
                    "cannot receive the body: the server closed, 10 bytes are missing",
                ),
                (
                    "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabcdefghi",
                    "cannot receive the body: the server closed, 1 bytes are missing",
                ),
                (
                    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n",
                    "cannot receive the body: the server closed between two chunks",
                ),
            ],
        );
    }

    #[test]
    fn bytes_that_are_not_text_are_no_panic() {
        not_text("http");
    }

    #[cfg(unix)]
    #[test]
    fn ctrl_c_and_sigterm_end_it_cleanly() {
        ctrl_c("http");
    }

    #[test]
    fn a_peer_that_vanished_is_given_up() {
        vanished("http", "the answer takes too long");
    }
}

mod http_with_library {
    use super::*;
    #[cfg(target_os = "linux")]
    use tests::no_way;

    const NAME: &str = "http-with-library";

    #[test]
    fn pieces_are_put_together() {
        in_pieces(NAME);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn an_interrupted_call_is_made_again() {
        interrupted(NAME);
    }

    #[test]
    fn a_peer_that_closed_ends_that_connection_only() {
        closed(NAME, "Peer disconnected");
    }

    #[test]
    fn a_reset_in_the_middle_ends_that_connection_only() {
        // ureq itself takes a reset for the end of a body without a length.
        let told = "connection reset by the peer (ECONNRESET)";
        reset(NAME, &MARKED, &[told]);
        reset(NAME, &["HTTP/1.1 200 OK\r\n\r\nhalf a page"], &[told]);
    }

    #[test]
    fn an_endless_message_is_refused() {
        let head = "response header is too big: ";
        endless(NAME, "HTTP/1.1 200 OK\r\nX: ", "x", head);
        let body = "the body is longer than --max-body allows";
        endless(NAME, "HTTP/1.1 200 OK\r\n\r\n", "x", body);
        let chunks = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
        endless(NAME, chunks, "1\r\nx\r\n", body);
    }

    #[test]
    fn the_end_in_the_middle_of_a_message_is_told() {
        let told = "Peer disconnected";
        ends_in_the_middle(
            NAME,
            &[
                ("HTTP/1.1 200 OK\r\nContent-Le", told),
                (
                    "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabcdefghi",
                    told,
                ),
                (
                    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n",
                    told,
                ),
            ],
        );
    }

    #[test]
    fn bytes_that_are_not_text_are_no_panic() {
        not_text(NAME);
    }

    #[test]
    fn a_dead_port_is_told() {
        let address = peer::dead_port();
        let told =
            format!("cannot fetch http://{address}/: connection refused (ECONNREFUSED)");
        asking(NAME, address)
            .run()
            .code(1)
            .complained_after_notes(&told);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_full_queue_is_told_after_the_timeout() {
        let (_listener, _queued, address) = peer::full_listener();
        let ended = asking(NAME, address).args(["--timeout", "0.3"]).run();
        // "connect" or "per call", whichever clock it looks at first.
        ended.code(1).complained_after_notes("timeout: ");
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn unreachable_places_are_told_apart() {
        no_way::unreachable(|place| asking(NAME, place));
    }

    #[test]
    fn a_name_that_does_not_exist_is_told() {
        let ended = asking(NAME, "x.invalid:80").run();
        ended.code(1).complained_after_notes(
            "cannot fetch http://x.invalid/: the resolver says: ",
        );
    }

    #[cfg(unix)]
    #[test]
    fn ctrl_c_and_sigterm_end_it_cleanly() {
        ctrl_c(NAME);
    }

    #[test]
    fn a_peer_that_vanished_is_given_up() {
        vanished(NAME, "timeout: ");
    }
}
