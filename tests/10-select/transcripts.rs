//! The pictures of chapter 10.

use std::net::SocketAddr;
use std::thread;
use std::time::Duration;

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

/// `nc -l`: somebody who listens, and speaks when something is typed.
fn listens(
    transcript: &Transcript,
    label: &str,
    shown: u16,
) -> Option<(Terminal, SocketAddr)> {
    let nc = tests::find_tool("nc.openbsd")?;
    let program = Program::at(nc).args(["-l", "127.0.0.1", "0"]);
    let shown_line = format!("nc -l 127.0.0.1 {shown}");
    let mut terminal = transcript.start(label, &shown_line, program);
    let pid = terminal.program().pid();
    let address = tests::kernel::comes_to_listen(pid);
    transcript.port(address.port(), shown);
    Some((terminal, address))
}

/// A step between two who listen.
struct Between {
    transcript: Transcript,
    first: Terminal,
    second: Terminal,
    select: Terminal,
}

fn between(name: &str, step: u8) -> Option<Between> {
    let transcript = picture(name);
    let (first, one) = listens(&transcript, "first", 9999)?;
    let (second, two) = listens(&transcript, "second", 8888)?;
    let step = format!("select-{step}");
    let program = Program::of(&step).args([one.to_string(), two.to_string()]);
    let shown = format!("{SELECT} --bin {step}");
    let select = transcript.start("select", &shown, program);
    Some(Between {
        transcript,
        first,
        second,
        select,
    })
}

/// The second speaks first, then the first, then the second again; as far as it is heard.
fn who_is_heard(name: &str, step: u8, heard: &[&str]) {
    let Some(mut all) = between(name, step) else {
        return;
    };
    let mut rest = heard.iter();
    for words in ["I am the second", "and I the first", "the second again"] {
        match words.contains("first") {
            true => all.first.types(words),
            false => all.second.types(words),
        }
        match rest.next() {
            Some(line) if !line.is_empty() => {
                for line in line.split_inclusive('\n') {
                    all.select.prints(line);
                }
            }
            _ => thread::sleep(Duration::from_millis(300)), // so long nothing is heard
        }
    }
    all.select.presses_ctrl_c();
    all.select.ends_by_signal();
    all.transcript.check();
}

#[test]
fn the_first_step_hears_only_the_one_it_waits_for() {
    let heard = ["", "first:  and I the first\nsecond: I am the second\n", ""];
    who_is_heard("step-1", 1, &heard);
}

#[test]
fn the_second_step_hears_only_the_one_who_spoke_first() {
    who_is_heard(
        "step-2",
        2,
        &[
            "second: I am the second\n",
            "",
            "second: the second again\n",
        ],
    );
}

#[test]
fn the_third_step_hears_whoever_speaks() {
    let heard = [
        "second: I am the second\n",
        "first: and I the first\n",
        "second: the second again\n",
    ];
    who_is_heard("step-3", 3, &heard);
}

#[test]
fn the_fourth_step_passes_on_what_is_typed() {
    let Some(mut all) = between("step-4", 4) else {
        return;
    };
    all.select.types("hello, you two");
    all.first.prints("hello, you two\n");
    all.second.prints("hello, you two\n");
    all.second.types("hello yourself");
    all.select.prints("second: hello yourself\n");
    all.select.presses_ctrl_c();
    all.select.ends_by_signal();
    all.transcript.check();
}

/// How much of a processor a step uses whose keyboard is at its end.
#[cfg(target_os = "linux")]
fn at_the_end_of_the_keyboard(name: &str, step: u8) -> Option<f64> {
    let bash = tests::find_tool("bash")?;
    let transcript = picture(name);
    let (_first, one) = listens(&transcript, "first", 9999)?;
    let (_second, two) = listens(&transcript, "second", 8888)?;
    let step = format!("select-{step}");
    let binary = Program::of(&step).path();
    let line = |program: &str, rest: &str| {
        format!("TIMEFORMAT='%P%%'; time timeout 2 {program}{rest} < /dev/null")
    };
    let real = line(&binary.display().to_string(), &format!(" {one} {two}"));
    let shown = line(&format!("target/debug/{step}"), "");
    let program = Program::at(bash).args(["-c", &real]);
    let mut select = transcript.start("select", &shown, program);
    let used = select.prints("%\n");
    select.ends(124);
    transcript.check();
    used.trim_end_matches('%').parse().ok()
}

#[cfg(target_os = "linux")]
#[test]
fn what_is_at_its_end_and_asked_for_costs_a_processor() {
    let fourth = at_the_end_of_the_keyboard("step-4-end", 4);
    let fifth = at_the_end_of_the_keyboard("step-5-end", 5);
    let (Some(fourth), Some(fifth)) = (fourth, fifth) else {
        return;
    };
    // Of what a loaded machine leaves to it, the one takes all and the other nothing.
    let told = format!("in circles {fourth} %, asleep {fifth} %");
    assert!(fourth > 3.0 && fifth < fourth / 3.0, "{told}");
}

#[test]
fn the_sixth_step_notices_that_nothing_happens() {
    let Some(mut all) = between("step-6", 6) else {
        return;
    };
    prints_late(&mut all.select, "5 seconds elapsed\n");
    all.first.types("sorry, I was away");
    all.select.prints("first: sorry, I was away\n");
    all.first.presses_ctrl_d();
    all.select.presses_ctrl_c();
    all.select.ends_by_signal();
    all.transcript.check();
}

/// A step whose first peer never reads, with an endless input; whether it hears the second.
#[cfg(target_os = "linux")]
fn beside_a_deaf_peer(name: &str, step: u8, hears: bool) {
    let (Some(python3), Some(bash)) =
        (tests::find_tool("python3"), tests::find_tool("bash"))
    else {
        return;
    };
    let transcript = picture(name);
    let file = "lessons/10-select/peers/deaf.py";
    let program = std::fs::read_to_string(root().join(file)).expect("a program");
    let program = Program::at(python3).args(["-c", &program.replace("9999", "0")]);
    let mut deaf = transcript.start("first", &format!("python3 {file}"), program);
    let pid = deaf.program().pid();
    let one = tests::kernel::comes_to_listen(pid);
    let Some((mut second, two)) = listens(&transcript, "second", 8888) else {
        return;
    };
    let step = format!("select-{step}");
    let binary = Program::of(&step).path();
    let real = format!("exec {} {one} {two} < /dev/zero", binary.display());
    let shown = format!("target/debug/{step} < /dev/zero");
    let program = Program::at(bash).args(["-c", &real]);
    let mut select = transcript.start("select", &shown, program);
    deaf.prints("I do not listen\n");
    let pid = select.program().pid();
    // proc(5): the number of the call in which it sleeps. select(2) is pselect6 there.
    let sleeps_in = if hears {
        nix::libc::SYS_pselect6
    } else {
        nix::libc::SYS_sendto
    };
    tests::until(
        "the buffers of both kernels are full, and it sleeps",
        || {
            let rows = tests::kernel::tcp_sockets_on(one.port());
            let queued: usize = rows.iter().map(|row| row.receive_queue).sum();
            let call = std::fs::read_to_string(format!("/proc/{pid}/syscall")).ok()?;
            let sleeps = call.starts_with(&format!("{sleeps_in} "));
            (queued > 50_000 && sleeps).then_some(())
        },
    );
    second.types("can you hear me?");
    if hears {
        select.prints("second: can you hear me?\n");
    } else {
        thread::sleep(Duration::from_millis(1500)); // so long nothing is heard
    }
    select.presses_ctrl_c();
    select.ends_by_signal();
    transcript.check();
}

#[cfg(target_os = "linux")]
#[test]
fn the_sixth_step_is_deaf_while_a_peer_does_not_read() {
    beside_a_deaf_peer("step-6-deaf", 6, false);
}

#[cfg(target_os = "linux")]
#[test]
fn the_seventh_step_hears_the_other() {
    beside_a_deaf_peer("step-7-deaf", 7, true);
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
