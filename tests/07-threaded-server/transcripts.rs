//! The pictures of chapter 07. Ctrl+C is Unix, and so are nc and telnet as shown here.
#![cfg(unix)]

use std::net::SocketAddr;
use std::path::Path;

use tests::{Program, Terminal, Transcript, peer, tool};

const SERVER: &str = "cargo run -p threaded-server";
const CLIENT: &str = "cargo run -p threaded-server --bin threaded-server-client";

fn transcript(name: &str) -> Transcript {
    Transcript::new("07-threaded-server", name)
}

/// The server, the last step, in a terminal of its own, on a port that the kernel chose,
/// shown as 9999.
fn server(transcript: &Transcript, options: &[&str]) -> (Terminal, SocketAddr) {
    let shown = [SERVER, if options.is_empty() { "" } else { " -- " }];
    let shown = shown.concat() + &options.join(" ");
    let all = ["127.0.0.1:0"].iter().chain(options);
    let program = Program::of("threaded-server").args(all);
    let mut server = transcript.start("server", &shown, program);
    let address = server.listens(9999);
    server.prints("try: nc");
    (server, address)
}

/// A step of the ladder in a terminal of its own.
fn step(transcript: &Transcript, number: u8) -> (Terminal, SocketAddr) {
    let name = format!("threaded-server-{number}");
    let shown = format!("{SERVER} --bin {name}");
    let program = Program::of(&name).args(["127.0.0.1:0"]);
    let mut server = transcript.start("server", &shown, program);
    let address = server.listens(9999);
    (server, address)
}

/// A step to which the kernel lies: strace makes a call return what it never did.
fn step_with(
    transcript: &Transcript,
    number: u8,
    strace: &Path,
    inject: &str,
) -> (Terminal, SocketAddr) {
    let name = format!("threaded-server-{number}");
    let program = Program::of(&name).args(["127.0.0.1:0"]);
    let options = ["-D", "-f", "-qq", "-o", "/dev/null", "-e", inject];
    let program = program
        .through(strace.to_path_buf(), options)
        .env("RUST_BACKTRACE", "0");
    let shown = format!("strace -f -o /dev/null -e {inject} target/debug/{name}");
    let mut server = transcript.start("server", &shown, program);
    let address = server.listens(9999);
    (server, address)
}

/// nc or telnet in a terminal of its own.
fn starts(
    transcript: &Transcript,
    label: &str,
    path: &Path,
    address: SocketAddr,
) -> Terminal {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let name = name.split('.').next().unwrap_or_default(); // nc.openbsd is nc
    let shown = format!("{name} 127.0.0.1 9999");
    let program = Program::at(path).args(["127.0.0.1", &address.port().to_string()]);
    transcript.start(label, &shown, program)
}

/// A client in a terminal of its own, which has come and is welcomed.
fn comes(
    transcript: &Transcript,
    server: &mut Terminal,
    label: &str,
    path: &Path,
    address: SocketAddr,
) -> Terminal {
    let mut client = starts(transcript, label, path, address);
    server.prints("has come");
    client.prints("Welcome!");
    client
}

fn is_greeted(client: &mut Terminal, name: &str) {
    client.types(name);
    client.prints("Hello, ");
}

/// Says `exit`. nc waits for its keyboard, also when the server has closed.
fn exits(server: &mut Terminal, mut client: Terminal) {
    client.types("exit");
    server.prints("has left");
    client.presses_ctrl_d();
    client.ends(0);
}

/// One of the lesson's programs in Python; its port 9999 is another one here.
fn peer_in_python(python3: &Path, name: &str, port: u16) -> (String, Program) {
    let file = format!("lessons/07-threaded-server/peers/{name}.py");
    let program = std::fs::read_to_string(tests::root().join(&file)).expect("a program");
    let program = program.replace("9999", &port.to_string());
    let shown = format!("python3 {file}");
    (shown, Program::at(python3).args(["-u", "-c", &program]))
}

#[test]
fn in_the_first_step_nobody_waits_for_one_who_is_silent() {
    let nc = tool!("nc.openbsd");
    let transcript = transcript("step-1-two-clients");
    let (mut server, address) = step(&transcript, 1);
    let mut one = comes(&transcript, &mut server, "one", &nc, address);
    let mut two = comes(&transcript, &mut server, "two", &nc, address);
    is_greeted(&mut two, "Tracy");
    is_greeted(&mut two, "Sarah");
    exits(&mut server, two);
    is_greeted(&mut one, "Michael");
    exits(&mut server, one);
    server.presses_ctrl_c();
    server.ends_by_signal();
    transcript.check();
}

#[cfg(target_os = "linux")]
#[test]
fn in_the_first_step_a_panic_ends_one_thread() {
    let (strace, nc) = (tool!("strace"), tool!("nc.openbsd"));
    let transcript = transcript("step-1-panic");
    // The number is the kernel's number of the thread.
    transcript.mask(r"^(thread '.*') \(\d+\)", "$1 (24972)");
    let inject = "inject=recvfrom:retval=5000:when=2";
    let (mut server, address) = step_with(&transcript, 1, &strace, inject);
    let mut one = comes(&transcript, &mut server, "one", &nc, address);
    let mut two = comes(&transcript, &mut server, "two", &nc, address);
    // The second recv of each thread returns at once, before anybody has typed again.
    is_greeted(&mut one, "Michael");
    server.prints("panicked at");
    server.prints("out of range");
    server.prints("note: ");
    is_greeted(&mut two, "Sarah");
    transcript.check();
}

/// The second client's thread can't be started. telnet says when its server has closed.
#[cfg(target_os = "linux")]
fn no_thread(number: u8, name: &str, then: impl FnOnce(Terminal, &mut Terminal)) {
    let tools = (tests::find_tool("strace"), tests::find_tool("telnet"));
    let (Some(strace), Some(telnet)) = tools else {
        return;
    };
    let transcript = transcript(name);
    transcript.mask(r"^(thread 'main') \(\d+\)", "$1 (24971)");
    transcript.mask(
        r"/rustc/.*/library/std/\S+",
        "/rustc/…/library/std/src/thread/…",
    );
    let inject = "inject=clone3:error=EAGAIN:when=2";
    let (mut server, address) = step_with(&transcript, number, &strace, inject);
    let mut one = comes(&transcript, &mut server, "one", &telnet, address);
    is_greeted(&mut one, "Michael");
    let mut two = starts(&transcript, "two", &telnet, address);
    two.prints("Escape character");
    server.prints("has come");
    then(server, &mut one);
    two.prints("Connection closed by foreign host.");
    two.ends(0);
    transcript.check();
}

#[cfg(target_os = "linux")]
#[test]
fn where_there_is_no_thread_the_first_step_ends_for_all() {
    no_thread(1, "step-1-no-thread", |mut server, one| {
        server.prints("note: ");
        one.prints("Connection closed by foreign host.");
        server.ends_unshown(101);
    });
}

#[cfg(target_os = "linux")]
#[test]
fn where_there_is_no_thread_the_second_step_loses_one_client() {
    no_thread(2, "step-2-no-thread", |mut server, one| {
        server.prints("no thread");
        is_greeted(one, "Sarah");
    });
}

/// A step with five descriptors: 0, 1, 2, the listener's, and one client's. Bash runs
/// `script`, in which "$@" is the step; its output goes to a file, too, where the address is
/// looked for.
#[cfg(target_os = "linux")]
fn with_five_descriptors(
    transcript: &Transcript,
    number: u8,
    (script, shown): (&str, &str),
) -> Option<(Terminal, SocketAddr)> {
    let bash = tests::find_tool("bash")?;
    tests::find_tool("prlimit")?;
    let name = format!("threaded-server-{number}");
    let folder = tempfile::tempdir().expect("a folder");
    let log = folder.path().join("log");
    // What this test's own parent has left open would take the numbers.
    let close = "for fd in {3..99}; do eval \"exec $fd>&-\"; done; ";
    let script = [close, script].concat();
    let program = Program::of(&name).args(["127.0.0.1:0"]);
    let program = program
        .through(bash, ["-c", &script, "bash"])
        .env("LOG", &log.to_string_lossy());
    let server = transcript.start("server", &shown.replace("NAME", &name), program);
    let address: SocketAddr = tests::until("it listens", || {
        let log = std::fs::read_to_string(&log).ok()?;
        let line = log.lines().next()?;
        line.strip_prefix("Listening on ")?.parse().ok()
    });
    transcript.port(address.port(), 9999);
    Some((server, address))
}

/// With the last descriptor gone: how many seconds of a processor a step uses in three.
#[cfg(target_os = "linux")]
fn seconds_without_a_descriptor(number: u8, name: &str) -> Option<f64> {
    let nc = tests::find_tool("nc.openbsd")?;
    let transcript = transcript(name);
    let script = "TIMEFORMAT='%U s + %S s'
time timeout 3 prlimit --nofile=5 \"$@\" | tee \"$LOG\" | tail -n 1";
    let shown = "TIMEFORMAT='%U s + %S s'; \
        time timeout 3 prlimit --nofile=5 target/debug/NAME | tail -n 1";
    let (mut server, address) =
        with_five_descriptors(&transcript, number, (script, shown))?;
    let mut one = starts(&transcript, "one", &nc, address);
    one.prints("Welcome!");
    server.prints("cannot accept: ");
    let times = server.prints(" s + ");
    server.ends(0);
    transcript.check();
    let mut seconds = times.split(" s").map(|word| word.trim_matches([' ', '+']));
    let mut next = || seconds.next().and_then(|word| word.parse::<f64>().ok());
    Some(next()? + next()?)
}

#[cfg(target_os = "linux")]
#[test]
fn without_a_descriptor_the_second_step_burns_a_processor_and_the_third_does_not() {
    let (Some(naive), Some(patient)) = (
        seconds_without_a_descriptor(2, "step-2-no-descriptor"),
        seconds_without_a_descriptor(3, "step-3-no-descriptor"),
    ) else {
        return;
    };
    // In three seconds; how much it gets depends on who else wants the processor.
    assert!(naive > 0.3, "the naive loop: {naive} s");
    assert!(patient < 0.2, "the one that waits: {patient} s");
}

#[cfg(target_os = "linux")]
#[test]
fn in_the_third_step_the_one_too_many_hears_nothing() {
    let nc = tool!("nc.openbsd");
    let transcript = transcript("step-3-no-word");
    let script = "exec prlimit --nofile=5 \"$@\" > \"$LOG\"";
    let shown = "prlimit --nofile=5 target/debug/NAME > /dev/null";
    let Some((_server, address)) = with_five_descriptors(&transcript, 3, (script, shown))
    else {
        return;
    };
    let mut one = starts(&transcript, "one", &nc, address);
    one.prints("Welcome!");
    let mut two = starts(&transcript, "two", &nc, address);
    two.types("Tracy");
    is_greeted(&mut one, "Michael");
    is_greeted(&mut one, "Sarah");
    assert_eq!(two.program().printed(), b"", "not a word");
    one.types("exit");
    two.prints("Welcome!");
    two.prints("Hello, Tracy!");
    transcript.check();
}

#[test]
fn in_the_fourth_step_the_one_too_many_hears_that_it_is_full() {
    let (nc, telnet) = (tool!("nc.openbsd"), tool!("telnet"));
    let transcript = transcript("step-4-full");
    let (mut server, address) = step(&transcript, 4);
    let here = ["one", "two", "three"];
    let mut here = here.map(|label| comes(&transcript, &mut server, label, &nc, address));
    let mut four = starts(&transcript, "four", &telnet, address);
    server.prints("is sent away");
    four.prints("Connection closed by foreign host.");
    four.ends(0);
    is_greeted(&mut here[1], "Tracy");
    server.presses_ctrl_c();
    server.ends_by_signal();
    transcript.check();
}

/// A client that talks and listens without a pause, in the middle of its talk.
fn is_busy(
    transcript: &Transcript,
    server: &mut Terminal,
    python3: &Path,
    address: SocketAddr,
) -> Terminal {
    let (shown, client) = peer_in_python(python3, "busy", address.port());
    let mut client = transcript.start("busy", &shown, client);
    server.prints("has come");
    client.prints("b'Welcome!\\n'\n"); // Python writes the end of a line by itself
    client
}

/// Until the server has more of the busy client than it has read.
#[cfg(target_os = "linux")]
fn has_unread_input(address: SocketAddr) {
    tests::until("there is something unread", || {
        let mut rows = tests::kernel::tcp_sockets_on(address.port()).into_iter();
        rows.any(|row| row.receive_queue > 100_000).then_some(())
    });
}

#[cfg(target_os = "linux")]
#[test]
fn ctrl_c_resets_a_busy_client_of_the_fourth_step() {
    let python3 = tool!("python3");
    let transcript = transcript("step-4-ctrl-c");
    let (mut server, address) = step(&transcript, 4);
    let mut busy = is_busy(&transcript, &mut server, &python3, address);
    has_unread_input(address);
    server.presses_ctrl_c();
    busy.prints("[Errno 104] Connection reset by peer\n");
    busy.ends(0);
    server.ends_by_signal();
    transcript.check();
}

#[test]
fn the_fifth_step_waits_for_a_silent_client() {
    let telnet = tool!("telnet");
    let transcript = transcript("step-5-ctrl-c");
    let (mut server, address) = step(&transcript, 5);
    let mut one = comes(&transcript, &mut server, "one", &telnet, address);
    server.presses_ctrl_c();
    // Its listener is closed when all of the loop has ended. Its threads go on.
    for name in ["Michael", "Tracy"] {
        is_greeted(&mut one, name);
    }
    one.types("exit");
    one.prints("Connection closed by foreign host.");
    one.ends(0);
    server.ends(0);
    transcript.check();
}

#[cfg(target_os = "linux")]
#[test]
fn the_sixth_step_ends_every_talk() {
    let (telnet, python3) = (tool!("telnet"), tool!("python3"));
    let transcript = transcript("step-6-ctrl-c");
    let (mut server, address) = step(&transcript, 6);
    let mut one = comes(&transcript, &mut server, "one", &telnet, address);
    let mut busy = is_busy(&transcript, &mut server, &python3, address);
    has_unread_input(address);
    server.presses_ctrl_c();
    one.prints("Connection closed by foreign host.");
    one.ends(0);
    busy.prints("the end of the stream\n");
    busy.ends(0);
    server.ends_unshown(0); // "has left" and "is lost" come in any order
    transcript.check();
}

/// Three messages in one recv.
fn types_ahead(
    transcript: &Transcript,
    (mut server, address): (Terminal, SocketAddr),
    last: &str,
) -> Option<Terminal> {
    let (nc, bash) = (tests::find_tool("nc.openbsd")?, tests::find_tool("bash")?);
    let pipe = |nc: &str, port: u16| {
        format!("printf 'Michael\\nTracy\\nexit\\n' | {nc} -N 127.0.0.1 {port}")
    };
    let real = pipe(&nc.display().to_string(), address.port());
    let client = Program::at(bash).args(["-c", &real]);
    let mut client = transcript.start("client", &pipe("nc", 9999), client);
    server.prints("has come");
    client.prints(last);
    client.ends(0);
    server.prints("has left");
    Some(server)
}

#[test]
fn in_the_sixth_step_three_lines_in_one_recv_are_one_name() {
    let transcript = transcript("step-6-three-lines");
    let step = step(&transcript, 6);
    if let Some(mut server) = types_ahead(&transcript, step, "exit!\n") {
        server.presses_ctrl_c();
        server.ends(0);
        transcript.check();
    }
}

#[test]
fn in_the_last_step_they_are_three() {
    let transcript = transcript("three-lines");
    let server = server(&transcript, &[]);
    if let Some(mut server) = types_ahead(&transcript, server, "Hello, Tracy!\n") {
        server.presses_ctrl_c();
        server.ends(0);
        transcript.check();
    }
}

#[test]
fn the_first_client_at_the_first_step() {
    let transcript = transcript("client-1");
    let (mut server, address) = step(&transcript, 1);
    let program = Program::of("threaded-server-client-1").args([address.to_string()]);
    let client = transcript.start("client", &format!("{CLIENT}-1"), program);
    server.prints("has come");
    client.ends(0);
    server.prints("has left");
    server.presses_ctrl_c();
    server.ends_by_signal();
    transcript.check();
}

/// A step of the client at a server in Python, which reads lines.
fn at_a_server_that_reads_lines(
    number: u8,
    name: &str,
) -> Option<(Transcript, Terminal, Terminal)> {
    let python3 = tests::find_tool("python3")?;
    let transcript = transcript(name);
    let (shown, server) = peer_in_python(&python3, "greeter", 0);
    let mut server = transcript.start("server", &shown, server);
    let address = server.listens(9999);
    let name = format!("threaded-server-client-{number}");
    let program = Program::of(&name).args([address.to_string()]);
    let mut client = transcript.start("client", &format!("{CLIENT}-{number}"), program);
    client.prints("Welcome!");
    Some((transcript, server, client))
}

#[cfg(target_os = "linux")]
#[test]
fn the_first_client_and_a_server_that_reads_lines_wait_for_each_other() {
    let Some((transcript, _server, mut client)) =
        at_a_server_that_reads_lines(1, "client-1-lines")
    else {
        return;
    };
    let pid = client.program().pid();
    // All its threads sleep, and the server has read what it sent.
    tests::until("it sleeps", || {
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
        stat.contains(") S ").then_some(())
    });
    std::thread::sleep(std::time::Duration::from_millis(500)); // so long we wait with them
    client.presses_ctrl_c();
    client.ends_by_signal();
    transcript.check();
}

#[test]
fn the_second_client_is_greeted_by_a_server_that_reads_lines() {
    let Some((transcript, _server, client)) =
        at_a_server_that_reads_lines(2, "client-2-lines")
    else {
        return;
    };
    client.ends(0);
    transcript.check();
}

#[test]
fn the_client_with_its_practice_server() {
    let program = Program::of("threaded-server-client");
    transcript("practice").of_one(CLIENT, program, 0);
}

#[test]
fn the_client_at_the_server() {
    let transcript = transcript("client");
    let (mut server, address) = server(&transcript, &[]);
    let program = Program::of("threaded-server-client").args([address.to_string()]);
    let shown = format!("{CLIENT} -- 127.0.0.1:9999");
    let client = transcript.start("client", &shown, program);
    server.prints("has come");
    client.ends(0);
    server.prints("has left");
    server.presses_ctrl_c();
    server.ends(0);
    transcript.check();
}

/// Python's prompt, as it is where somebody types; connected to the server.
fn python(transcript: &Transcript, python3: &Path, address: SocketAddr) -> Terminal {
    // Unbuffered, because this terminal is a pipe.
    let program = Program::at(python3).args(["-i", "-q", "-u"]);
    let mut python = transcript.start("client", "python3 -q", program);
    type_to(&mut python, "import socket");
    let port = address.port();
    let connect = format!("s = socket.create_connection(('127.0.0.1', {port}))");
    type_to(&mut python, &connect);
    python
}

/// Waits for Python's prompt, and types a line.
fn type_to(python: &mut Terminal, line: &str) {
    python.prints(">>> ");
    python.types(line);
}

/// Waits for a whole line: Python writes its end in a second write.
fn prints_line(python: &mut Terminal, text: &str) {
    python.program().line(text);
    python.prints(text);
}

/// Sends at Python's prompt, and receives.
fn send_and_receive(python: &mut Terminal, message: &str) {
    type_to(python, &format!("s.send(b'{message}')"));
    type_to(python, "s.recv(1024)");
}

fn has_left(server: &mut Terminal, mut python: Terminal) {
    python.prints(">>> ");
    python.presses_ctrl_d();
    python.ends(0);
    server.prints("has left");
}

#[test]
fn pythons_socket_is_greeted_without_an_end_of_line() {
    let python3 = tool!("python3");
    let transcript = transcript("step-1-python");
    let (mut server, address) = step(&transcript, 1);
    let mut client = python(&transcript, &python3, address);
    server.prints("has come");
    type_to(&mut client, "s.recv(1024)");
    send_and_receive(&mut client, "Michael");
    send_and_receive(&mut client, "exit");
    has_left(&mut server, client);
    server.presses_ctrl_c();
    server.ends_by_signal();
    transcript.check();
}

#[cfg(target_os = "linux")]
#[test]
fn messages_arrive_in_pieces_and_together() {
    let python3 = tool!("python3");
    let transcript = transcript("step-1-one-recv");
    let (mut server, address) = step(&transcript, 1);
    let pid = server.program().pid();
    let mut client = python(&transcript, &python3, address);
    server.prints("has come");
    type_to(&mut client, "s.recv(1024)");
    send_and_receive(&mut client, "Mich");
    send_and_receive(&mut client, "ael");
    prints_line(&mut client, "b'Hello, ael!");

    let kill = |signal: &str| {
        let shown = format!("kill -{signal} $(pidof threaded-server-1)");
        let args = ["-c", "kill -$0 $1", signal, &pid.to_string()];
        let program = Program::at("/bin/sh").args(args);
        transcript.start("three", &shown, program).ends(0);
    };
    kill("STOP");
    tests::until("every thread has stopped", || {
        let mut threads = std::fs::read_dir(format!("/proc/{pid}/task")).ok()?;
        let stopped = threads.all(|thread| {
            let stat = thread.map(|thread| thread.path().join("stat"));
            let stat = stat.and_then(std::fs::read_to_string);
            stat.is_ok_and(|stat| stat.contains(") T "))
        });
        stopped.then_some(())
    });
    type_to(&mut client, "s.send(b'Michael')");
    type_to(&mut client, "s.send(b'Tracy')");
    prints_line(&mut client, "5");
    // Nagle keeps the second until the first is acknowledged, 40 ms later.
    tests::until("both messages have arrived", || {
        let mut rows = tests::kernel::tcp_sockets_on(address.port()).into_iter();
        rows.any(|row| row.receive_queue == "MichaelTracy".len())
            .then_some(())
    });
    kill("CONT");
    type_to(&mut client, "s.recv(1024)");
    // Not shown: Ctrl+C. A shell with a keyboard has taken the terminal back when its
    // program was stopped, and wants `fg` first.
    has_left(&mut server, client);
    transcript.check();
}

#[test]
fn the_house_is_full() {
    let nc = tool!("nc.openbsd");
    let transcript = transcript("full");
    let (mut server, address) = server(&transcript, &["--max-clients", "1"]);
    let mut one = comes(&transcript, &mut server, "one", &nc, address);
    let program = Program::of("threaded-server-client").args([address.to_string()]);
    let shown = format!("{CLIENT} -- 127.0.0.1:9999");
    let two = transcript.start("two", &shown, program);
    server.prints("is sent away");
    two.ends(1);
    is_greeted(&mut one, "Michael");
    exits(&mut server, one);
    server.presses_ctrl_c();
    server.ends(0);
    transcript.check();
}

#[test]
fn the_port_is_taken() {
    let (_listener, address) = peer::listener();
    let transcript = transcript("port-in-use");
    transcript.port(address.port(), 9999);
    let program = Program::of("threaded-server").args([address.to_string()]);
    transcript.of_one(SERVER, program, 1);
}

#[test]
fn a_wrong_argument() {
    let program = Program::of("threaded-server").args(["--max-clients", "many"]);
    let shown = format!("{SERVER} -- --max-clients many");
    transcript("wrong-argument").of_one(&shown, program, 2);
}

#[test]
fn nobody_listens() {
    let address = peer::dead_port();
    let transcript = transcript("refused");
    transcript.port(address.port(), 9999);
    let program = Program::of("threaded-server-client").args([address.to_string()]);
    let shown = format!("{CLIENT} -- 127.0.0.1:9999");
    transcript.of_one(&shown, program, 1);
}
