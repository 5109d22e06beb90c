//! The pictures of chapter 04.

use std::fs;
use std::net::SocketAddr;

use tests::{Program, Terminal, Transcript, peer, tool};

use crate::{answering, read_request, send_recv};

const RUN: &str = "cargo run -p send-recv";

/// A run against a server of ours that is shown on port 8000.
fn picture(name: &str, address: SocketAddr, more: &[&str], exit_code: i32) {
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

/// Python's web server over the folder of the course, and nothing of it in the picture.
fn quiet_python_server() -> Option<(tests::Running, u16)> {
    let python = tests::find_tool("python3")?;
    Some(crate::peers::python_server(&python, &tests::root()))
}

#[test]
fn the_run_whose_page_is_not_there() {
    let Some((_server, port)) = quiet_python_server() else {
        return;
    };
    let transcript = Transcript::new("04-send-recv", "not-found");
    transcript.port(port, 8000);
    transcript.mask(
        r"\w{3}, \d+ \w{3} \d{4} [\d:]{8}",
        "Sat, 21 Nov 2026 12:00:00",
    );
    transcript.mask(r"SimpleHTTP/\S+ Python/\S+", "SimpleHTTP/0.6 Python/3.11");
    transcript.mask(r"Content-Length: \d+", "Content-Length: 335");
    let folder = tempfile::tempdir().expect("a folder");
    let args = ["--path", "/nothing.html", "--save", "page.html"];
    let program = send_recv(format!("127.0.0.1:{port}"))
        .args(args)
        .in_folder(folder.path());
    let shown = format!("{RUN} -- 127.0.0.1:8000 {}", args.join(" "));
    transcript.of_one(&shown, program, 1);
    assert!(crate::names_in(folder.path()).is_empty());
}

/// How a step of the ladder is typed.
fn step(number: u8) -> String {
    format!("cargo run -p send-recv --bin send-recv-{number}")
}

/// Starts a step in a terminal of its own.
fn start_step(transcript: &Transcript, number: u8, address: SocketAddr) -> Terminal {
    let program = Program::of(&format!("send-recv-{number}"));
    transcript.start("client", &step(number), program.args([address.to_string()]))
}

/// Where a program that prints no address listens, shown as 8000.
#[cfg(target_os = "linux")]
fn listens(transcript: &Transcript, server: &mut Terminal) -> SocketAddr {
    let pid = server.program().pid();
    let address = tests::kernel::comes_to_listen(pid);
    transcript.port(address.port(), 8000);
    address
}

/// You are the server, with `nc`.
#[cfg(target_os = "linux")]
fn netcat(transcript: &Transcript, options: &str) -> Option<(Terminal, SocketAddr)> {
    let netcat = tests::find_tool("nc.openbsd")?;
    let program = Program::at(netcat)
        .args(options.split(' '))
        .args(["127.0.0.1", "0"]);
    let shown = format!("nc {options} 127.0.0.1 8000");
    let mut server = transcript.start("server", &shown, program);
    let address = listens(transcript, &mut server);
    Some((server, address))
}

/// One of the lesson's servers in Python.
#[cfg(target_os = "linux")]
fn python(transcript: &Transcript, name: &str) -> Option<(Terminal, SocketAddr)> {
    let python3 = tests::find_tool("python3")?;
    let file = format!("lessons/04-send-recv/peers/{name}.py");
    let script = fs::read_to_string(tests::root().join(&file)).expect("a program");
    let program = Program::at(python3).args(["-c", &script.replace("8000", "0")]);
    let mut server = transcript.start("server", &format!("python3 {file}"), program);
    has_printed_whole_lines(&mut server); // Python may write the end of a line on its own
    server.prints("listening");
    let address = listens(transcript, &mut server);
    Some((server, address))
}

/// Waits until the request stands in the server's terminal.
fn has_the_request(server: &mut Terminal) {
    server.prints("Connection: close");
    server.prints(""); // the blank line
}

#[cfg(target_os = "linux")]
#[test]
fn one_recv_brings_what_has_come_so_far() {
    let transcript = Transcript::new("04-send-recv", "step-1-by-hand");
    let Some((mut server, address)) = netcat(&transcript, "-l") else {
        return;
    };
    let client = start_step(&transcript, 1, address);
    has_the_request(&mut server);
    server.types("HTTP/1.0 200 OK");
    client.ends(0);
    server.ends(0);
    transcript.check();
}

#[cfg(target_os = "linux")]
#[test]
fn recv_until_0_brings_all_that_is_typed() {
    let transcript = Transcript::new("04-send-recv", "step-2-by-hand");
    let Some((mut server, address)) = netcat(&transcript, "-C -N -l") else {
        return;
    };
    let mut client = start_step(&transcript, 2, address);
    has_the_request(&mut server);
    server.types("HTTP/1.0 200 OK");
    client.prints("HTTP/1.0 200 OK");
    server.types("");
    client.prints("");
    server.types("Hello by hand!");
    client.prints("Hello by hand!");
    server.presses_ctrl_d();
    client.ends(0);
    server.ends(0);
    transcript.check();
}

#[cfg(target_os = "linux")]
#[test]
fn a_letter_in_two_pieces_is_destroyed_by_the_second_step_and_not_by_the_third() {
    for (number, name, shown) in [
        (2, "step-2-two-halves", "caf\u{fffd}\u{fffd} "),
        (3, "step-3-two-halves", "café "),
    ] {
        let transcript = Transcript::new("04-send-recv", name);
        let Some((server, address)) = python(&transcript, "two_halves") else {
            return;
        };
        let mut client = start_step(&transcript, number, address);
        client.prints(shown);
        client.ends(0);
        server.ends(0);
        transcript.check();
    }
}

/// Saves Python's answer with `>`, and looks at it.
#[cfg(unix)]
fn saves(number: u8, name: &str, look: &str, printed: &str) {
    let Some((_server, port)) = quiet_python_server() else {
        return;
    };
    let bash = tool!("bash");
    let transcript = Transcript::new("04-send-recv", name);
    transcript.mask(
        r"\w{3}, \d+ \w{3} \d{4} [\d:]{8}",
        "Sat, 21 Nov 2026 12:00:00",
    );
    transcript.mask(r"SimpleHTTP/\S+ Python/\S+", "SimpleHTTP/0.6 Python/3.11");
    let folder = tempfile::tempdir().expect("a folder");
    let licence = tests::root().join("LICENSE-MIT");
    fs::copy(licence, folder.path().join("LICENSE-MIT")).expect("copied");
    let program = Program::of(&format!("send-recv-{number}"))
        .args([format!("127.0.0.1:{port}")])
        .through(&bash, ["-c", "\"$0\" \"$@\" > copy"])
        .in_folder(folder.path());
    let client = transcript.start("", &format!("{} > copy", step(number)), program);
    client.ends(0);
    let program = Program::at(bash)
        .args(["-c", look])
        .in_folder(folder.path());
    let mut client = transcript.start("", look, program);
    client.prints(printed);
    client.ends(0);
    transcript.check();
}

#[cfg(unix)]
#[test]
fn the_second_step_saves_a_page_with_the_header_in_it() {
    saves(2, "step-2-saved", "head -1 copy", "HTTP/1.0 200 OK");
}

#[cfg(unix)]
#[test]
fn the_third_step_saves_the_page() {
    let look = "cmp copy LICENSE-MIT && echo the same";
    saves(3, "step-3-saved", look, "the same");
}

#[cfg(target_os = "linux")]
#[test]
fn a_server_that_dies_is_noticed_by_the_fourth_step_and_not_by_the_third() {
    let bash = tool!("bash");
    for (number, name, exit_code) in [(3, "step-3-dies", 0), (4, "step-4-dies", 1)] {
        let transcript = Transcript::new("04-send-recv", name);
        let Some((server, address)) = python(&transcript, "dies") else {
            return;
        };
        let folder = tempfile::tempdir().expect("a folder");
        let program = Program::of(&format!("send-recv-{number}"))
            .args([address.to_string()])
            .through(&bash, ["-c", "\"$0\" \"$@\" > copy && echo saved"])
            .in_folder(folder.path());
        let shown = format!("{} > copy && echo saved", step(number));
        let client = transcript.start("client", &shown, program);
        client.ends(exit_code);
        server.ends(0);
        transcript.check();
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_silent_server_holds_the_fourth_step_until_you_give_up() {
    let transcript = Transcript::new("04-send-recv", "step-4-silent");
    let Some((mut server, address)) = netcat(&transcript, "-C -N -l") else {
        return;
    };
    let mut client = start_step(&transcript, 4, address);
    has_the_request(&mut server);
    client.presses_ctrl_c();
    client.ends_by_signal();
    server.ends(0);
    transcript.check();
}

#[cfg(target_os = "linux")]
#[test]
fn silence_comes_to_an_end_in_the_fifth_step() {
    let transcript = Transcript::new("04-send-recv", "step-5-silent");
    let Some((mut server, address)) = netcat(&transcript, "-C -N -l") else {
        return;
    };
    let start = std::time::Instant::now();
    let client = start_step(&transcript, 5, address);
    has_the_request(&mut server);
    client.ends(1);
    assert!(start.elapsed().as_secs() >= 5, "{:?}", start.elapsed());
    server.ends(0);
    transcript.check();
}

/// Stops a step that waits in recv, and lets it go on, as Ctrl+Z and fg do.
#[cfg(target_os = "linux")]
fn stops_and_goes_on(transcript: &Transcript, number: u8, client: &mut Terminal) {
    let bash = tests::find_tool("bash").expect("a shell");
    let pid = client.program().pid();
    tests::until("it waits in recv", || {
        let calls = fs::read_to_string(format!("/proc/{pid}/syscall")).ok()?;
        let number = format!("{} ", nix::libc::SYS_recvfrom);
        calls.starts_with(&number).then_some(())
    });
    let line = |pid: &str| format!("kill -STOP {pid}; sleep 0.5; kill -CONT {pid}");
    let shown = line(&format!("$(pidof send-recv-{number})"));
    let program = Program::at(bash).args(["-c", &line(&pid.to_string())]);
    transcript.start("third", &shown, program).ends(0);
}

#[cfg(target_os = "linux")]
#[test]
fn an_interruption_ends_the_fifth_step() {
    let transcript = Transcript::new("04-send-recv", "step-5-interrupted");
    let Some((mut server, address)) = netcat(&transcript, "-C -N -l") else {
        return;
    };
    let mut client = start_step(&transcript, 5, address);
    has_the_request(&mut server);
    stops_and_goes_on(&transcript, 5, &mut client);
    client.ends(1);
    server.ends(0);
    transcript.check();
}

#[cfg(target_os = "linux")]
#[test]
fn the_sixth_step_bears_an_interruption() {
    let transcript = Transcript::new("04-send-recv", "step-6-interrupted");
    let Some((mut server, address)) = netcat(&transcript, "-C -N -l") else {
        return;
    };
    let mut client = start_step(&transcript, 6, address);
    has_the_request(&mut server);
    stops_and_goes_on(&transcript, 6, &mut client);
    server.types("HTTP/1.0 200 OK");
    server.types("");
    server.types("Good morning!");
    server.presses_ctrl_d();
    client.prints("Good morning!");
    client.ends(0);
    server.ends(0);
    transcript.check();
}

/// Each waits for the other: the server for our end, we for its answer.
#[cfg(target_os = "linux")]
#[test]
fn without_a_half_close_a_server_that_reads_to_the_end_never_answers() {
    let transcript = Transcript::new("04-send-recv", "step-6-until-end");
    let Some((server, address)) = python(&transcript, "until_end") else {
        return;
    };
    start_step(&transcript, 6, address).ends(1);
    server.ends(0);
    transcript.check();
}

#[cfg(target_os = "linux")]
#[test]
fn one_send_takes_a_part_and_no_more_than_that_part_arrives() {
    let transcript = Transcript::new("04-send-recv", "short-send");
    // How much a kernel takes differs from run to run.
    transcript.mask(r"\b[1-9]\d{5,6}\b", "3919467");
    let Some((mut server, address)) = python(&transcript, "sleeps") else {
        return;
    };
    let program = Program::example("send-recv", "short-send").args([address.to_string()]);
    let shown = "cargo run -p send-recv --example short-send";
    let mut client = transcript.start("client", shown, program);
    let took = client.prints("send took ");
    client.ends(0);
    let all = tests::until("all has come", || {
        let printed = server.program().printed();
        let printed = String::from_utf8_lossy(&printed).into_owned();
        printed.ends_with(" bytes came\n").then_some(printed)
    });
    let came = all.lines().last().unwrap_or_default();
    server.ends(0);
    let count = |line: &str| -> Option<u32> {
        line.split(' ').find_map(|word| word.parse().ok())
    };
    assert!(count(&took) < Some(10_000_000), "{took}");
    assert_eq!(count(&took), count(came), "nothing is lost on the way");
    transcript.check();
}
