//! The pictures of chapter 06. Ctrl+C and the shell's `time` are Unix.
#![cfg(unix)]

use std::net::SocketAddr;
use std::path::Path;
use std::thread;
use std::time::Duration;

use tests::{Program, Terminal, Transcript, peer, tool};

const SERVER: &str = "cargo run -p forever-loop";

fn transcript(name: &str) -> Transcript {
    Transcript::new("06-forever-loop", name)
}

/// A step of the ladder in a terminal of its own, on a port that the kernel chose, shown as
/// 8888.
fn step(transcript: &Transcript, number: u8) -> (Terminal, SocketAddr) {
    let name = format!("forever-loop-{number}");
    let shown = format!("cargo run -p forever-loop --bin {name}");
    let program = Program::of(&name).args(["127.0.0.1:0"]);
    let mut server = transcript.start("server", &shown, program);
    let address = server.listens(8888);
    (server, address)
}

/// The server, the last step, with options.
fn server(transcript: &Transcript, options: &[&str]) -> (Terminal, SocketAddr) {
    let shown = [SERVER, if options.is_empty() { "" } else { " -- " }];
    let shown = shown.concat() + &options.join(" ");
    let all = ["127.0.0.1:0"].iter().chain(options);
    let program = Program::of("forever-loop").args(all);
    let mut server = transcript.start("server", &shown, program);
    let address = server.listens(8888);
    server.prints("try: nc");
    (server, address)
}

/// `nc -N`: it tells the server when the keyboard has ended.
fn nc(nc: &Path, address: SocketAddr) -> Program {
    Program::at(nc).args(["-N", "127.0.0.1", &address.port().to_string()])
}

fn telnet(telnet: &Path, address: SocketAddr) -> Program {
    Program::at(telnet).args(["127.0.0.1", &address.port().to_string()])
}

#[test]
fn a_run_with_one_client() {
    let program = tool!("nc.openbsd");
    let transcript = transcript("run");
    let (mut server, address) = server(&transcript, &[]);
    let shown = "nc -N 127.0.0.1 8888";
    let mut client = transcript.start("client", shown, nc(&program, address));
    server.prints("is served");
    for line in ["hello", "how are you?"] {
        client.types(line);
        client.prints("OK... ");
    }
    client.presses_ctrl_d();
    client.ends(0);
    server.prints("has left");
    server.presses_ctrl_c();
    server.ends(0);
    transcript.check();
}

#[test]
fn the_first_step_answers_each_line() {
    let program = tool!("nc.openbsd");
    let transcript = transcript("step-1");
    let (mut server, address) = step(&transcript, 1);
    let shown = "nc -N 127.0.0.1 8888";
    let mut client = transcript.start("client", shown, nc(&program, address));
    server.prints("is served");
    for line in ["hello", "how are you?"] {
        client.types(line);
        client.prints(&format!("OK... {line}\n"));
    }
    client.presses_ctrl_d();
    client.ends(0);
    server.prints("has left");
    server.presses_ctrl_c();
    server.ends_by_signal();
    transcript.check();
}

#[cfg(target_os = "linux")]
#[test]
fn the_second_client_waits() {
    use tests::kernel::{ESTABLISHED, tcp_sockets_on};
    let (program, bash) = (tool!("nc.openbsd"), tool!("bash"));
    let transcript = transcript("second-client");
    let (mut server, address) = step(&transcript, 1);
    let shown = "nc -N 127.0.0.1 8888";
    let mut one = transcript.start("one", shown, nc(&program, address));
    server.prints("is served");
    one.types("I am the first");
    one.prints("OK... I am the first\n");

    let timed = format!(
        "TIMEFORMAT='%R s'; time {} -N 127.0.0.1 {}",
        program.display(),
        address.port()
    );
    let shown = "TIMEFORMAT='%R s'; time nc -N 127.0.0.1 8888";
    let mut two = transcript.start("two", shown, Program::at(bash).args(["-c", &timed]));
    two.types("and I am the second");
    tests::until("the kernel keeps the second client's line", || {
        let rows = tcp_sockets_on(address.port());
        let keeps = |row: &tests::kernel::TcpRow| {
            row.state == ESTABLISHED && row.receive_queue > 0
        };
        rows.iter().any(keeps).then_some(())
    });
    thread::sleep(Duration::from_millis(1_500)); // so long the first client thinks
    one.types("still here");
    one.prints("OK... still here\n");
    one.presses_ctrl_d();
    one.ends(0);
    server.prints("has left");
    server.prints("is served");
    two.prints("OK... and I am the second\n");
    two.presses_ctrl_d();
    two.ends(0);
    server.prints("has left");
    server.presses_ctrl_c();
    server.ends_by_signal();
    transcript.check();
}

/// One of the lesson's clients in Python; its port 8888 is the server's.
fn python(python3: &Path, client: &str, address: SocketAddr) -> (String, Program) {
    let file = format!("lessons/06-forever-loop/peers/{client}.py");
    let program = std::fs::read_to_string(tests::root().join(&file)).expect("a program");
    let program = program.replace("8888", &address.port().to_string());
    let shown = format!("python3 {file}");
    (shown, Program::at(python3).args(["-c", &program]))
}

#[test]
fn one_client_that_breaks_off_ends_the_first_step_for_all() {
    let python3 = tool!("python3");
    let transcript = transcript("step-1-breaks-off");
    let (mut server, address) = step(&transcript, 1);
    let (shown, client) = python(&python3, "leaves", address);
    let client = transcript.start("client", &shown, client);
    server.prints("is served");
    client.ends(0);
    server.ends(1);
    transcript.check();
}

#[test]
fn in_the_second_step_it_ends_that_client_only() {
    let (python3, program) = (tool!("python3"), tool!("nc.openbsd"));
    let transcript = transcript("step-2-breaks-off");
    let (mut server, address) = step(&transcript, 2);
    let (shown, client) = python(&python3, "leaves", address);
    let one = transcript.start("one", &shown, client);
    server.prints("is served");
    one.ends(0);
    server.prints("is lost");
    let shown = "nc -N 127.0.0.1 8888";
    let mut two = transcript.start("two", shown, nc(&program, address));
    server.prints("is served");
    two.types("still there?");
    two.prints("OK... still there?\n");
    two.presses_ctrl_d();
    two.ends(0);
    server.prints("has left");
    server.presses_ctrl_c();
    server.ends_by_signal();
    transcript.check();
}

/// Fifty questions to a step; returns how many seconds they took.
fn fifty_questions(number: u8, name: &str) -> Option<f64> {
    let python3 = tests::find_tool("python3")?;
    let transcript = transcript(name);
    let (mut server, address) = step(&transcript, number);
    let (shown, client) = python(&python3, "fifty", address);
    let mut client = transcript.start("client", &shown, client);
    server.prints("is served");
    let took = client.prints(" s\n");
    client.ends(0);
    server.prints("has left");
    server.presses_ctrl_c();
    server.ends_by_signal();
    transcript.check();
    Some(took.trim_end_matches(" s").parse().expect("seconds"))
}

#[cfg(target_os = "linux")]
#[test]
fn three_writes_for_an_answer_cost_40_ms_each_time_and_one_write_does_not() {
    let (Some(three), Some(one)) = (
        fifty_questions(2, "step-2-fifty"),
        fifty_questions(3, "step-3-fifty"),
    ) else {
        return;
    };
    assert!(three > 1.5, "three writes: {three} s");
    assert!(one < 0.5, "one write: {one} s");
}

#[cfg(target_os = "linux")]
#[test]
fn an_endless_line_fills_the_memory_of_the_third_step() {
    let (program, bash) = (tool!("nc.openbsd"), tool!("bash"));
    let transcript = transcript("step-3-endless-line");
    let (mut server, address) = step(&transcript, 3);
    let pid = server.program().pid();
    let pipe = |nc: &str, port: u16| {
        format!("head -c 100000000 /dev/zero | {nc} -N 127.0.0.1 {port} | wc -c")
    };
    let real = pipe(&program.display().to_string(), address.port());
    let client = Program::at(&bash).args(["-c", &real]);
    let mut client = transcript.start("client", &pipe("nc", 8888), client);
    client.prints("100000007\n");
    client.ends(0);
    server.prints("has left");
    let shown = "grep VmHWM /proc/$(pidof forever-loop-3)/status";
    let look = Program::at(bash).args(["-c", &format!("grep VmHWM /proc/{pid}/status")]);
    let mut look = transcript.start("client", shown, look);
    let peak = look.prints("kB\n");
    look.ends(0);
    let kib = peak
        .split_whitespace()
        .nth(1)
        .and_then(|word| word.parse().ok());
    assert!(kib > Some(190_000), "the line, and the answer: {peak}");
    server.presses_ctrl_c();
    server.ends_by_signal();
    transcript.check();
}

/// Two clients, one served and one in the queue, and Ctrl+C: what the second one sees.
fn ctrl_c_to_a_step(number: u8, name: &str) {
    let (Some(telnet_path), Some(python3)) =
        (tests::find_tool("telnet"), tests::find_tool("python3"))
    else {
        return;
    };
    let transcript = transcript(name);
    let (mut server, address) = step(&transcript, number);
    let shown = "telnet 127.0.0.1 8888";
    let mut one = transcript.start("one", shown, telnet(&telnet_path, address));
    one.prints("Escape character");
    server.prints("is served");
    one.types("hello");
    one.prints("OK... hello");
    let (shown, client) = python(&python3, "waits", address);
    let mut two = transcript.start("two", &shown, client);
    two.prints("asked\n");
    server.presses_ctrl_c();
    one.prints("Connection closed by foreign host.\n");
    one.ends(0);
    two.prints("[Errno 104] Connection reset by peer\n");
    two.ends(0);
    match number {
        4 => server.ends_by_signal(),
        _ => server.ends(0),
    }
    transcript.check();
}

#[cfg(target_os = "linux")]
#[test]
fn ctrl_c_resets_the_queue_of_the_fourth_step() {
    ctrl_c_to_a_step(4, "step-4-ctrl-c");
}

/// How often the thread on which ctrlc runs the handler has gone to sleep.
#[cfg(target_os = "linux")]
fn sleeps_of_the_handler(pid: u32) -> Option<u64> {
    let tasks = std::fs::read_dir(format!("/proc/{pid}/task")).ok()?;
    let read =
        |path: std::path::PathBuf| std::fs::read_to_string(path).unwrap_or_default();
    let mut folders = tasks.flatten().map(|task| task.path());
    let ctrlc = folders.find(|task| read(task.join("comm")).trim() == "ctrl-c")?;
    let status = read(ctrlc.join("status"));
    let line = status.lines().find(|line| line.starts_with("voluntary"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}

#[cfg(target_os = "linux")]
#[test]
fn ctrl_c_does_not_wake_the_fifth_step() {
    let program = tool!("telnet");
    let transcript = transcript("step-5-ctrl-c");
    let (mut server, address) = step(&transcript, 5);
    let pid = server.program().pid();
    let before = tests::until("the handler's thread sleeps", || {
        sleeps_of_the_handler(pid).filter(|count| *count > 0)
    });
    // Before that the loop would look at the flag, and end without a client.
    tests::until("the program sleeps in accept", || {
        let call = std::fs::read_to_string(format!("/proc/{pid}/syscall")).ok()?;
        call.contains(" 0x3 ").then_some(()) // the listener's descriptor (proc(5))
    });
    server.presses_ctrl_c();
    tests::until("the handler has run", || {
        sleeps_of_the_handler(pid).filter(|count| *count > before)
    });
    let shown = "telnet 127.0.0.1 8888";
    let mut client = transcript.start("client", shown, telnet(&program, address));
    server.prints("is served");
    client.prints("Connection closed by foreign host.");
    client.ends(0);
    server.ends(0);
    transcript.check();
}

#[cfg(target_os = "linux")]
#[test]
fn the_sixth_step_ends_when_its_client_has_spoken() {
    let program = tool!("telnet");
    let transcript = transcript("step-6-silent");
    let (mut server, address) = step(&transcript, 6);
    let shown = "telnet 127.0.0.1 8888";
    let mut client = transcript.start("client", shown, telnet(&program, address));
    client.prints("Escape character");
    server.prints("is served");
    server.presses_ctrl_c();
    // The handler has run when its connection is in the queue, behind the client's own.
    tests::until("the server's own connection waits", || {
        let rows = tests::kernel::tcp_sockets_on(address.port()).into_iter();
        let mut listeners = rows.filter(|row| row.state == tests::kernel::LISTEN);
        listeners.find(|row| row.receive_queue == 1)
    });
    client.types("are you still there?");
    client.prints("OK... are you still there?");
    client.prints("Connection closed by foreign host.");
    client.ends(0);
    server.prints("has left");
    server.ends(0);
    transcript.check();
}

#[cfg(target_os = "linux")]
#[test]
fn the_seventh_step_ends_at_once_and_resets_its_queue() {
    ctrl_c_to_a_step(7, "step-7-ctrl-c");
}

#[test]
fn ctrl_c_with_a_client_and_one_in_the_queue() {
    let program = tool!("telnet");
    let transcript = transcript("ctrl-c");
    let (mut server, address) = server(&transcript, &[]);
    let shown = "telnet 127.0.0.1 8888";
    let mut one = transcript.start("one", shown, telnet(&program, address));
    one.prints("Escape character");
    server.prints("is served");
    one.types("hello");
    one.prints("OK... hello");
    let mut two = transcript.start("two", shown, telnet(&program, address));
    two.prints("Escape character");
    two.types("does anybody hear me?");
    server.presses_ctrl_c();
    one.prints("Connection closed by foreign host.");
    one.ends(0);
    server.prints("has left");
    two.prints("Connection closed by foreign host.");
    two.ends(0);
    server.ends(0);
    transcript.check();
}

#[test]
fn an_idle_client_loses_its_turn() {
    let (program, nc_path) = (tool!("telnet"), tool!("nc.openbsd"));
    let transcript = transcript("patience");
    let (mut server, address) = server(&transcript, &["--patience", "1"]);
    let shown = "telnet 127.0.0.1 8888";
    let mut one = transcript.start("one", shown, telnet(&program, address));
    one.prints("Escape character");
    server.prints("is served");
    let shown = "nc -N 127.0.0.1 8888";
    let mut two = transcript.start("two", shown, nc(&nc_path, address));
    two.types("is it my turn?");
    server.prints("is lost");
    one.prints("Connection closed by foreign host.");
    one.ends(0);
    server.prints("is served");
    two.prints("OK... ");
    two.presses_ctrl_d();
    two.ends(0);
    server.prints("has left");
    server.presses_ctrl_c();
    server.ends(0);
    transcript.check();
}

#[test]
fn a_line_without_an_end() {
    let (python3, nc) = (tool!("python3"), tool!("nc.openbsd"));
    let bash = tool!("bash");
    let transcript = transcript("too-long");
    let (mut server, address) = server(&transcript, &[]);
    let pipe = format!(
        "{} -c \"print('x' * 5000)\" | {} -N 127.0.0.1 {}",
        python3.display(),
        nc.display(),
        address.port()
    );
    let shown = "python3 -c \"print('x' * 5000)\" | nc -N 127.0.0.1 8888";
    let client = transcript.start("client", shown, Program::at(bash).args(["-c", &pipe]));
    server.prints("is lost");
    client.ends(0);
    server.presses_ctrl_c();
    server.ends(0);
    transcript.check();
}

#[test]
fn the_port_is_taken() {
    let (_listener, address) = peer::listener();
    let transcript = transcript("port-in-use");
    transcript.port(address.port(), 8888);
    let program = Program::of("forever-loop").args([address.to_string()]);
    transcript.of_one(SERVER, program, 1);
}

#[test]
fn a_wrong_argument() {
    let program = Program::of("forever-loop").args(["--patience", "0"]);
    let shown = "cargo run -p forever-loop -- --patience 0";
    transcript("wrong-argument").of_one(shown, program, 2);
}
