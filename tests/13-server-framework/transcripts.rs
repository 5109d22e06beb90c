//! The runs of chapter 13. Ctrl+C is Unix, and so are nc and telnet as shown here.
#![cfg(unix)]

use std::net::SocketAddr;
use std::path::Path;

use tests::{Program, Terminal, Transcript, peer, tool};

const HELLO: &str = "cargo run -p server-framework";
const ECHO: &str = "cargo run -p server-framework --bin framework-echo";
const UDP_ECHO: &str = "cargo run -p server-framework --bin framework-udp-echo";

fn transcript(name: &str) -> Transcript {
    Transcript::new("13-server-framework", name)
}

/// A server in a terminal of its own, on a port that the kernel chose, shown as its own.
fn server(
    transcript: &Transcript,
    (name, shown, port): (&str, &str, u16),
    options: &[&str],
) -> (Terminal, SocketAddr) {
    let shown = [shown, if options.is_empty() { "" } else { " -- " }].concat();
    let shown = shown + &options.join(" ");
    let all = ["127.0.0.1:0"].iter().chain(options);
    let program = Program::of(name).args(all);
    listens(transcript.start("server", &shown, program), port)
}

fn listens(mut server: Terminal, port: u16) -> (Terminal, SocketAddr) {
    let address = server.listens(port);
    server.prints("try: nc");
    (server, address)
}

fn echo(transcript: &Transcript, options: &[&str]) -> (Terminal, SocketAddr) {
    server(transcript, ("framework-echo", ECHO, 9001), options)
}

/// nc in a terminal of its own.
fn nc(
    transcript: &Transcript,
    label: &str,
    nc: &Path,
    port: u16,
    address: SocketAddr,
) -> Terminal {
    let program = Program::at(nc).args(["127.0.0.1", &address.port().to_string()]);
    transcript.start(label, &format!("nc 127.0.0.1 {port}"), program)
}

fn says(client: &mut Terminal, line: &str) {
    client.types(line);
    client.prints(line);
}

/// A step of a ladder in a terminal of its own.
fn step(transcript: &Transcript, number: u8) -> (Terminal, SocketAddr) {
    let name = format!("server-framework-{number}");
    let program = Program::of(&name).args(["127.0.0.1:0"]);
    let shown = format!("{HELLO} --bin {name}");
    let mut server = transcript.start("server", &shown, program);
    let address = server.listens(2525);
    (server, address)
}

/// A client of a step: its first word comes back.
fn comes(
    transcript: &Transcript,
    server: &mut Terminal,
    label: &str,
    path: &Path,
    address: SocketAddr,
) -> Terminal {
    let mut client = nc(transcript, label, path, 2525, address);
    server.prints(" here\n");
    says(&mut client, &format!("I am {label}"));
    client
}

/// One of the lesson's programs in Python; its port 2525 is another one here.
fn peer_in_python(python3: &Path, name: &str, address: SocketAddr) -> (String, Program) {
    let file = format!("lessons/13-server-framework/peers/{name}.py");
    let program = std::fs::read_to_string(tests::root().join(&file)).expect("a program");
    let program = program.replace("2525", &address.port().to_string());
    let shown = format!("python3 {file}");
    (shown, Program::at(python3).args(["-u", "-c", &program]))
}

#[test]
fn in_the_first_step_a_function_is_a_server() {
    let telnet = tool!("telnet");
    let transcript = transcript("step-1");
    let (mut server, address) = step(&transcript, 1);
    for label in ["one", "two"] {
        let port = address.port().to_string();
        let program = Program::at(&telnet).args(["127.0.0.1", &port]);
        let client = transcript.start(label, "telnet 127.0.0.1 2525", program);
        client.ends(0);
    }
    server.presses_ctrl_c();
    server.ends_by_signal();
    transcript.check();
}

#[test]
fn in_the_second_step_the_second_client_waits() {
    let path = tool!("nc.openbsd");
    let transcript = transcript("step-2-two-clients");
    let (mut server, address) = step(&transcript, 2);
    let mut one = comes(&transcript, &mut server, "one", &path, address);
    let mut two = nc(&transcript, "two", &path, 2525, address);
    two.types("I am two");
    says(&mut one, "I am still here");
    assert_eq!(two.program().printed(), b"", "not a word");
    one.presses_ctrl_c();
    one.ends_by_signal();
    server.prints("0 here\n");
    server.prints("1 here\n");
    two.prints("I am two\n");
    transcript.check();
}

/// A client that is reset, and then one more.
fn after_a_reset(number: u8, transcript: Transcript) {
    let tools = (tests::find_tool("python3"), tests::find_tool("nc.openbsd"));
    let (Some(python3), Some(path)) = tools else {
        return;
    };
    let (mut server, address) = step(&transcript, number);
    let (shown, program) = peer_in_python(&python3, "reset", address);
    let peer = transcript.start("one", &shown, program);
    server.prints("1 here\n");
    peer.ends(0);
    server.prints("is lost: Connection reset by peer");
    let _two = comes(&transcript, &mut server, "two", &path, address);
    transcript.check();
}

#[test]
fn the_third_step_counts_one_who_was_reset_for_ever() {
    after_a_reset(3, transcript("step-3-reset"));
}

#[test]
fn the_fourth_step_takes_one_who_was_reset_off() {
    after_a_reset(4, transcript("step-4-reset"));
}

/// A hundred silent clients, and the threads that a step has for them.
#[cfg(target_os = "linux")]
fn threads_for_a_hundred(number: u8, transcript: Transcript) -> Option<String> {
    let (python3, bash) = (tests::find_tool("python3")?, tests::find_tool("bash")?);
    let name = format!("server-framework-{number}");
    let folder = tempfile::tempdir().expect("a folder");
    let log = folder.path().join("log");
    let program = Program::of(&name).args(["127.0.0.1:0"]);
    let program = program
        .through(bash, ["-c", "exec \"$@\" > \"$LOG\"", "bash"])
        .env("LOG", &log.to_string_lossy());
    let shown = format!("{HELLO} --bin {name} > /dev/null");
    let mut server = transcript.start("server", &shown, program);
    let address: SocketAddr = tests::until("it listens", || {
        let log = std::fs::read_to_string(&log).ok()?;
        let line = log.lines().next()?;
        line.strip_prefix("Listening on ")?.parse().ok()
    });
    let (shown, program) = peer_in_python(&python3, "crowd", address);
    let mut crowd = transcript.start("crowd", &shown, program);
    crowd.prints("Press Enter.\n");
    let pid = server.program().pid();
    if number == 4 {
        tests::until("each has a thread", || {
            (tests::kernel::threads(pid) > 100).then_some(())
        });
    }
    let shown = format!("ls /proc/$(pidof {name})/task | wc -l");
    let count = ["-c".to_string(), format!("ls /proc/{pid}/task | wc -l")];
    let mut count = transcript.start("three", &shown, Program::at("/bin/sh").args(count));
    let threads = count.prints("\n");
    count.ends(0);
    crowd.types("");
    crowd.ends(0);
    transcript.check();
    Some(threads.trim().to_string())
}

#[cfg(target_os = "linux")]
#[test]
fn a_hundred_silent_clients_cost_the_fourth_step_a_hundred_threads_and_the_fifth_none() {
    let (fourth, fifth) = (
        threads_for_a_hundred(4, transcript("step-4-crowd")),
        threads_for_a_hundred(5, transcript("step-5-crowd")),
    );
    if let (Some(fourth), Some(fifth)) = (fourth, fifth) {
        assert_eq!((fourth.as_str(), fifth.as_str()), ("101", "3"));
    }
}

/// The mistake that makes a pool of one out of a pool of two.
///
/// Claim: A pool of N threads serves N clients.
#[test]
fn the_fifth_step_has_two_workers_and_serves_one() {
    let path = tool!("nc.openbsd");
    let transcript = transcript("step-5-two-clients");
    let (mut server, address) = step(&transcript, 5);
    let mut one = comes(&transcript, &mut server, "one", &path, address);
    let mut two = nc(&transcript, "two", &path, 2525, address);
    two.types("I am two");
    for line in ["I am still here", "and here"] {
        says(&mut one, line);
        assert_eq!(two.program().printed(), b"", "not a word");
    }
    one.presses_ctrl_c();
    one.ends_by_signal();
    server.prints("0 here\n");
    server.prints("1 here\n");
    two.prints("I am two\n");
    transcript.check();
}

#[test]
fn the_sixth_step_has_two_workers_and_serves_two() {
    let path = tool!("nc.openbsd");
    let transcript = transcript("step-6-two-clients");
    let (mut server, address) = step(&transcript, 6);
    let mut one = comes(&transcript, &mut server, "one", &path, address);
    let _two = comes(&transcript, &mut server, "two", &path, address);
    says(&mut one, "I am still here");
    transcript.check();
}

/// A step to whose workers the kernel lies: every second recv of each returns 5000. So it
/// does not matter which of them takes a client: each reads once, and then panics.
#[cfg(target_os = "linux")]
fn with_a_lie(transcript: &Transcript, number: u8) -> Option<(Terminal, SocketAddr)> {
    let strace = tests::find_tool("strace")?;
    // The number is the kernel's number of the thread.
    transcript.mask(r"^(thread '.*') \(\d+\)", "$1 (24972)");
    let name = format!("server-framework-{number}");
    let program = Program::of(&name).args(["127.0.0.1:0"]);
    let options = ["-D", "-f", "-qq", "-o", "/dev/null", "-e", LIE];
    let program = program.through(strace, options).env("RUST_BACKTRACE", "0");
    let shown = format!("strace -f -o /dev/null -e {LIE} target/debug/{name}");
    let mut server = transcript.start("server", &shown, program);
    let address = server.listens(2525);
    Some((server, address))
}

#[cfg(target_os = "linux")]
const LIE: &str = "inject=recvfrom:retval=5000:when=2+2";

/// A client whose handler panics, as the server prints it, and who sees the end.
#[cfg(target_os = "linux")]
fn panics(
    transcript: &Transcript,
    server: &mut Terminal,
    label: &str,
    (telnet, address): (&Path, SocketAddr),
) {
    let program = Program::at(telnet).args(["127.0.0.1", &address.port().to_string()]);
    let mut client = transcript.start(label, "telnet 127.0.0.1 2525", program);
    server.prints(" here\n");
    client.prints("Escape character");
    client.types("hello");
    server.prints("of length 4096\n");
    if label == "one" {
        server.prints("note: "); // once in a program
    }
    client.prints("Connection closed by foreign host.");
    client.ends(0);
}

#[cfg(target_os = "linux")]
#[test]
fn two_panics_cost_the_sixth_step_both_workers_and_a_third_client_ends_it() {
    let telnet = tool!("telnet");
    let transcript = transcript("step-6-panic");
    let Some((mut server, address)) = with_a_lie(&transcript, 6) else {
        return;
    };
    for label in ["one", "two"] {
        panics(&transcript, &mut server, label, (&telnet, address));
    }
    // The last worker has let go of the queue.
    let pid = server.program().pid();
    tests::until("both workers have ended", || {
        (tests::kernel::threads(pid) == 1).then_some(())
    });
    let port = address.port().to_string();
    let program = Program::at(&telnet).args(["127.0.0.1", &port]);
    let three = transcript.start("three", "telnet 127.0.0.1 2525", program);
    server.ends(1);
    three.ends(0);
    transcript.check();
}

#[cfg(target_os = "linux")]
#[test]
fn panics_cost_the_seventh_step_no_worker() {
    let telnet = tool!("telnet");
    let transcript = transcript("step-7-panic");
    let Some((mut server, address)) = with_a_lie(&transcript, 7) else {
        return;
    };
    for label in ["one", "two", "three"] {
        panics(&transcript, &mut server, label, (&telnet, address));
        server.prints("is lost");
    }
    transcript.check();
}

#[test]
fn the_seventh_step_calls_no_finish_at_ctrl_c() {
    let path = tool!("nc.openbsd");
    let transcript = transcript("step-7-ctrl-c");
    let (mut server, address) = step(&transcript, 7);
    let _one = comes(&transcript, &mut server, "one", &path, address);
    server.presses_ctrl_c();
    server.ends_by_signal();
    transcript.check();
}

#[test]
fn the_eighth_step_finishes_with_each_client() {
    let path = tool!("nc.openbsd");
    let transcript = transcript("step-8-ctrl-c");
    let (mut server, address) = step(&transcript, 8);
    let _one = comes(&transcript, &mut server, "one", &path, address);
    server.presses_ctrl_c();
    server.prints("0 here\n");
    server.ends(0);
    transcript.check();
}

#[test]
fn two_clients_of_the_echo_server() {
    let path = tool!("nc.openbsd");
    let transcript = transcript("echo");
    let (mut server, address) = echo(&transcript, &[]);
    let mut one = nc(&transcript, "one", &path, 9001, address);
    server.prints("has come");
    says(&mut one, "hello");
    let mut two = nc(&transcript, "two", &path, 9001, address);
    server.prints("has come");
    says(&mut two, "me, too");
    says(&mut one, "still here");
    server.presses_ctrl_c();
    for mut client in [one, two] {
        client.presses_ctrl_d();
        client.ends(0);
    }
    // Not shown to its end: the order of "has left" is a matter of chance.
    let ended = server.program().line("has left");
    assert!(ended.starts_with("127.0.0.1:"), "{ended}");
    transcript.check();
}

#[test]
fn a_pool_whose_workers_wait_for_idle_clients() {
    let path = tool!("nc.openbsd");
    let transcript = transcript("pool");
    let (mut server, address) = echo(&transcript, &["--pool", "2"]);
    let mut one = nc(&transcript, "one", &path, 9001, address);
    server.prints("has come");
    says(&mut one, "I am one");
    let _two = nc(&transcript, "two", &path, 9001, address);
    server.prints("has come");
    let mut three = nc(&transcript, "three", &path, 9001, address);
    three.types("is anybody there?");
    says(&mut one, "I am still here");
    one.presses_ctrl_c();
    server.prints("has left");
    server.prints("has come");
    three.prints("is anybody there?");
    transcript.check();
}

#[test]
fn one_by_one() {
    let path = tool!("nc.openbsd");
    let transcript = transcript("one-by-one");
    let (mut server, address) = echo(&transcript, &["--one-by-one", "--patience", "2"]);
    let mut one = nc(&transcript, "one", &path, 9001, address);
    server.prints("has come");
    let mut two = nc(&transcript, "two", &path, 9001, address);
    two.types("my turn?");
    says(&mut one, "not yet");
    server.prints("has left");
    server.prints("is lost");
    server.prints("has come");
    two.prints("my turn?");
    transcript.check();
}

#[test]
fn datagrams() {
    let path = tool!("nc.openbsd");
    let transcript = transcript("udp");
    let which = ("framework-udp-echo", UDP_ECHO, 8080);
    let (mut server, address) = server(&transcript, which, &[]);
    let program =
        Program::at(path).args(["-u", "127.0.0.1", &address.port().to_string()]);
    let mut client = transcript.start("client", "nc -u 127.0.0.1 8080", program);
    client.types("hello");
    server.prints("sent 6 bytes");
    client.prints("hello");
    server.presses_ctrl_c();
    server.ends(0);
    transcript.check();
}

#[test]
fn the_port_is_taken() {
    let (_listener, address) = peer::listener();
    let transcript = transcript("port-in-use");
    transcript.port(address.port(), 2525);
    let program = Program::of("server-framework").args([address.to_string()]);
    transcript.of_one(HELLO, program, 1);
}

#[test]
fn a_wrong_argument() {
    let args = ["--one-by-one", "--pool", "2"];
    let program = Program::of("framework-echo").args(args);
    let shown = format!("{ECHO} -- --one-by-one --pool 2");
    transcript("wrong-argument").of_one(&shown, program, 2);
}
