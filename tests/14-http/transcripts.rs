//! The runs of chapter 14.

use std::fs;
use std::net::SocketAddr;

use tests::{Program, Terminal, Transcript, peer, tool};

use crate::{answer, answering, library, program};

const HTTP: &str = "cargo run -p http";
const LIBRARY: &str = "cargo run -p http-with-library";

fn new(name: &str) -> Transcript {
    Transcript::new("14-http", name)
}

/// A run with the practice server.
fn practice(name: &str, shown: &str, args: &[&str], exit_code: i32) {
    let package = shown.rsplit(' ').next().expect("a name");
    let command = match args {
        [] => shown.to_string(),
        args => format!("{shown} -- {}", args.join(" ")),
    };
    new(name).of_one(&command, program(package).args(args), exit_code);
}

/// A run against a server of ours that is shown on port 8000.
fn picture(name: &str, address: SocketAddr, more: &[&str], exit_code: i32) {
    let transcript = new(name);
    transcript.port(address.port(), 8000);
    let shown = format!("{HTTP} -- 127.0.0.1:8000 {}", more.join(" "));
    let asking = program("http").args([address.to_string()]).args(more);
    transcript.of_one(shown.trim_end(), asking, exit_code);
}

#[test]
fn the_run_with_the_practice_server() {
    practice("practice", HTTP, &[], 0);
}

#[test]
fn the_run_of_the_library_with_the_practice_server() {
    practice("library", LIBRARY, &[], 0);
}

#[test]
fn the_run_that_asks_for_heads_only() {
    let args = ["--head", "--path", "/chunked", "--path", "/"];
    practice("head", HTTP, &args, 0);
}

#[test]
fn the_run_that_goes_round() {
    practice("round", HTTP, &["--path", "/round"], 1);
}

#[test]
fn the_run_that_takes_too_long() {
    practice("slow", HTTP, &["--path", "/slow", "--timeout", "1"], 1);
}

#[test]
fn the_run_that_takes_too_much() {
    practice("long", HTTP, &["--path", "/chunked", "--max-body", "20"], 1);
}

#[test]
fn the_run_that_wants_tls() {
    let shown = format!("{HTTP} -- https://example.com/");
    new("no-tls").of_one(&shown, program("http").args(["https://example.com/"]), 1);
}

#[test]
fn the_run_whose_server_speaks_no_http() {
    let (address, _server) = answering("SSH-2.0-OpenSSH_9.2\r\n");
    picture("no-http", address, &[], 1);
}

#[test]
fn the_run_whose_body_has_two_ends() {
    let two = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n\
               5\r\nhello\r\n0\r\n\r\n";
    let (address, _server) = answering(two);
    picture("two-ends", address, &[], 1);
}

#[test]
fn the_run_whose_server_closes_early() {
    let half = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n";
    let (address, _server) = answering(half);
    picture("closed-early", address, &[], 1);
}

#[test]
fn the_run_whose_server_closes_while_the_second_request_is_under_way() {
    let (listener, address) = peer::listener();
    let serving = std::thread::spawn(move || {
        let mut stream = crate::accept(&listener);
        crate::read_request(&mut stream);
        peer::write(&mut stream, answer("one\n"));
        crate::read_request(&mut stream);
        drop(stream);
        let mut stream = crate::accept(&listener);
        crate::read_request(&mut stream);
        peer::write(&mut stream, answer("two\n"));
    });
    picture(
        "closed-between",
        address,
        &["--path", "/one", "--path", "/two"],
        0,
    );
    serving.join().expect("no panic");
}

#[test]
fn the_run_with_pythons_web_server() {
    let python = tool!("python3");
    let transcript = new("python-server");
    transcript.mask("port [1-9][0-9]{4}", "port 8000");
    transcript.mask(r"\d\d/\w{3}/\d{4} \d\d:\d\d:\d\d", "21/Nov/2026 12:00:00");
    let date = r"\w{3}, \d+ \w{3} \d{4} [\d:]{8}";
    transcript.mask(date, "Sat, 21 Nov 2026 12:00:00");
    transcript.mask(r"SimpleHTTP/\S+ Python/\S+", "SimpleHTTP/0.6 Python/3.11");
    transcript.mask(r" \(http://.*/\)", "");
    let args = ["-u", "-m", "http.server", "0", "--bind", "127.0.0.1"];
    let serving = Program::at(python).args(args).in_folder(tests::root());
    let shown = "python3 -m http.server 8000 --bind 127.0.0.1";
    let mut server = transcript.start("server", shown, serving);
    // Python writes the end of the line on its own.
    has_printed_whole_lines(&mut server);
    let line = server.prints("Serving HTTP on ");
    let line = String::from(line.split(" port ").nth(1).expect("its port"));
    let port = line.split(' ').next().and_then(|port| port.parse().ok());
    let port: u16 = port.expect("its port");
    transcript.port(port, 8000);
    let elsewhere = tempfile::tempdir().expect("a folder");
    let url = |port: u16| format!("http://127.0.0.1:{port}/LICENSE-MIT");
    let asking = program("http")
        .args([&url(port), "--head"])
        .in_folder(elsewhere.path());
    let shown = format!("{HTTP} -- {} --head", url(8000));
    let client = transcript.start("client", &shown, asking);
    client.ends(0);
    has_printed_whole_lines(&mut server);
    server.prints("\"HEAD /LICENSE-MIT HTTP/1.1\" 200");
    transcript.check();
}

/// The lesson's web server in Python, which prints what it is asked.
#[cfg(target_os = "linux")]
fn web(transcript: &Transcript) -> Option<(Terminal, SocketAddr)> {
    let python3 = tests::find_tool("python3")?;
    let file = "lessons/14-http/peers/web.py";
    let script = fs::read_to_string(tests::root().join(file)).expect("a program");
    let program = Program::at(python3).args(["-c", &script.replace("8000", "0")]);
    let mut server = transcript.start("server", &format!("python3 {file}"), program);
    has_printed_whole_lines(&mut server);
    server.prints("listening");
    let pid = server.program().pid();
    let address = tests::kernel::comes_to_listen(pid);
    transcript.port(address.port(), 8000);
    Some((server, address))
}

/// A step of the ladder asks the server, which closes at last with these words.
#[cfg(target_os = "linux")]
fn step(number: u8, name: &str, requests: &[&str], closes: &str) {
    let transcript = new(name);
    let Some((mut server, address)) = web(&transcript) else {
        return;
    };
    let step = format!("http-{number}");
    let program = Program::of(&step).args([address.to_string()]);
    let shown = format!("{HTTP} --bin {step}");
    let client = transcript.start("client", &shown, program);
    client.ends(0);
    server.prints("a connection");
    for request in requests {
        server.prints(&format!("  GET {request} HTTP/1.1\n"));
    }
    server.prints(closes);
    transcript.check();
}

#[cfg(target_os = "linux")]
#[test]
fn the_first_step_gets_a_page_and_its_end_is_the_servers() {
    step(1, "step-1", &["/"], "  closed");
}

#[cfg(target_os = "linux")]
#[test]
fn the_second_step_waits_for_an_end_and_then_there_is_none_to_ask() {
    step(2, "step-2", &["/"], "  silent for 2 seconds: closed");
}

#[cfg(target_os = "linux")]
#[test]
fn the_third_step_knows_a_length_and_takes_chunks_for_the_page() {
    let requests = ["/", "/notes", "/chunked"];
    step(3, "step-3", &requests, "  silent for 2 seconds: closed");
}

#[cfg(target_os = "linux")]
#[test]
fn the_fourth_step_knows_chunks_and_waits_for_a_body_that_is_none() {
    let requests = ["/", "/notes", "/chunked", "/empty"];
    step(4, "step-4", &requests, "  silent for 2 seconds: closed");
}

#[cfg(target_os = "linux")]
#[test]
fn the_fifth_step_waits_for_nothing_and_does_not_find_what_has_moved() {
    let requests = ["/", "/notes", "/chunked", "/empty", "/old"];
    step(5, "step-5", &requests, "  closed");
}

#[cfg(target_os = "linux")]
#[test]
fn the_sixth_step_goes_where_the_page_is() {
    let requests = ["/", "/notes", "/chunked", "/empty", "/old", "/notes"];
    step(6, "step-6", &requests, "  closed");
}

/// What the last step still lacks: half a page looks whole to it.
#[test]
fn the_sixth_step_takes_half_a_page_for_a_whole_one_and_the_last_does_not() {
    let half = "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nhalf a page\n";
    for (name, code) in [("http-6", 0), ("http", 1)] {
        // It asks for the next page, too: that one ends before its head.
        let (address, _server) = answering(half);
        let ended = program(name).args([address.to_string()]).run();
        let shows_half = ended.stdout.contains("half a page");
        assert_eq!(shows_half, code == 0, "{ended:?}");
    }
}

#[test]
fn the_run_whose_page_is_not_there() {
    let transcript = new("not-found");
    let page =
        "HTTP/1.1 404 Not Found\r\nContent-Length: 24\r\n\r\n<h1>It is not here</h1>\n";
    let (address, _server) = answering(page);
    transcript.port(address.port(), 8000);
    let folder = tempfile::tempdir().expect("a folder");
    let args = ["http://127.0.0.1:8000/nothing.html", "--save", "page.html"];
    let shown = format!("{HTTP} -- {}", args.join(" "));
    let url = format!("http://{address}/nothing.html");
    let asking = program("http").args([&url, "--save", "page.html"]);
    transcript.of_one(&shown, asking.in_folder(folder.path()), 1);
    assert!(crate::names_in(folder.path()).is_empty());
}

fn has_printed_whole_lines(terminal: &mut Terminal) {
    let program = terminal.program();
    tests::until("the end of a line", || {
        program.printed().ends_with(b"\n").then_some(())
    });
}

/// A certificate, a server with TLS, and who believes it.
#[cfg(target_os = "linux")]
#[test]
fn the_runs_with_tls() {
    let openssl = tool!("openssl");
    let folder = tempfile::tempdir().expect("a folder");
    library::certificate(&openssl, folder.path(), "localhost");
    fs::write(folder.path().join("page.txt"), "A page over TLS.\n").expect("written");
    let args = "s_server -accept 127.0.0.1:0 -cert cert.pem -key key.pem -WWW";
    let serving = Program::at(openssl).args(args.split(' '));
    let mut server = serving.in_folder(folder.path()).start();
    let pid = server.pid();
    let address = tests::until_within(tests::WHOLE, "it listens", || {
        assert!(server.runs(), "openssl has ended: {}", server.stderr());
        tests::kernel::listening(pid).first().copied()
    });
    let port = address.port();
    for (name, host, ca, exit_code) in [
        ("tls-unknown", "localhost", false, 1),
        ("tls-trusted", "localhost", true, 0),
        ("tls-other-name", "127.0.0.1", true, 1),
    ] {
        let transcript = new(name);
        transcript.port(port, 8443);
        let url = |port: u16| format!("https://{host}:{port}/page.txt");
        let more = if ca { &["--ca", "cert.pem"][..] } else { &[] };
        let asking = program("http-with-library").args([url(port)]).args(more);
        let shown = format!("{LIBRARY} -- {} {}", url(8443), more.join(" "));
        let asking = asking.in_folder(folder.path());
        transcript.of_one(shown.trim_end(), asking, exit_code);
    }
}
