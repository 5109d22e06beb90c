//! Lesson 10: the keyboard and two sockets in one wait, with select and with poll; and the
//! three sets.

#[cfg(unix)]
mod facts;
#[cfg(unix)]
mod own_faults;
#[cfg(unix)]
mod peers;
#[cfg(unix)]
mod transcripts;

use std::net::TcpStream;
use std::time::{Duration, Instant};

use tests::{ANSWER, Program, Running, peer};

/// The two programs that do the same by different calls.
const BOTH: [&str; 2] = ["select", "poll"];

/// The same test for both, at the same time: for tests that mostly wait.
fn for_both(test: impl Fn(&str) + Sync) {
    std::thread::scope(|scope| {
        for name in BOTH {
            let test = &test;
            scope.spawn(move || test(name));
        }
    });
}

/// A program that talks to two peers of ours.
struct Talk {
    running: Running,
    first: TcpStream,
    second: TcpStream,
}

impl Talk {
    fn start(name: &str) -> Self {
        Self::with(name, |program| program)
    }

    /// As `start`, with a change to the program before it starts.
    fn with(name: &str, change: impl FnOnce(Program) -> Program) -> Self {
        let (listeners, program) = program_for(name);
        let mut running = change(program).start();
        let [first, second] = listeners.map(|listener| {
            let (stream, _) = listener.accept().expect("the program comes");
            peer::with_deadlines(stream)
        });
        running.line("Ctrl+C ends");
        Self {
            running,
            first,
            second,
        }
    }
}

/// Two listeners, and a program that is to connect to them.
fn program_for(name: &str) -> ([std::net::TcpListener; 2], Program) {
    let (first, first_address) = peer::listener();
    let (second, second_address) = peer::listener();
    let second_address = second_address.to_string();
    let program = client(name, first_address).args(["--second", &second_address]);
    ([first, second], program)
}

/// A program that has not started yet, for a first peer at this address.
fn client(name: &str, address: impl ToString) -> Program {
    Program::of(name).args([address.to_string()])
}

/// Runs a program through the shell with this redirection of its standard input.
fn redirected(program: Program, redirection: &str) -> Program {
    let script = format!("exec \"$0\" \"$@\" {redirection}");
    program.through("/bin/sh", ["-c".to_string(), script])
}

#[test]
fn five_seconds_in_which_nothing_happens_print_5_seconds_elapsed() {
    // Both at once, so that the test takes as long as one.
    let started = Instant::now();
    let mut talks = BOTH.map(Talk::start);
    for talk in &mut talks {
        // The longest that a line is waited for is as long as this timeout.
        tests::until_within(2 * ANSWER, "5 seconds", || {
            let printed = String::from_utf8_lossy(&talk.running.printed()).into_owned();
            printed.contains("\n5 seconds elapsed\n").then_some(())
        });
    }
    assert!(started.elapsed() >= Duration::from_secs(5));
}

#[test]
fn the_keyboard_and_both_sockets_are_heard_in_any_order() {
    for name in BOTH {
        let mut talk = Talk::start(name);
        peer::write(&mut talk.second, "I am the second\n");
        talk.running.line("second: I am the second");
        talk.running.types("hello\n");
        assert_eq!(peer::read_line(&mut talk.second), "hello\n");
        assert_eq!(peer::read_line(&mut talk.first), "hello\n");
        peer::write(&mut talk.first, "I am the first\r\n");
        talk.running.line("first: I am the first");
        peer::write(&mut talk.first, "one\n");
        peer::write(&mut talk.second, "two\nthree\n");
        talk.running.types("bye\n");
        assert_eq!(peer::read_line(&mut talk.first), "bye\n");
        assert_eq!(peer::read_line(&mut talk.second), "bye\n");
        tests::until("all three lines", || {
            let printed = String::from_utf8_lossy(&talk.running.printed()).into_owned();
            let all = ["first: one\n", "second: two\n", "second: three\n"];
            all.iter().all(|line| printed.contains(line)).then_some(())
        });
    }
}

#[cfg(target_os = "linux")]
#[test]
fn an_error_is_told_also_where_a_write_meets_it() {
    for_both(own_faults::lost_in_a_write);
}

#[test]
fn the_timeout_can_be_given_and_counts_from_the_last_event() {
    for_both(|name| {
        let mut talk = Talk::with(name, |program| program.args(["--timeout", "0.6"]));
        talk.running.line("0.6 seconds elapsed");
        let mut last = Instant::now();
        for _ in 0..6 {
            let pause = Duration::from_millis(150); // the pace of the talk
            std::thread::sleep(pause);
            last = Instant::now();
            peer::write(&mut talk.first, "still here\n");
            talk.running.line("first: still here");
        }
        let before = talk.running.printed();
        let count = String::from_utf8_lossy(&before).matches("elapsed").count();
        talk.running.line("0.6 seconds elapsed");
        assert!(last.elapsed() >= Duration::from_millis(600), "{name}");
        // On a machine that stands still for a moment the talk may have had a hole.
        assert!(
            count <= 3,
            "{name}: {count} times in the middle of the talk"
        );
    });
}

#[cfg(unix)]
#[test]
fn it_works_with_a_pipe_a_file_an_empty_and_a_closed_standard_input() {
    let file = tempfile::NamedTempFile::new().expect("a file");
    std::fs::write(file.path(), "from a file\n").expect("written");
    let from_file = format!("< '{}'", file.path().display());
    for_both(|name| {
        for (redirection, typed) in [
            (from_file.as_str(), "from a file\n"),
            ("< /dev/null", ""),
            ("<&-", ""),
            ("0< /", ""),
            ("0> /dev/null", ""),
        ] {
            let mut talk = Talk::with(name, |program| {
                redirected(program.args(["--timeout", "0.1"]), redirection)
            });
            for stream in [&mut talk.first, &mut talk.second] {
                let came = peer::read_bytes(stream, typed.len());
                assert_eq!(came, typed.as_bytes(), "{name} {redirection}");
            }
            talk.running.line("[the keyboard ");
            // The sockets and the clock go on without the keyboard.
            talk.running.line("0.1 seconds elapsed");
            peer::write(&mut talk.second, "go on\n");
            talk.running.line("second: go on");
            talk.running.line("0.1 seconds elapsed");
        }
        let mut talk = Talk::start(name);
        talk.running.types("from a pipe\n");
        assert_eq!(peer::read_line(&mut talk.first), "from a pipe\n");
        talk.running.close_keyboard();
        talk.running.line("[the keyboard has ended]");
        peer::write(&mut talk.first, "go on\n");
        talk.running.line("first: go on");
    });
}

#[test]
fn bytes_without_an_end_of_line_are_not_lost_in_a_buffer() {
    // io::stdin() would take all of it at once, and select would see none of the rest.
    for name in BOTH {
        let mut talk = Talk::start(name);
        let long = "x".repeat(20_000);
        talk.running.types(&long);
        for stream in [&mut talk.first, &mut talk.second] {
            assert_eq!(peer::read_bytes(stream, 20_000), long.as_bytes(), "{name}");
        }
    }
}

#[cfg(target_os = "linux")]
#[test]
fn waiting_costs_no_processor_time_also_when_the_keyboard_has_ended() {
    for_both(|name| {
        let mut talk = Talk::with(name, |program| program.args(["--timeout", "0.1"]));
        talk.running.close_keyboard();
        talk.running.line("[the keyboard has ended]");
        let pid = talk.running.pid();
        let before = tests::kernel::processor_time(pid);
        for _ in 0..5 {
            talk.running.line("0.1 seconds elapsed");
        }
        let used = tests::kernel::processor_time(pid) - before;
        assert!(used < Duration::from_millis(100), "{name}: {used:?}");
        let printed = String::from_utf8_lossy(&talk.running.printed()).into_owned();
        assert_eq!(printed.matches("the keyboard").count(), 1, "{printed}");
    });
}

#[cfg(target_os = "linux")]
#[test]
fn what_is_typed_faster_than_a_peer_reads_waits_outside_and_arrives_whole() {
    const COUNT: usize = 20_000_000;
    for name in BOTH {
        let talk = Talk::start(name);
        let pid = talk.running.pid();
        let before = tests::kernel::resident_kib(pid);
        let mut streams = [talk.first, talk.second];
        let mut running = talk.running;
        std::thread::scope(|scope| {
            let typing = scope.spawn(move || {
                running.types(vec![b'x'; COUNT]);
                running
            });
            let count = |stream: &mut TcpStream| peer::read_bytes(stream, COUNT).len();
            let [first, second] = &mut streams;
            let reading = scope.spawn(move || count(second));
            assert_eq!(count(first), COUNT);
            assert_eq!(reading.join().expect("no panic"), COUNT);
            let running = typing.join().expect("no panic");
            let grown = tests::kernel::peak_kib(pid).saturating_sub(before);
            assert!(grown < 4096, "{name}: {grown} KiB");
            drop(running);
        });
    }
}

#[test]
fn a_line_without_an_end_is_printed_in_the_end_and_an_endless_one_in_pieces() {
    for name in BOTH {
        let mut talk = Talk::start(name);
        peer::write(&mut talk.first, "no end");
        drop(talk.first);
        talk.running.line("[first has ended]");
        talk.running.line("first: no end");
        peer::write(&mut talk.second, vec![b'x'; 1_000_000]);
        talk.running.line("second: xxxx");
        peer::write(&mut talk.second, "\nan end\n");
        talk.running.line("second: an end");
    }
}

#[test]
fn it_ends_when_both_peers_have_closed() {
    for name in BOTH {
        let mut talk = Talk::start(name);
        drop(talk.second);
        talk.running.line("[second has ended]");
        talk.running.types("hello\n");
        assert_eq!(peer::read_line(&mut talk.first), "hello\n");
        drop(talk.first);
        talk.running.line("[first has ended]");
        talk.running.ends_within(ANSWER).code(0);
    }
}

#[test]
fn without_an_argument_two_practice_servers_answer() {
    for_both(|name| {
        let mut running = Program::of(name).start();
        let told = "a practice server in this program listens on 127.0.0.1:";
        let first = running.line("No address given: ");
        let second = running.line("No --second given: ");
        assert!(first.contains(told) && second.contains(told));
        running.line("second: Hello. I am slow");
        running.types("hello\n");
        let answer = running.line("first: ");
        assert!(answer.contains("\"olleh\""), "{answer}");
        running.line("second: You said: hello");
    });
}

#[test]
fn help_says_what_each_program_does_with_an_example() {
    for (name, example) in [
        ("select", "example: cargo run -p select -- 127.0.0.1:9999"),
        ("poll", "example: cargo run -p select --bin poll -- 127.0"),
        ("ready", "example: cargo run -p select --bin ready"),
    ] {
        let ended = Program::of(name).args(["--help"]).run();
        ended.code(0);
        assert!(ended.stdout.contains(example), "{ended:?}");
    }
}
