//! The head of an answer, and where its body ends.

use tests::{Program, peer};

use crate::{
    BOTH, accept, answer, answering, chunked, closes, http, is_not_saved, keeps,
    names_in, noise, program, read_request, saved, server,
};

fn fetching(name: &str, answer: impl AsRef<[u8]>) -> Program {
    let (address, _server) = answering(answer);
    program(name).args([address.to_string()])
}

/// Claim: An HTTP answer ends where the server closes.
/// Truth: only without a length and without chunks; HTTP/1.1 keeps the connection, and
/// a body that ends by closing looks whole when it is half (RFC 9112 section 6.3).
#[test]
fn it_saves_exactly_the_body_however_its_end_is_marked() {
    let body = noise(300_000);
    let upper = format!("{:X};name=\"a;b\"\r\n", body.len());
    let one_chunk = [
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: Chunked\r\n\r\n000",
        upper.as_bytes(),
        &body,
        b"\r\n00\r\nX-Digest: 1\r\nX-More: 2\r\n\r\n",
    ]
    .concat();
    for name in BOTH {
        for answer in [
            answer(&body),
            // Names of fields have no case (RFC 9110 section 5.1).
            [
                b"HTTP/1.1 200 OK\r\ncontent-LENGTH:300000  \r\n\r\n",
                &body[..],
            ]
            .concat(),
            chunked(&body, &[1, 4096, 70_000, 15, 16, 17]),
            one_chunk.clone(),
            // Without a length the body goes on until the server closes.
            [b"HTTP/1.0 200 OK\r\nServer: x\r\n\r\n", &body[..]].concat(),
            [b"HTTP/1.1 200\r\nConnection: close\r\n\r\n", &body[..]].concat(),
        ] {
            assert!(saved(fetching(name, answer)) == body, "another body");
        }
    }
}

#[test]
fn the_same_length_twice_is_one_length() {
    for fields in [
        "Content-Length: 3\r\nContent-Length: 3",
        "Content-Length: 3, 3",
    ] {
        let answer = format!("HTTP/1.1 200 OK\r\n{fields}\r\n\r\nabc");
        assert_eq!(saved(fetching("http", answer)), b"abc");
    }
}

#[test]
fn some_answers_have_no_body_whatever_they_announce() {
    for name in BOTH {
        for (status, head) in [("200 OK", true), ("204 No Content", false)] {
            let fields = "Content-Length: 1000";
            let announced = format!("HTTP/1.1 {status}\r\n{fields}\r\n\r\n");
            // The connection is in order behind it: the next answer comes over it.
            let next = if head { "/b" } else { "/c" };
            let last = if head {
                announced.clone().into_bytes()
            } else {
                answer("the next one\n")
            };
            let (address, requests) = server([keeps(&[announced.as_bytes(), &last])]);
            let args = [&address.to_string(), "--path", "/a", "--path", next];
            let mut asking = program(name).args(args);
            if head {
                asking = asking.args(["--head"]);
            }
            let ended = asking.run();
            ended.code(0);
            assert!(
                ended
                    .stderr
                    .to_lowercase()
                    .contains("< content-length: 1000\n")
            );
            assert!(
                head || ended.stdout.ends_with("the next one\n"),
                "{ended:?}"
            );
            assert_eq!(
                requests.join().expect("served")[0].len(),
                2,
                "{name} {status}"
            );
        }
    }
}

#[test]
fn answers_that_announce_another_answer_are_passed_over() {
    for name in BOTH {
        let hint = b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n";
        let all = [&hint[..], hint, &answer("the page itself")].concat();
        assert_eq!(saved(fetching(name, all)), b"the page itself");
    }
}

#[test]
fn an_endless_row_of_hints_is_refused() {
    let hint = "HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n".repeat(10_000);
    is_not_saved(
        fetching("http", hint),
        "cannot read the head of the answer: it is longer than 64 KiB",
    );
}

#[test]
fn a_change_of_the_protocol_is_refused() {
    let answer = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n";
    is_not_saved(
        fetching("http", answer),
        "the server wants to speak something else",
    );
}

#[test]
fn the_parts_of_the_head_are_shown_and_their_names_have_no_case() {
    let answer = "HTTP/1.1 404 Nothing like that\r\nServer: a b\r\nX-Two: 1\r\nX-Two: 2\r\n\
                  X-Folded: first\r\n  second\r\nX-Empty:\r\nCONTENT-LENGTH: 5\r\n\r\nsorry";
    let (address, _server) = answering(answer);
    let ended = http(address).run();
    ended
        .code(1)
        .complained_after_notes("the server answered 404 Nothing like that");
    assert_eq!(ended.stdout, "", "an error page is not the page");
    let shown = "\n< HTTP/1.1 404 Nothing like that\n< Server: a b\n< X-Two: 1\n\
                 < X-Two: 2\n< X-Folded: first second\n< X-Empty: \n\
                 < CONTENT-LENGTH: 5\n<\nerror: ";
    assert!(ended.stderr.contains(shown), "{ended:?}");
}

#[test]
fn a_status_line_without_a_reason_will_do() {
    for line in ["HTTP/1.1 200", "HTTP/1.1 200 "] {
        let (address, _server) =
            answering(format!("{line}\r\nContent-Length: 0\r\n\r\n"));
        let ended = http(address).run();
        ended.code(0);
        assert!(
            ended.stderr.contains("\n< HTTP/1.1 200 \n< Content-"),
            "{ended:?}"
        );
    }
}

const CANNOT_UNDERSTAND: &str = "error: cannot understand the answer: ";
const CANNOT_RECEIVE: &str = "error: cannot receive the body: ";

#[test]
fn an_answer_that_is_no_http_is_told() {
    for (answer, why) in [
        ("HTTP/2.0 200 OK\r\n\r\n", "invalid HTTP version"),
        ("HTTP/1.1 2x0 OK\r\n\r\n", "invalid response status"),
        ("HTTP/1.1 200 OK\r\nno colon\r\n\r\n", "invalid header name"),
        ("HTTP/1.1 200 OK\r\nA : b\r\n\r\n", "invalid header name"),
        ("HTTP/1.1 200 OK\r\nA: b\0c\r\n\r\n", "invalid header value"),
    ] {
        is_not_saved(
            fetching("http", answer),
            &format!("{CANNOT_UNDERSTAND}{why}"),
        );
    }
    // Another protocol: the hint is about the port, and not about asking again.
    for answer in [
        "SSH-2.0-OpenSSH_9.2\r\n",
        "SSH-2.0-x\r\n\r\n",
        "\r\n\r\n",
        "220 mail.example.org ESMTP\r\n",
        "\x15\x03\x03\0\x02\x02\x32",
        "hel",
    ] {
        let (address, _server) = answering(answer);
        let ended = http(address).run();
        ended
            .code(1)
            .complained_after_notes("cannot read the head of the answer: it is no HTTP");
        assert!(ended.stderr.contains("check the port"), "{ended:?}");
        assert!(!ended.stderr.contains("ask it again"), "{ended:?}");
    }
    let fields = "X-Field: y\r\n".repeat(101);
    let answer = format!("HTTP/1.1 200 OK\r\n{fields}\r\n");
    let told = format!("{CANNOT_UNDERSTAND}too many headers");
    is_not_saved(fetching("http", answer), &told);
}

/// Two readers on the way could believe two different ends: so it is refused.
///
/// Claim: Of Content-Length and chunked, chunked wins.
/// Truth: it overrides, but such a message ought to be handled as an error: two readers
/// can believe two ends (RFC 9112 section 6.3).
#[test]
fn a_body_with_two_ends_is_refused() {
    let different = "it has two different lengths";
    let both = "it has a length and a Transfer-Encoding";
    let not_just = "its Transfer-Encoding is not just `chunked`";
    for (fields, why) in [
        ("Content-Length: 3\r\nContent-Length: 5", different),
        ("Content-Length: 3, 5", different),
        ("Content-Length: 3\r\nTransfer-Encoding: chunked", both),
        ("Transfer-Encoding: chunked\r\nContent-Length: 3", both),
        ("Transfer-Encoding: gzip, chunked", not_just),
        ("Transfer-Encoding: chunked, chunked", not_just),
        (
            "Transfer-Encoding: chunked\r\nTransfer-Encoding: gzip",
            not_just,
        ),
        ("Transfer-Encoding: xchunked", not_just),
        ("Transfer-Encoding: identity", not_just),
        ("Transfer-Encoding:", not_just),
    ] {
        let answer = format!("HTTP/1.1 200 OK\r\n{fields}\r\n\r\n3\r\nabc\r\n0\r\n\r\n");
        is_not_saved(
            fetching("http", answer),
            &format!("{CANNOT_UNDERSTAND}{why}"),
        );
    }
    // HTTP/1.0 knows no chunks: whoever passed this on may not have seen them.
    let answer =
        "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n";
    is_not_saved(
        fetching("http", answer),
        &format!("{CANNOT_UNDERSTAND}{not_just}"),
    );
}

#[test]
fn a_length_is_digits_and_nothing_else() {
    for length in [
        "+5",
        "-5",
        "0x5",
        "5 5",
        "5;",
        "five",
        "",
        "5.0",
        "18446744073709551616",
        "99999999999999999999999",
    ] {
        let answer = format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\nhello");
        is_not_saved(
            fetching("http", answer),
            &format!("{CANNOT_UNDERSTAND}its Content-Length is no number"),
        );
    }
}

#[test]
fn wrong_chunks_are_told_and_never_saved() {
    let no_size = "a chunk has no size";
    let longer = "a chunk is longer than it said";
    let between = "the server closed between two chunks";
    let bare = "a line between the chunks has no \\r before its \\n";
    for (chunks, why) in [
        ("x\r\nhello\r\n0\r\n\r\n", no_size),
        ("\r\nhello\r\n0\r\n\r\n", no_size),
        ("5\r\nhello\r\n\r\n\r\n", no_size),
        (";5\r\nhello\r\n0\r\n\r\n", no_size),
        ("+5\r\nhello\r\n0\r\n\r\n", no_size),
        ("-5\r\nhello\r\n0\r\n\r\n", no_size),
        ("0x5\r\nhello\r\n0\r\n\r\n", no_size),
        (" 5\r\nhello\r\n0\r\n\r\n", no_size),
        ("5\nhello\r\n0\r\n\r\n", bare),
        ("10000000000000000\r\nhello\r\n0\r\n\r\n", no_size),
        ("4\r\nhello\r\n0\r\n\r\n", longer),
        ("5\r\nhello5\r\nhello\r\n0\r\n\r\n", longer),
        ("5\r\nhello\n0\r\n\r\n", bare),
        ("5\r\nhello\r\n0\r\n\n", bare),
        ("5\r\nhello\r\n0\r\nX: y\n\n", bare),
        ("5\r\nhello\r\n", between),
        ("5\r\nhello\r\n5", between),
        ("5\r\nhello\r", between),
        ("5\r\nhello\r\n0\r\n", between),
        ("5\r\nhello\r\n0\r\nX: y\r\n", between),
        ("5\r\nhello", between),
        ("5\r\nhel", "the server closed, 2 bytes are missing"),
    ] {
        let answer =
            format!("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{chunks}");
        let told = format!("{CANNOT_RECEIVE}{why}");
        is_not_saved(fetching("http", answer), &told);
    }
}

#[test]
fn what_stands_around_the_chunks_has_limits_too() {
    for (chunks, why) in [
        (
            format!("5;{}\r\nhello\r\n0\r\n\r\n", "x".repeat(100_000)),
            "a chunk has no size",
        ),
        (
            format!("0\r\n{}\r\n", "X-Field: y\r\n".repeat(10_000)),
            "the fields after the chunks are longer than 16 KiB",
        ),
        (
            format!("0\r\nX: {}\r\n\r\n", "y".repeat(100_000)),
            "the fields after the chunks are longer than 16 KiB",
        ),
    ] {
        let answer =
            format!("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{chunks}");
        let told = format!("{CANNOT_RECEIVE}{why}");
        is_not_saved(fetching("http", answer), &told);
    }
}

#[test]
fn a_body_has_a_limit_however_its_end_is_marked() {
    let body = [b'x'; 1000];
    let until_close = [b"HTTP/1.1 200 OK\r\n\r\n", &body[..]].concat();
    let told = "the body is longer than --max-body allows";
    for name in BOTH {
        for answer in [answer(body), chunked(&body, &[10]), until_close.clone()] {
            let least = fetching(name, &answer).args(["--max-body", "1000"]);
            assert_eq!(saved(least), body);
            let less = fetching(name, &answer).args(["--max-body", "999"]);
            is_not_saved(less, told);
        }
    }
    // Announced, it is refused before the first byte of it is received.
    let huge = "HTTP/1.1 200 OK\r\nContent-Length: 18446744073709551615\r\n\r\n";
    is_not_saved(
        fetching("http", huge),
        "the body is longer than --max-body allows",
    );
    let huge = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n\
                5\r\nhello\r\nFFFFFFFFFFFFFFFF\r\n";
    is_not_saved(
        fetching("http", huge),
        "the body is longer than --max-body allows",
    );
}

#[test]
fn what_comes_behind_the_body_is_not_the_body() {
    for start in [answer("first"), chunked(b"first", &[2]), answer("")] {
        let body = if start == answer("") {
            &b""[..]
        } else {
            b"first"
        };
        let (address, _server) =
            server([closes(&[&[&start[..], b" and more"].concat()])]);
        assert_eq!(saved(http(address)), body);
    }
}

#[test]
fn a_server_that_never_closes_does_not_keep_it_once_all_is_there() {
    for name in BOTH {
        for whole in [answer("all of it"), chunked(b"all of it", &[4])] {
            let (address, server) = peer::serve_one(move |mut stream| {
                read_request(&mut stream);
                peer::write(&mut stream, whole);
                // Ends only when the client does, or fails after its own deadline.
                peer::read_to_end(&mut stream)
            });
            let asking = program(name).args([address.to_string()]);
            assert_eq!(saved(asking), b"all of it");
            assert!(server.join().expect("the client closed first").is_empty());
        }
    }
}

/// How much memory it has ever taken when all but the end of the body has come.
#[cfg(target_os = "linux")]
fn peak_for(name: &str, chunks: usize) -> u64 {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("page.bin");
    let (listener, address) = peer::listener();
    let args = [&address.to_string(), "--max-body", "1000000000", "--save"];
    let running = program(name).args(args).args([&file]).start();
    let mut stream = accept(&listener);
    read_request(&mut stream);
    let head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    peer::write(&mut stream, head);
    let chunk = [b"10000\r\n", &noise(0x10000)[..], b"\r\n"].concat();
    for _ in 0..chunks {
        peer::write(&mut stream, &chunk);
    }
    tests::until_within(tests::WHOLE, "all is saved", || {
        let part = folder.path().join(names_in(folder.path()).pop()?);
        let saved = std::fs::metadata(part).ok()?.len();
        (saved == (chunks * 0x10000) as u64).then_some(())
    });
    let peak = tests::kernel::peak_kib(running.pid());
    peer::write(&mut stream, "0\r\n\r\n");
    running.ends().code(0);
    peak
}

#[cfg(target_os = "linux")]
#[test]
fn its_memory_does_not_grow_with_the_body() {
    for name in BOTH {
        let small = peak_for(name, 1);
        let large = peak_for(name, 1000);
        assert!(small > 0, "the kernel knows its memory");
        assert!(
            large < small + 4096,
            "{name}: {small} KiB, then {large} KiB"
        );
    }
}

/// The status, the fields and the body as both programs print them. A library keeps names of
/// fields in lower case, orders them as it likes, and has its own reasons.
fn comparable(program: Program) -> (i32, Vec<String>, String) {
    let ended = program.run();
    let (head, _) = ended.stderr.split_once("\n<\n").expect("a blank line");
    let mut lines = head.lines().filter_map(|line| line.strip_prefix("< "));
    let status = lines.next().unwrap_or_default();
    let version_and_status = status.split(' ').take(2).map(str::to_string);
    let mut fields: Vec<_> = version_and_status.collect();
    for line in lines {
        let (name, value) = line.split_once(':').expect("a field");
        fields.push(format!("{}:{value}", name.to_lowercase()));
    }
    fields[2..].sort();
    (ended.code.expect("an end"), fields, ended.stdout)
}

#[test]
fn both_programs_print_the_same() {
    let rich = "HTTP/1.1 200 OK\r\nServer: x\r\nX-B: 2\r\nX-A: 1\r\nX-B: 3\r\n\
                Content-Length: 4\r\n\r\nrich";
    for (answer, body) in [
        (rich.as_bytes().to_vec(), "rich"),
        (answer("with a length\n"), "with a length\n"),
        (chunked(b"in chunks\n", &[3]), "in chunks\n"),
        (
            b"HTTP/1.0 200 OK\r\n\r\nuntil it closes".to_vec(),
            "until it closes",
        ),
        (b"HTTP/1.1 404 No\r\n\r\nan error page".to_vec(), ""),
        (b"HTTP/1.1 204 x\r\nA: b\r\n\r\n".to_vec(), ""),
    ] {
        let [own, librarys] = BOTH.map(|name| comparable(fetching(name, &answer)));
        assert_eq!(own, librarys);
        assert_eq!(own.2, body);
    }
}

#[test]
fn an_error_page_is_neither_shown_nor_saved() {
    for name in BOTH {
        for status in ["300 x", "304 x", "404 Not Found", "410 x", "500 x", "999 x"] {
            if name != "http" && status == "300 x" {
                continue; // for ureq it is a redirect, and has no Location
            }
            let page = format!("HTTP/1.1 {status}\r\nContent-Length: 6\r\n\r\nsorry\n");
            let told = format!("the server answered {}", &status[..3]);
            is_not_saved(fetching(name, &page), &told);
            let ended = fetching(name, &page).run();
            ended.code(1).complained_after_notes(&told);
            assert_eq!(ended.stdout, "", "{status}");
            if status.starts_with('4') {
                assert!(ended.stderr.contains("hint: the server has no such page"));
            }
        }
    }
}
