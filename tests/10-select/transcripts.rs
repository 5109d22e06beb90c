//! The pictures of chapter 10.

use nix::sys::signal::Signal;
use tests::{ANSWER, Program, Terminal, Transcript, peer, root, tool};

use crate::client;
#[cfg(target_os = "linux")]
use crate::own_faults::with_1024_descriptors;

const SELECT: &str = "cargo run -p select";

fn picture(name: &str) -> Transcript {
    Transcript::new("10-select", name)
}

/// Waits for this line longer than for others, and records it.
fn prints_late(terminal: &mut Terminal, text: &str) {
    tests::until_within(2 * ANSWER, text, || {
        let printed = String::from_utf8_lossy(&terminal.program().printed()).into_owned();
        printed.contains(text).then_some(())
    });
    terminal.prints(text);
}

#[test]
fn the_run_with_the_practice_servers() {
    let transcript = picture("practice");
    let mut terminal = transcript.start("", SELECT, Program::of("select"));
    terminal.prints("second: Hello");
    terminal.types("hello");
    terminal.prints("first: ");
    terminal.prints("second: You said");
    prints_late(&mut terminal, "5 seconds elapsed");
    terminal.presses_ctrl_d();
    terminal.prints("[the keyboard has ended]");
    terminal.presses_ctrl_c();
    terminal.ends(0);
    transcript.check();
}

#[test]
fn the_run_with_the_servers_of_lessons_06_and_07() {
    let transcript = picture("two-servers");
    let start = |label: &str, name: &str, port| {
        let program = Program::of(name).args(["127.0.0.1:0"]);
        let mut server =
            transcript.start(label, &format!("cargo run -p {name}"), program);
        let address = server.listens(port);
        server.prints("try: ");
        (server, address)
    };
    let (mut seven, first) = start("07", "threaded-server", 9999);
    let (mut six, second) = start("06", "forever-loop", 8888);
    let shown = format!("{SELECT} -- 127.0.0.1:9999 --second 127.0.0.1:8888");
    let program = client("select", first).args(["--second", &second.to_string()]);
    let mut select = transcript.start("select", &shown, program);
    select.prints("first: Welcome!");
    seven.prints("has come");
    six.prints("is served");
    // Which of the two answers first is chance. In the picture it is the first one.
    six.program().signal(Signal::SIGSTOP);
    select.types("Sarah");
    select.prints("Hello, Sarah!");
    six.program().signal(Signal::SIGCONT);
    select.prints("OK... Sarah");
    seven.presses_ctrl_c();
    select.prints("[first has ended]");
    seven.ends(0);
    select.types("Tracy");
    select.prints("second: OK... Tracy");
    six.presses_ctrl_c();
    select.prints("[second has ended]");
    six.ends(0);
    select.ends(0);
    transcript.check();
}

#[cfg(target_os = "linux")]
#[test]
fn the_run_of_the_three_sets() {
    let transcript = picture("ready");
    transcript.mask(r"\d+ of 10000000", "4256395 of 10000000");
    let shown = "cargo run -p select --bin ready";
    transcript.of_one(shown, Program::of("ready"), 0);
}

#[test]
fn the_run_of_poll_with_a_pipe() {
    let transcript = picture("poll");
    // The pipe of the test is the pipe of the picture.
    let shown = "(sleep 1; echo hello) | cargo run -p select --bin poll -- --timeout 1.2";
    let mut terminal =
        transcript.start("", shown, Program::of("poll").args(["--timeout", "1.2"]));
    terminal.prints("second: Hello");
    terminal.program().types("hello\n");
    terminal.prints("first: ");
    terminal.closes_keyboard();
    terminal.prints("[the keyboard has ended]");
    terminal.prints("1.2 seconds elapsed");
    terminal.presses_ctrl_c();
    terminal.ends(0);
    transcript.check();
}

#[test]
fn the_run_of_a_program_that_reads_through_a_buffer() {
    let python = tool!("python3");
    let transcript = picture("buffered");
    // With the pipe of the test in place of the shell's.
    let shown = "(printf 'one\\ntwo\\n'; sleep 9) | python3 tests/10-select/buffered.py";
    let program = Program::at(python).args(["tests/10-select/buffered.py"]);
    let mut terminal = transcript.start("", shown, program.in_folder(root()));
    terminal.program().types("one\ntwo\n");
    terminal.ends(0);
    transcript.check();
}

#[test]
fn the_run_where_nobody_listens() {
    let transcript = picture("refused");
    let address = peer::dead_port();
    transcript.port(address.port(), 9999);
    let program = client("select", address).args(["--second", "127.0.0.1:8888"]);
    let shown = format!("{SELECT} -- 127.0.0.1:9999 --second 127.0.0.1:8888");
    transcript.of_one(&shown, program, 1);
}

#[test]
fn the_run_with_a_wrong_argument() {
    let shown = format!("{SELECT} -- --second nonsense");
    let program = Program::of("select").args(["--second", "nonsense"]);
    picture("wrong-argument").of_one(&shown, program, 2);
}

#[test]
fn the_run_where_a_peer_resets() {
    let transcript = picture("reset");
    let (first, first_address) = peer::listener();
    let (second, second_address) = peer::listener();
    transcript.port(first_address.port(), 9999);
    transcript.port(second_address.port(), 8888);
    let program =
        client("select", first_address).args(["--second", &second_address.to_string()]);
    let shown = format!("{SELECT} -- 127.0.0.1:9999 --second 127.0.0.1:8888");
    let mut terminal = transcript.start("", &shown, program);
    let (first, _) = first.accept().expect("a client");
    let (second, _) = second.accept().expect("a client");
    terminal.prints("Ctrl+C ends");
    peer::reset(first);
    terminal.prints("[first is lost");
    terminal.presses_ctrl_c();
    terminal.ends(0);
    drop(second);
    transcript.check();
}

#[cfg(target_os = "linux")]
#[test]
fn the_run_with_more_than_1024_descriptors() {
    let python = tool!("python3");
    let transcript = picture("fd-setsize");
    transcript.mask("descriptor 10[23][0-9]", "descriptor 1030");
    let program = with_1024_descriptors(Program::of("select"), python);
    let shown = "python3 tests/10-select/many.py target/debug/select";
    let select = transcript.start("", shown, program);
    select.ends(1);
    let shown = "python3 tests/10-select/many.py target/debug/poll --timeout 0.5";
    let program = Program::of("poll").args(["--timeout", "0.5"]);
    let program = with_1024_descriptors(program, tool!("python3"));
    let mut poll = transcript.start("", shown, program);
    poll.prints("second: Hello");
    poll.prints("0.5 seconds elapsed");
    poll.presses_ctrl_c();
    poll.ends(0);
    transcript.check();
}
