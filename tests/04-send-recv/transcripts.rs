//! The pictures of chapter 04.

use std::fs;

use tests::{Program, Transcript, peer, tool};

use crate::{answering, read_request, send_recv};

const RUN: &str = "cargo run -p send-recv";

/// A run against a server of ours that is shown on port 8000.
fn picture(name: &str, address: std::net::SocketAddr, more: &[&str], exit_code: i32) {
    let transcript = Transcript::new("04-send-recv", name);
    transcript.port(address.port(), 8000);
    let shown = format!("{RUN} -- 127.0.0.1:8000 {}", more.join(" "));
    transcript.of_one(shown.trim_end(), send_recv(address).args(more), exit_code);
}

#[test]
fn the_run_with_the_practice_server() {
    let program = Program::of("send-recv");
    Transcript::new("04-send-recv", "practice").of_one(RUN, program, 0);
}

#[test]
fn the_run_with_a_path_that_is_none() {
    let program = Program::of("send-recv").args(["--path", "notes.txt"]);
    let shown = format!("{RUN} -- --path notes.txt");
    Transcript::new("04-send-recv", "wrong-path").of_one(&shown, program, 2);
}

#[test]
fn the_run_that_is_refused() {
    picture("refused", peer::dead_port(), &[], 1);
}

#[test]
fn the_run_whose_server_closes_early() {
    let half = "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nThe first words";
    let (address, _server) = answering(half);
    let folder = tempfile::tempdir().expect("a folder");
    let transcript = Transcript::new("04-send-recv", "closed-early");
    transcript.port(address.port(), 8000);
    let args = ["--save", "page.html"];
    let program = send_recv(address).args(args).in_folder(folder.path());
    let shown = format!("{RUN} -- 127.0.0.1:8000 --save page.html");
    transcript.of_one(&shown, program, 1);
}

#[cfg(unix)]
#[test]
fn the_run_that_is_interrupted() {
    let (listener, address) = peer::listener();
    let folder = tempfile::tempdir().expect("a folder");
    let transcript = Transcript::new("04-send-recv", "interrupted");
    transcript.port(address.port(), 8000);
    let args = ["--save", "page.html"];
    let program = send_recv(address).args(args).in_folder(folder.path());
    let shown = format!("{RUN} -- 127.0.0.1:8000 --save page.html");
    let mut client = transcript.start("", &shown, program);
    let (stream, _) = listener.accept().expect("a client");
    let mut stream = peer::with_deadlines(stream);
    read_request(&mut stream);
    let half = "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nThe first words";
    peer::write(&mut stream, half);
    client.prints("Content-Length: 1000");
    client.prints(""); // the blank line
    tests::until("a part is saved", || {
        let part = crate::names_in(folder.path()).pop()?;
        let bytes = fs::read(folder.path().join(part)).ok()?;
        (bytes == b"The first words").then_some(())
    });
    client.presses_ctrl_c();
    client.ends(0);
    assert!(crate::names_in(folder.path()).is_empty(), "a part is left");
    transcript.check();
}

#[test]
fn the_run_whose_server_resets() {
    let (address, _server) = peer::serve_one(|mut stream| {
        read_request(&mut stream);
        peer::write(&mut stream, "HTTP/1.1 200 OK\r\n\r\nThe first words");
        peer::reset(stream);
    });
    picture("reset", address, &[], 1);
}

#[test]
fn the_run_without_a_blank_line() {
    let (address, _server) = answering("Hello! I am not a web server.\r\n");
    picture("no-blank-line", address, &[], 1);
}

#[test]
fn the_run_whose_server_is_silent() {
    let (address, _server) = peer::serve_one(|mut stream| peer::read_to_end(&mut stream));
    picture("silent", address, &["--timeout", "1"], 1);
}

#[test]
fn the_run_whose_server_answers_in_chunks() {
    let chunks = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n\
                  5\r\nhello\r\n0\r\n\r\n";
    let (address, _server) = answering(chunks);
    picture("chunks", address, &[], 1);
}

#[test]
fn the_run_with_pythons_web_server() {
    let python = tool!("python3");
    let transcript = Transcript::new("04-send-recv", "python-server");
    transcript.mask("port [1-9][0-9]{4}", "port 8000");
    transcript.mask(r"\d\d/\w{3}/\d{4} \d\d:\d\d:\d\d", "21/Nov/2026 12:00:00");
    transcript.mask(
        r"\w{3}, \d+ \w{3} \d{4} [\d:]{8}",
        "Sat, 21 Nov 2026 12:00:00",
    );
    transcript.mask(r"SimpleHTTP/\S+ Python/\S+", "SimpleHTTP/0.6 Python/3.11");
    transcript.mask(r" \(http://.*/\)", "");
    let args = ["-u", "-m", "http.server", "0", "--bind", "127.0.0.1"];
    let program = Program::at(python).args(args).in_folder(tests::root());
    let shown = "python3 -m http.server 8000 --bind 127.0.0.1";
    let mut server = transcript.start("server", shown, program);
    // Python writes the end of the line on its own.
    has_printed_whole_lines(&mut server);
    let line = server.prints("Serving HTTP on ");
    let line = String::from(line.split(" port ").nth(1).expect("its port"));
    let port = line.split(' ').next().and_then(|port| port.parse().ok());
    let port: u16 = port.expect("its port");
    transcript.port(port, 8000);
    let args = ["--path", "/LICENSE-MIT", "--save", "copy.txt"];
    let elsewhere = tempfile::tempdir().expect("a folder");
    let program = send_recv(format!("127.0.0.1:{port}"))
        .args(args)
        .in_folder(elsewhere.path());
    let shown = format!("{RUN} -- 127.0.0.1:8000 {}", args.join(" "));
    let client = transcript.start("client", &shown, program);
    client.ends(0);
    has_printed_whole_lines(&mut server);
    server.prints("\"GET /LICENSE-MIT HTTP/1.1\" 200");
    let copy = fs::read(elsewhere.path().join("copy.txt")).expect("saved");
    let original = fs::read(tests::root().join("LICENSE-MIT")).expect("there");
    assert!(copy == original, "`cmp` would find a difference");
    transcript.check();
}

fn has_printed_whole_lines(terminal: &mut tests::Terminal) {
    let program = terminal.program();
    tests::until("the end of a line", || {
        program.printed().ends_with(b"\n").then_some(())
    });
}

/// The server is a person: an answer typed by hand.
#[cfg(target_os = "linux")]
#[test]
fn the_run_with_an_answer_typed_by_hand() {
    let netcat = tool!("nc.openbsd");
    let transcript = Transcript::new("04-send-recv", "typed-by-hand");
    let program = Program::at(netcat).args(["-C", "-N", "-l", "127.0.0.1", "0"]);
    let mut server = transcript.start("server", "nc -C -N -l 127.0.0.1 8000", program);
    let pid = server.program().pid();
    let address = tests::until("it listens", || {
        tests::kernel::listening(pid).first().copied()
    });
    transcript.port(address.port(), 8000);
    let shown = format!("{RUN} -- 127.0.0.1:8000");
    let mut client = transcript.start("client", &shown, send_recv(address));
    for terminal in [&mut client, &mut server] {
        terminal.prints("Connection: close");
        terminal.prints(""); // the blank line
    }
    server.types("HTTP/1.0 200 OK");
    server.types("");
    server.types("Hello by hand!");
    server.presses_ctrl_d();
    client.ends(0);
    server.ends(0);
    transcript.check();
}
