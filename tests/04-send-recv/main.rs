//! Lesson 04: `send-recv` against servers that answer well, and servers that do not.

mod facts;
mod own_faults;
mod peers;
mod transcripts;

use std::fs;
use std::io::Write;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::thread::JoinHandle;

use tests::{Program, peer};

fn send_recv(address: impl ToString) -> Program {
    Program::of("send-recv").args([address.to_string()])
}

/// Reads a request up to its blank line.
fn read_request(stream: &mut TcpStream) -> String {
    let mut request = String::new();
    while !request.ends_with("\r\n\r\n") {
        let line = peer::read_line(stream);
        assert!(!line.is_empty(), "the client closed after {request:?}");
        request.push_str(&line);
    }
    request
}

/// A server for one client: reads the request, writes the answer, and closes. Join the
/// handle to get the request.
fn answering(
    answer: impl AsRef<[u8]> + Send + 'static,
) -> (SocketAddr, JoinHandle<String>) {
    peer::serve_one(move |mut stream| {
        let request = read_request(&mut stream);
        // The client may have enough before the end of it.
        stream.write_all(answer.as_ref()).ok();
        request
    })
}

/// An answer with a length.
fn answer(body: impl AsRef<[u8]>) -> Vec<u8> {
    let body = body.as_ref();
    let mut answer =
        format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", body.len()).into_bytes();
    answer.extend_from_slice(body);
    answer
}

/// Bytes in which every value and many sequences occur, line ends and NULs too.
fn noise(count: usize) -> Vec<u8> {
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let mut bytes = Vec::with_capacity(count);
    while bytes.len() < count {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        bytes.push(state.to_le_bytes()[3]);
    }
    bytes
}

/// Fetches with `--save`, and returns the file: exactly the body, and nothing beside it.
fn saved(program: Program, folder: &Path) -> Vec<u8> {
    let file = folder.join("page.html");
    let ended = program.args(["--save"]).args([&file]).run();
    ended.code(0);
    let bytes = fs::read(&file).expect("the page is saved");
    let told = format!("\nsaved {} bytes as {}\n", bytes.len(), file.display());
    assert!(ended.stderr.ends_with(&told), "{ended:?}");
    assert_eq!(ended.stdout, "", "the page went elsewhere");
    assert_eq!(names_in(folder), ["page.html"]);
    bytes
}

fn names_in(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).expect("a folder").flatten();
    entries
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect()
}

/// Fetches with `--save` what cannot be had: an older page of that name stays as it was,
/// and nothing else is left behind.
fn is_not_saved(program: Program, error: &str) {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("page.html");
    fs::write(&file, "the older page").expect("written");
    let ended = program.args(["--save"]).args([&file]).run();
    ended.code(1).complained_after_notes(error);
    assert_eq!(names_in(folder.path()), ["page.html"]);
    assert_eq!(fs::read(&file).expect("there"), b"the older page");
}

#[test]
fn without_an_argument_it_fetches_from_its_own_practice_server() {
    let ended = Program::of("send-recv").args(["--path", "/a<b"]).run();
    ended.code(0);
    let (stdout, stderr) = (&ended.stdout, &ended.stderr);
    assert!(
        stdout.starts_with("No address given: a practice server"),
        "{ended:?}"
    );
    assert!(
        stderr.starts_with("GET /a<b HTTP/1.1\nHost: 127.0.0.1:"),
        "{ended:?}"
    );
    assert!(
        stderr.contains("\nHTTP/1.1 200 OK\nContent-Type: "),
        "{ended:?}"
    );
    assert!(
        stdout.contains("<h1>You fetched /a&lt;b by hand.</h1>"),
        "{ended:?}"
    );
}

#[test]
fn it_sends_exactly_this_request() {
    let (address, server) = answering(answer("hello\n"));
    let ended = send_recv(address)
        .args(["--path", "/a/b.html?c=d%20e"])
        .run();
    ended.code(0);
    assert_eq!(
        server.join().expect("a request"),
        format!(
            "GET /a/b.html?c=d%20e HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n"
        )
    );
    assert!(
        ended
            .stderr
            .ends_with("\n\nHTTP/1.1 200 OK\nContent-Length: 6\n\n"),
        "{ended:?}"
    );
    assert_eq!(ended.stdout, "hello\n", "the page, and nothing else");
}

#[test]
fn it_names_an_ipv6_host_in_brackets() {
    let Ok(listener) = TcpListener::bind("[::1]:0") else {
        tests::skip!("this machine has no IPv6 loopback");
    };
    let address = listener.local_addr().expect("its address");
    let running = send_recv(address).start();
    let (stream, _) = listener.accept().expect("a client");
    let mut stream = peer::with_deadlines(stream);
    let request = read_request(&mut stream);
    peer::write(&mut stream, answer(""));
    running.ends().code(0);
    let host = format!("\r\nHost: [::1]:{}\r\n", address.port());
    assert!(request.contains(&host), "{request}");
}

#[test]
fn it_tries_every_address_of_a_name() {
    let (address, _server) = answering(answer("one address answers\n"));
    let ended = send_recv(format!("localhost:{}", address.port())).run();
    ended.code(0);
    assert_eq!(ended.stdout, "one address answers\n", "{ended:?}");
}

#[test]
fn it_saves_exactly_the_body() {
    let body = noise(300_000);
    for answer in [
        answer(&body),
        // Names of fields have no case (RFC 9110 section 5.1).
        [
            b"HTTP/1.1 200 OK\r\ncontent-LENGTH:300000  \r\n\r\n",
            &body[..],
        ]
        .concat(),
        // Without a length the body goes on until the server closes.
        [b"HTTP/1.0 200 OK\r\nServer: x\r\n\r\n", &body[..]].concat(),
    ] {
        let folder = tempfile::tempdir().expect("a folder");
        let (address, _server) = answering(answer);
        assert!(
            saved(send_recv(address), folder.path()) == body,
            "another body"
        );
    }
}

#[test]
fn an_empty_body_is_an_empty_file() {
    let folder = tempfile::tempdir().expect("a folder");
    let (address, _server) = answering("HTTP/1.1 204 No Content\r\n\r\n");
    assert!(saved(send_recv(address), folder.path()).is_empty());
}

#[test]
fn what_comes_behind_the_promised_length_is_not_the_body() {
    let folder = tempfile::tempdir().expect("a folder");
    for (length, body) in [(0, &b""[..]), (5, b"first")] {
        let more =
            format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\nfirst and more");
        let (address, _server) = answering(more);
        assert_eq!(saved(send_recv(address), folder.path()), body);
    }
}

#[test]
fn a_server_that_never_closes_does_not_keep_it_once_all_is_there() {
    let folder = tempfile::tempdir().expect("a folder");
    let (address, server) = peer::serve_one(|mut stream| {
        read_request(&mut stream);
        peer::write(&mut stream, answer("all of it"));
        // Ends only when the client does, or fails after its own deadline.
        peer::read_to_end(&mut stream)
    });
    assert_eq!(saved(send_recv(address), folder.path()), b"all of it");
    assert!(server.join().expect("the client closed first").is_empty());
}

#[test]
fn answers_that_announce_another_answer_are_passed_over() {
    let mut all = b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n".to_vec();
    all.extend(answer("the page itself"));
    let folder = tempfile::tempdir().expect("a folder");
    let (address, _server) = answering(all);
    assert_eq!(saved(send_recv(address), folder.path()), b"the page itself");
}

#[test]
fn chunks_are_told_and_never_saved_as_if_they_were_the_page() {
    let chunked =
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n";
    let (address, _server) = answering(chunked);
    is_not_saved(send_recv(address), "the body comes in chunks");
    let (address, _server) = answering(chunked);
    let ended = send_recv(address).run();
    ended
        .code(1)
        .complained_after_notes("the body comes in chunks");
    assert!(!ended.stdout.contains("hello"), "{ended:?}");
}

#[test]
fn an_answer_that_is_no_http_is_told() {
    for (answer, error) in [
        ("SSH-2.0-x\r\n\r\n", "it is not HTTP/1"),
        ("\r\n\r\n", "it is not HTTP/1"),
        (
            "HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\nx",
            "Content-Length is no number",
        ),
        (
            "HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\nx",
            "Content-Length is no number",
        ),
        (
            "HTTP/1.1 200 OK\r\nContent-Length: +5\r\n\r\nhello",
            "Content-Length is no number",
        ),
        (
            "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 5\r\n\r\nhello",
            "it has two different lengths",
        ),
        (
            "HTTP/1.1 200 OK\r\nContent-Length : 2\r\n\r\nhello",
            "a name ends with a space",
        ),
        (
            "HTTP/1.1 200 OK\r\nTransfer-Encoding : chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
            "a name ends with a space",
        ),
    ] {
        let (address, _server) = answering(answer);
        is_not_saved(send_recv(address), error);
    }
}

#[test]
fn no_content_has_no_body_whatever_is_announced() {
    let folder = tempfile::tempdir().expect("a folder");
    let (address, _server) = answering("HTTP/1.1 204 x\r\nContent-Length: 5\r\n\r\n");
    assert_eq!(saved(send_recv(address), folder.path()), b"");
}

#[test]
fn a_text_is_printed_and_anything_else_is_an_error() {
    for body in [&b"two lines\r\n\tof t\xc3\xa9xt"[..], b""] {
        let (address, _server) = answering(answer(body));
        let ended = send_recv(address).run();
        ended.code(0);
        assert_eq!(ended.stdout.as_bytes(), body, "{ended:?}");
    }
    let long = "é".repeat(40_000);
    for (body, error) in [
        (&b"\x1b[2J"[..], "4 bytes are not shown: not plain text"),
        (b"\xff\xfe", "2 bytes are not shown: not plain text"),
        (
            long.as_bytes(),
            "80000 bytes are not shown: more than 64 KiB",
        ),
    ] {
        let (address, _server) = answering(answer(body));
        let ended = send_recv(address).run();
        // A script that reads the output must not take nothing for the page.
        ended.code(1).complained_after_notes(error);
        assert_eq!(ended.stdout, "", "{ended:?}");
    }
}

#[test]
fn a_status_that_brings_no_page_is_an_error_and_nothing_is_saved() {
    for (status, hint) in [
        ("404 Not Found", "check --path"),
        ("403 Forbidden", "check --path"),
        ("301 Moved Permanently", "its Location says where"),
        ("500 Oops", "the server's own trouble"),
        ("", "the server's own trouble"),
    ] {
        let body = "a page about what is wrong";
        let length = body.len();
        let all = format!("HTTP/1.1 {status}\r\nContent-Length: {length}\r\n\r\n{body}");
        let error = format!("the server answered {status}");
        let (address, _server) = answering(all.clone());
        is_not_saved(send_recv(address), &error);
        let (address, _server) = answering(all);
        let ended = send_recv(address).run();
        ended.code(1).complained_after_notes(&error);
        assert!(ended.stderr.contains(hint), "{ended:?}");
        assert_eq!(ended.stdout, "", "a script would take it for the page");
    }
}

#[test]
fn a_server_that_announces_answers_for_ever_is_given_up() {
    let (address, _server) = peer::serve_one(|mut stream| {
        read_request(&mut stream);
        let early = "HTTP/1.1 103 Early Hints\r\n\r\n".repeat(100);
        while stream.write_all(early.as_bytes()).is_ok() {}
    });
    is_not_saved(send_recv(address), "it is longer than 64 KiB");
}

#[test]
fn where_the_file_cannot_be_written_it_says_so() {
    let folder = tempfile::tempdir().expect("a folder");
    let nowhere = folder.path().join("nowhere").join("page.html");
    let nowhere = nowhere.to_str().expect("UTF-8");
    let mut cases = vec![(nowhere, "(ENOENT)"), (".", "(EISDIR)")];
    if cfg!(target_os = "linux") {
        cases.push((
            "/dev/full",
            "cannot save the body: no space left on the device",
        ));
    }
    for (name, error) in cases {
        let (address, _server) = answering(answer(noise(100_000)));
        let program = send_recv(address).in_folder(folder.path());
        program
            .args(["--save", name])
            .run()
            .code(1)
            .complained_after_notes(error);
        assert!(names_in(folder.path()).is_empty(), "{name}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_disk_that_fills_up_leaves_no_half_page() {
    if !tests::namespace::allowed() {
        return;
    }
    // A file system of 64 KiB, which the program sees and nobody else. The shell shows
    // afterwards what is left there.
    let folder = tempfile::tempdir().expect("a folder");
    let (address, _server) = answering(answer(noise(1_000_000)));
    let script = format!(
        "mount -t tmpfs -o size=64k none {0} && cd {0} || exit 9
         echo old > page.html
         \"$0\" \"$@\"
         code=$?
         echo \"left: $(ls) $(cat page.html) $code\"",
        folder.path().display()
    );
    let ended = Program::of("send-recv")
        .args([&address.to_string(), "--save", "page.html"])
        .through("/bin/sh", ["-c", &script])
        .through("unshare", ["-rm"])
        .run();
    ended.complained_after_notes(
        "cannot save the body: no space left on the device (ENOSPC)",
    );
    assert!(
        ended.stdout.ends_with("left: page.html old 1\n"),
        "{ended:?}"
    );
}

/// How much memory it has ever taken when all but the last byte of the body has come.
#[cfg(target_os = "linux")]
fn peak_for(body_kib: usize, save: Option<&Path>) -> u64 {
    let (listener, address) = peer::listener();
    let mut program = send_recv(address);
    if let Some(file) = save {
        program = program.args(["--save"]).args([file]);
    }
    let running = program.start();
    let (stream, _) = listener.accept().expect("a client");
    let mut stream = peer::with_deadlines(stream);
    read_request(&mut stream);
    let length = body_kib * 1024;
    let header = format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n");
    peer::write(&mut stream, header);
    let piece = noise(256 * 1024);
    let mut left = length - 1;
    while left > 0 {
        let count = left.min(piece.len());
        peer::write(&mut stream, &piece[..count]);
        left -= count;
    }
    // Everything is read when nothing waits in the client's socket.
    let client = stream.peer_addr().expect("connected");
    tests::until("the client has read it", || {
        let mut rows = tests::kernel::tcp_sockets_on(client.port()).into_iter();
        let mine = rows.find(|row| row.local == client)?;
        let sent = tests::kernel::tcp_sockets_on(address.port());
        let sent = sent.iter().find(|row| row.remote == client)?.send_queue;
        (mine.receive_queue == 0 && sent == 0).then_some(())
    });
    let peak = tests::kernel::peak_kib(running.pid());
    peer::write(&mut stream, "!");
    let ended = running.ends();
    // Without --save: it is no text, so it is not shown.
    ended.code(i32::from(save.is_none()));
    peak
}

#[cfg(target_os = "linux")]
#[test]
fn its_memory_does_not_grow_with_the_body() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("page.bin");
    for save in [Some(file.as_path()), None] {
        let small = peak_for(1, save);
        let large = peak_for(200 * 1024, save);
        assert!(small > 0, "the kernel knows its memory");
        assert!(large < small + 4096, "{small} KiB, then {large} KiB");
    }
    let size = fs::metadata(&file).expect("saved").len();
    assert_eq!(size, 200 * 1024 * 1024);
}

#[test]
fn help_says_what_it_does_with_an_example() {
    let ended = send_recv("--help").run();
    ended.code(0);
    assert!(
        ended
            .stdout
            .contains("example: cargo run -p send-recv -- example.com:80"),
        "{ended:?}"
    );
}
