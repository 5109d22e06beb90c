//! Lesson 14: `http` and `http-with-library` against servers that answer well, and servers
//! that do not.

mod answers;
mod connections;
mod facts;
mod library;
mod own_faults;
mod peers;
mod redirects;
mod transcripts;

use std::fs;
use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::thread::{self, JoinHandle};

use tests::{Program, Running, peer};

const BOTH: [&str; 2] = ["http", "http-with-library"];

/// A program of the lesson, without the proxies of the machine that the tests run on.
fn program(name: &str) -> Program {
    let names = ["ALL_PROXY", "HTTPS_PROXY", "HTTP_PROXY"];
    let lower = ["all_proxy", "https_proxy", "http_proxy"];
    let mut program = Program::of(name);
    for name in names.into_iter().chain(lower) {
        program = program.env(name, "");
    }
    program
}

fn http(place: impl ToString) -> Program {
    program("http").args([place.to_string()])
}

/// The port that a server in Python prints behind ` port `. Python needs its time to start
/// where a machine has much to do: more than an answer may take.
fn port_of(server: &Running) -> u16 {
    tests::until_within(tests::WHOLE, "the port of a server in Python", || {
        let printed = String::from_utf8_lossy(&server.printed()).into_owned();
        let (_, rest) = printed.split_once(" port ")?;
        let (port, _) = rest.split_once(|sign: char| !sign.is_ascii_digit())?;
        Some(port.parse().expect("a port"))
    })
}

/// Reads a request up to its blank line; nothing, where the client has closed instead.
fn read_request(stream: &mut TcpStream) -> String {
    let mut request = String::new();
    while !request.ends_with("\r\n\r\n") {
        let line = peer::read_line(stream);
        if line.is_empty() {
            assert_eq!(request, "", "the client closed in its request");
            break;
        }
        request.push_str(&line);
    }
    request
}

/// What a server does on one connection: for each request an answer, and then it closes at
/// once, or waits until the client has closed.
struct Serves {
    answers: Vec<Vec<u8>>,
    and_closes: bool,
}

fn keeps(answers: &[&[u8]]) -> Serves {
    let answers = answers.iter().map(|answer| answer.to_vec()).collect();
    Serves {
        answers,
        and_closes: false,
    }
}

fn closes(answers: &[&[u8]]) -> Serves {
    Serves {
        and_closes: true,
        ..keeps(answers)
    }
}

/// A server for so many connections, one after another. Join the handle to get the requests
/// of each.
fn server(
    connections: impl IntoIterator<Item = Serves>,
) -> (SocketAddr, JoinHandle<Vec<Vec<String>>>) {
    // Built before, because the server waits for its client only so long.
    for name in BOTH {
        drop(Program::of(name));
    }
    let (listener, address) = peer::listener();
    let connections: Vec<_> = connections.into_iter().collect();
    let thread = thread::spawn(move || {
        let serve = |connection| serve(accept(&listener), connection);
        connections.into_iter().map(serve).collect()
    });
    (address, thread)
}

/// The next client, with a deadline.
fn accept(listener: &TcpListener) -> TcpStream {
    listener.set_nonblocking(true).expect("O_NONBLOCK");
    let (stream, _) = tests::until("a connection", || listener.accept().ok());
    stream.set_nonblocking(false).expect("blocking again");
    peer::with_deadlines(stream)
}

fn serve(mut stream: TcpStream, connection: Serves) -> Vec<String> {
    let mut requests = Vec::new();
    for answer in connection.answers {
        requests.push(read_request(&mut stream));
        // The client may have enough before the end of it.
        stream.write_all(&answer).ok();
    }
    if !connection.and_closes {
        let mut more = Vec::new();
        // A client that closes with unread bytes resets the connection: its good right.
        let end = stream.read_to_end(&mut more).map_err(|error| error.kind());
        assert!(
            matches!(end, Ok(_) | Err(ErrorKind::ConnectionReset)),
            "{end:?}"
        );
        if !more.is_empty() {
            requests.push(String::from_utf8_lossy(&more).into_owned());
        }
    }
    requests
}

/// A server for one client: one answer, and it closes.
fn answering(answer: impl AsRef<[u8]>) -> (SocketAddr, JoinHandle<Vec<Vec<String>>>) {
    server([closes(&[answer.as_ref()])])
}

/// An answer with a length.
fn answer(body: impl AsRef<[u8]>) -> Vec<u8> {
    let body = body.as_ref();
    let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", body.len());
    [head.as_bytes(), body].concat()
}

/// A redirect without a body.
fn redirect(status: &str, location: &str) -> Vec<u8> {
    format!("HTTP/1.1 {status}\r\nLocation: {location}\r\nContent-Length: 0\r\n\r\n")
        .into_bytes()
}

/// The body in chunks of these sizes, over and over.
fn chunked(body: &[u8], sizes: &[usize]) -> Vec<u8> {
    let mut answer = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n".to_vec();
    let mut sizes = sizes.iter().cycle();
    let mut rest = body;
    while !rest.is_empty() {
        let size = rest.len().min(*sizes.next().expect("it cycles"));
        answer.extend(format!("{size:x}\r\n").bytes());
        answer.extend(&rest[..size]);
        answer.extend(b"\r\n");
        rest = &rest[size..];
    }
    answer.extend(b"0\r\n\r\n");
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
fn saved(program: Program) -> Vec<u8> {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("page.html");
    let ended = program.args(["--save"]).args([&file]).run();
    ended.code(0);
    let bytes = fs::read(&file).expect("the page is saved");
    let told = format!("\nsaved {} bytes as {}\n", bytes.len(), file.display());
    let told = told.trim_start(); // it may be all that stands there
    assert!(ended.stderr.ends_with(told), "{ended:?}");
    assert_eq!(names_in(folder.path()), ["page.html"]);
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
#[track_caller]
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
fn without_an_argument_it_shows_a_redirect_a_length_and_chunks_over_one_connection() {
    let ended = program("http").run();
    ended.code(0);
    let (first, pages) = ended.stdout.split_once('\n').expect("a line");
    assert!(first.starts_with("No address given: a practice server"));
    assert_eq!(
        pages,
        "This page has a length: you know where it ends before it begins.\n\
         This page comes in chunks, as it is made.\n"
    );
    let shown = &ended.stderr;
    for (line, times) in [
        ("* connected to 127.0.0.1:", 1),
        ("* the same connection again\n", 2),
        ("\n> GET /old HTTP/1.1\n> Host: 127.0.0.1:", 1),
        ("\n< HTTP/1.1 301 Moved Permanently\n", 1),
        ("\n< Location: /\n", 1),
        ("\n* redirect 1: http://127.0.0.1:", 1),
        ("\n> GET / HTTP/1.1\n", 1),
        ("\n< HTTP/1.1 200 OK\n", 2),
        ("\n< Content-Length: 65\n<\n", 1),
        ("\n< Transfer-Encoding: chunked\n<\n", 1),
    ] {
        assert_eq!(shown.matches(line).count(), times, "{line:?} in {shown}");
    }
}

#[test]
fn the_library_shows_the_same_pages_without_an_argument() {
    let ended = program("http-with-library").run();
    ended.code(0);
    let shown = &ended.stdout;
    assert!(
        shown.starts_with("No address given: a practice server"),
        "{ended:?}"
    );
    let pages = "before it begins.\nThis page comes in chunks, as it is made.\n";
    assert!(shown.ends_with(pages), "{shown}");
    for line in [
        "* redirect 1: http://127.0.0.1:",
        "\n< HTTP/1.1 200 OK\n",
        "\n< content-length: 65\n<\n",
    ] {
        assert!(ended.stderr.contains(line), "{line:?} in {ended:?}");
    }
}

#[test]
fn it_sends_exactly_this_request() {
    for (place, more, line, host) in [
        ("", &[][..], "GET / HTTP/1.1", "127.0.0.1"),
        ("http://", &["--head"][..], "HEAD / HTTP/1.1", "127.0.0.1"),
        (
            "http://",
            &["--path", "/a/b.html?c=d e#f"][..],
            "GET /a/b.html?c=d%20e HTTP/1.1",
            "127.0.0.1",
        ),
    ] {
        let (address, requests) = server([keeps(&[&answer("")])]);
        http(format!("{place}{address}")).args(more).run().code(0);
        let port = address.port();
        assert_eq!(
            requests.join().expect("served"),
            [[format!(
                "{line}\r\nHost: {host}:{port}\r\nUser-Agent: sockets-in-rust\r\n\r\n"
            )]]
        );
    }
}

#[test]
fn a_path_is_no_way_to_add_lines_to_the_request() {
    for name in BOTH {
        let (address, requests) = server([keeps(&[&answer("")])]);
        let path = "/ HTTP/1.1\r\nX-Injected: yes\r\n\r\nGET /";
        let url = format!("http://{address}");
        let ended = program(name).args([&url, "--path", path]).run();
        ended.code(0);
        let requests = requests.join().expect("served");
        assert_eq!(requests[0].len(), 1, "one request: {requests:?}");
        let line =
            "GET /%20HTTP/1.1%0D%0AX-Injected:%20yes%0D%0A%0D%0AGET%20/ HTTP/1.1\r\n";
        assert!(requests[0][0].starts_with(line), "{requests:?}");
    }
}

#[test]
fn it_names_an_ipv6_host_in_brackets() {
    let Ok(listener) = TcpListener::bind("[::1]:0") else {
        tests::skip!("this machine has no IPv6 loopback");
    };
    let address = listener.local_addr().expect("its address");
    for name in BOTH {
        let running = program(name).args([format!("http://{address}/x")]).start();
        let mut stream = accept(&listener);
        let request = read_request(&mut stream);
        peer::write(&mut stream, answer(""));
        running.ends().code(0);
        let host = format!("\r\nhost: [::1]:{}\r\n", address.port());
        assert!(request.to_ascii_lowercase().contains(&host), "{request}");
    }
}

#[test]
fn it_tries_every_address_of_a_name() {
    for name in BOTH {
        let (address, _server) = answering(answer("one address answers\n"));
        let place = format!("localhost:{}", address.port());
        let ended = program(name).args([place]).run();
        ended.code(0);
        assert!(ended.stdout.ends_with("one address answers\n"), "{ended:?}");
    }
}

#[test]
fn a_text_is_printed_and_anything_else_is_an_error() {
    let long = "é".repeat(40_000);
    for name in BOTH {
        for body in [&b"two lines\r\n\tof t\xc3\xa9xt"[..], b""] {
            let (address, _server) = answering(answer(body));
            let ended = program(name).args([address.to_string()]).run();
            ended.code(0);
            // The page and nothing else: `http URL > page` is the page.
            assert_eq!(ended.stdout.as_bytes(), body, "{ended:?}");
        }
        for (body, error) in [
            (&b"\x1b[2J"[..], "4 bytes are not shown: not plain text"),
            (
                long.as_bytes(),
                "80000 bytes are not shown: more than 64 KiB",
            ),
        ] {
            let (address, _server) = answering(answer(body));
            let ended = program(name).args([address.to_string()]).run();
            ended.code(1).complained_after_notes(error);
            assert!(ended.stdout.ends_with(""), "{ended:?}");
        }
    }
}

#[test]
fn where_the_file_cannot_be_written_it_says_so() {
    for name in BOTH {
        let folder = tempfile::tempdir().expect("a folder");
        let nowhere = folder.path().join("nowhere").join("page.html");
        let nowhere = nowhere.to_str().expect("UTF-8");
        let mut cases = vec![(nowhere, "(ENOENT)"), (".", "(EISDIR)")];
        if cfg!(target_os = "linux") {
            let told = "cannot save the body: no space left on the device";
            cases.push(("/dev/full", told));
        }
        for (file, error) in cases {
            let (address, _server) = answering(answer(noise(100_000)));
            let args = [&address.to_string(), "--save", file];
            let program = program(name).in_folder(folder.path()).args(args);
            program.run().code(1).complained_after_notes(error);
            assert!(names_in(folder.path()).is_empty(), "{file}");
        }
    }
}

/// `http URL > page` on a full disk.
#[cfg(target_os = "linux")]
#[test]
fn a_page_that_cannot_be_printed_is_an_error() {
    let bash = tests::tool!("bash");
    for name in BOTH {
        let (address, _server) = answering(answer("a page\n"));
        let line = format!(
            "{} {address} > /dev/full",
            Program::of(name).path().display()
        );
        let ended = Program::at(&bash).args(["-c", &line]).run();
        let told = "cannot print the page: no space left on the device";
        ended.code(1).complained_after_notes(told);
    }
}

#[test]
fn one_file_is_for_one_body() {
    for name in BOTH {
        for more in [
            &["--save", "x", "--path", "/a", "--path", "/b"][..],
            &["--save", "x", "--path", "/", "--head"],
            &["--save", "x"], // the practice server has two to show
        ] {
            let ended = program(name).args(more).run();
            ended
                .code(2)
                .complained_after_notes("--save wants exactly one body");
            assert!(ended.stdout.is_empty(), "{ended:?}");
        }
    }
}

#[test]
fn http_says_that_it_has_no_tls_and_who_has() {
    let ended = http("https://localhost/").run();
    ended.code(1).complained_after_notes("there is no TLS here");
    assert!(ended.stderr.contains("cargo run -p http-with-library"));
}

#[test]
fn help_says_what_it_does_with_an_example() {
    for (name, example) in [
        ("http", "example: cargo run -p http -- http://example.com/"),
        (
            "http-with-library",
            "example: cargo run -p http-with-library -- https://example.com/",
        ),
    ] {
        let ended = program(name).args(["--help"]).run();
        ended.code(0);
        assert!(ended.stdout.contains(example), "{ended:?}");
    }
}
