//! The pictures of chapter 11.

use std::net::SocketAddr;
use std::path::Path;
use std::thread;
use std::time::Duration;

use tests::{Program, Terminal, Transcript, peer, tool};

const SERVER: &str = "cargo run -p chat";
const CLIENT: &str = "cargo run -p chat --bin chat-client";
const WELCOME: &str = "You're connected to the Rust chat server";

fn transcript(name: &str) -> Transcript {
    Transcript::new("11-chat", name)
}

/// The server in a terminal of its own, on a port that the kernel chose, shown as 2626.
fn server(transcript: &Transcript, options: &[&str]) -> (Terminal, SocketAddr) {
    let shown = [SERVER, if options.is_empty() { "" } else { " -- " }];
    let shown = shown.concat() + &options.join(" ");
    let all = ["127.0.0.1:0"].iter().chain(options);
    let program = Program::of("chat").args(all);
    listens(transcript.start("server", &shown, program))
}

fn listens(mut server: Terminal) -> (Terminal, SocketAddr) {
    let address = server.listens(2626);
    server.prints("try: nc");
    (server, address)
}

/// Somebody in a terminal of its own, who has joined; `others` have heard of it.
fn joins(
    transcript: &Transcript,
    label: &str,
    path: &Path,
    address: SocketAddr,
    others: &mut [&mut Terminal],
) -> Terminal {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let name = name.split('.').next().unwrap_or_default(); // nc.openbsd is nc
    let shown = format!("{name} 127.0.0.1 2626");
    let program = Program::at(path).args(["127.0.0.1", &address.port().to_string()]);
    let mut client = transcript.start(label, &shown, program);
    for other in others {
        other.prints("Client joined ");
    }
    client.prints(WELCOME);
    client
}

/// Somebody says something, and `others` hear it, the server's screen first.
fn says(speaker: &mut Terminal, text: &str, others: &mut [&mut Terminal]) {
    speaker.types(text);
    for other in others {
        other.prints(&format!("] {text}"));
    }
}

#[test]
fn telnet_and_nc_talk_to_each_other() {
    let (telnet, nc) = (tool!("telnet"), tool!("nc.openbsd"));
    let transcript = transcript("run");
    let (mut server, address) = server(&transcript, &[]);
    let mut one = joins(&transcript, "one", &telnet, address, &mut [&mut server]);
    let others = &mut [&mut server, &mut one];
    let mut two = joins(&transcript, "two", &nc, address, others);
    says(&mut one, "Hello!", &mut [&mut server, &mut two]);
    says(
        &mut two,
        "Hello. Who are you?",
        &mut [&mut server, &mut one],
    );
    says(&mut one, "I am telnet.", &mut [&mut server, &mut two]);
    // Ctrl+C at nc: the process ends, and with it the connection.
    two.presses_ctrl_c();
    server.prints("Client left ");
    one.prints("Client left ");
    server.presses_ctrl_c();
    server.ends(0);
    one.prints("Connection closed by foreign host.");
    one.ends(0);
    transcript.check();
}

#[test]
fn the_client_with_its_practice_server() {
    let transcript = transcript("practice");
    let mut client = transcript.start("", CLIENT, Program::of("chat-client"));
    client.prints("] Hello! Who are you?");
    client.types("I am new here");
    client.prints("Go on!");
    client.types("Yes");
    client.prints("that is all?");
    client.presses_ctrl_d();
    client.ends(0);
    transcript.check();
}

/// Our client in a terminal of its own, which has joined.
fn client(transcript: &Transcript, label: &str, address: SocketAddr) -> Terminal {
    let program = Program::of("chat-client").args([address.to_string()]);
    let shown = format!("{CLIENT} -- 127.0.0.1:2626");
    transcript.start(label, &shown, program)
}

#[test]
fn the_server_goes_away() {
    let transcript = transcript("gone");
    let (mut server, address) = server(&transcript, &[]);
    let mut one = client(&transcript, "client", address);
    server.prints("Client joined ");
    one.prints(WELCOME);
    server.presses_ctrl_c();
    server.ends(0);
    one.ends(1);
    transcript.check();
}

/// Python's prompt, as it is where somebody types; connected to the server.
fn python(transcript: &Transcript, python3: &Path, address: SocketAddr) -> Terminal {
    // Unbuffered, because this terminal is a pipe.
    let program = Program::at(python3).args(["-i", "-q", "-u"]);
    let mut python = transcript.start("python", "python3 -q", program);
    type_to(&mut python, "import socket");
    let port = address.port();
    let connect = format!("s = socket.create_connection(('127.0.0.1', {port}))");
    type_to(&mut python, &connect);
    python
}

fn type_to(python: &mut Terminal, line: &str) {
    python.prints(">>> ");
    python.types(line);
}

#[test]
fn lines_arrive_in_pieces() {
    let (python3, nc) = (tool!("python3"), tool!("nc.openbsd"));
    let transcript = transcript("pieces");
    let (mut server, address) = server(&transcript, &[]);
    let mut one = joins(&transcript, "nc", &nc, address, &mut [&mut server]);
    let mut python = python(&transcript, &python3, address);
    for other in [&mut server, &mut one] {
        other.prints("Client joined ");
    }
    type_to(&mut python, "s.recv(100)");
    type_to(&mut python, "s.send(b'Hel')");
    type_to(&mut python, "s.send(b'lo!\\r\\nHow are you')");
    for other in [&mut server, &mut one] {
        other.prints("] Hello!");
    }
    type_to(&mut python, "s.close()");
    for other in [&mut server, &mut one] {
        other.prints("] How are you");
        other.prints("Client left ");
    }
    transcript.check();
}

#[test]
fn a_line_without_an_end() {
    let (python3, nc) = (tool!("python3"), tool!("nc.openbsd"));
    let transcript = transcript("endless");
    let (mut server, address) = server(&transcript, &[]);
    let mut one = joins(&transcript, "nc", &nc, address, &mut [&mut server]);
    let mut python = python(&transcript, &python3, address);
    for other in [&mut server, &mut one] {
        other.prints("Client joined ");
    }
    type_to(&mut python, "s.recv(100)");
    type_to(&mut python, "s.sendall(b'x' * 5000)");
    server.prints("Client left ");
    one.prints("Client left ");
    type_to(&mut python, "s.recv(100)");
    type_to(&mut python, "s.recv(100)");
    python.prints(">>> ");
    transcript.check();
}

#[test]
fn the_chat_is_full() {
    let nc = tool!("nc.openbsd");
    let transcript = transcript("full");
    let (mut server, address) = server(&transcript, &["--max-clients", "1"]);
    let mut one = joins(&transcript, "one", &nc, address, &mut [&mut server]);
    let two = client(&transcript, "two", address);
    server.prints("is sent away");
    two.ends(1);
    one.presses_ctrl_c();
    server.prints("Client left ");
    transcript.check();
}

#[test]
fn the_port_is_taken() {
    let (_listener, address) = peer::listener();
    let transcript = transcript("port-in-use");
    transcript.port(address.port(), 2626);
    let program = Program::of("chat").args([address.to_string()]);
    transcript.of_one(SERVER, program, 1);
}

#[test]
fn nobody_listens() {
    let address = peer::dead_port();
    let transcript = transcript("refused");
    transcript.port(address.port(), 2626);
    let program = Program::of("chat-client").args([address.to_string()]);
    let shown = format!("{CLIENT} -- 127.0.0.1:2626");
    transcript.of_one(&shown, program, 1);
}

#[test]
fn a_wrong_argument() {
    let program = Program::of("chat").args(["--max-clients", "many"]);
    let shown = format!("{SERVER} -- --max-clients many");
    transcript("wrong-argument").of_one(&shown, program, 2);
}

/// A step of the server's ladder, on a port that the kernel chose, shown as 2626.
fn step(transcript: &Transcript, number: u8) -> (Terminal, SocketAddr) {
    let name = format!("chat-{number}");
    let shown = format!("{SERVER} --bin {name}");
    let program = Program::of(&name).args(["127.0.0.1:0"]);
    let mut server = transcript.start("server", &shown, program);
    let address = server.listens(2626);
    (server, address)
}

/// One of the lesson's peers in Python; its port 2626 is the server's.
fn play(transcript: &Transcript, name: &str, args: &[&str], at: SocketAddr) -> Terminal {
    let python3 = tests::find_tool("python3").expect("the caller has asked for it");
    let file = format!("lessons/11-chat/peers/{name}.py");
    let program = std::fs::read_to_string(tests::root().join(&file)).expect("a program");
    let program = program.replace("2626", &at.port().to_string());
    let shown = [&[file.as_str()], args].concat().join(" ");
    let all = ["-u", "-c", &program]
        .into_iter()
        .chain(args.iter().copied());
    let started = Program::at(&python3).args(all);
    transcript.start(name, &format!("python3 {shown}"), started)
}

/// nc, and the server has accepted it: the first steps say nothing of that.
#[cfg(target_os = "linux")]
fn accepted(
    transcript: &Transcript,
    label: &str,
    path: &Path,
    (server, address): (&mut Terminal, SocketAddr),
) -> Terminal {
    let pid = server.program().pid();
    let before = tests::kernel::descriptors(pid);
    let program = Program::at(path).args(["127.0.0.1", &address.port().to_string()]);
    let client = transcript.start(label, "nc 127.0.0.1 2626", program);
    tests::until("the server has accepted it", || {
        (tests::kernel::descriptors(pid) > before).then_some(())
    });
    client
}

/// Ann listens. Somebody sends half a line, then Bob says something, then the other half comes.
#[cfg(target_os = "linux")]
fn half_a_line(number: u8, name: &str, ann_sees: [&str; 2]) {
    let (Some(path), Some(_)) =
        (tests::find_tool("nc.openbsd"), tests::find_tool("python3"))
    else {
        return;
    };
    let transcript = transcript(name);
    let (mut server, address) = step(&transcript, number);
    let mut ann = accepted(&transcript, "ann", &path, (&mut server, address));
    let mut bob = accepted(&transcript, "bob", &path, (&mut server, address));
    let mut half = play(&transcript, "half_line", &[], address);
    half.prints("press Enter\n");
    if number == 1 {
        bob.prints("Hel"); // and so does Ann: the server has read it
    }
    bob.types("It is raining.");
    ann.prints(ann_sees[0]);
    half.types("");
    ann.prints(ann_sees[1]);
    half.prints("and the rest of it\n");
    half.types("");
    half.ends(0);
    server.presses_ctrl_c();
    server.ends_by_signal();
    transcript.check();
}

#[cfg(target_os = "linux")]
#[test]
fn in_the_first_step_half_a_line_runs_into_anothers_line() {
    half_a_line(1, "step-1-half-a-line", ["HelIt is raining.\n", "lo!\n"]);
}

#[cfg(target_os = "linux")]
#[test]
fn the_second_step_passes_on_whole_lines() {
    half_a_line(2, "step-2-half-a-line", ["It is raining.\n", "Hello!\n"]);
}

#[test]
fn the_third_step_says_whose_line_it_is_and_who_is_here() {
    let path = tool!("nc.openbsd");
    let transcript = transcript("step-3-names");
    let (mut server, address) = step(&transcript, 3);
    let mut ann = joins(&transcript, "ann", &path, address, &mut []);
    let mut bob = joins(&transcript, "bob", &path, address, &mut [&mut ann]);
    says(&mut bob, "It is raining.", &mut [&mut ann]);
    says(&mut ann, "Not here.", &mut [&mut bob]);
    bob.presses_ctrl_c();
    ann.prints("Client left ");
    server.presses_ctrl_c();
    server.ends_by_signal();
    transcript.check();
}

/// Megabytes take their time on a machine that has other work, too.
#[cfg(target_os = "linux")]
fn has_said_all(mut talker: Terminal) {
    tests::until_within(tests::WHOLE, "the talker has said all", || {
        let printed = talker.program().printed();
        (!printed.is_empty()).then_some(())
    });
    talker.prints("all is said\n");
    talker.ends(0);
}

/// One sleeps, one talks, and a newcomer wants to be welcomed. Returns how long that took.
#[cfg(target_os = "linux")]
fn one_sleeps(number: u8, name: &str) -> Option<f64> {
    tests::find_tool("python3")?;
    let transcript = transcript(name);
    let (mut server, address) = step(&transcript, number);
    let mut sleeper = play(&transcript, "sleeper", &[], address);
    sleeper.prints("wake me\n");
    let talker = play(&transcript, "talker", &["10"], address);
    let pid = server.program().pid();
    let newcomer = |wait: bool| {
        let mut newcomer = play(&transcript, "newcomer", &[], address);
        newcomer.prints("connected\n");
        if wait {
            thread::sleep(Duration::from_secs(2)); // so long the sleeper sleeps
        }
        newcomer
    };
    let took = if number == 3 {
        let mut last = (0, 0);
        tests::until("the server sleeps, with lines before and after it", || {
            let rows = tests::kernel::tcp_sockets_on(address.port());
            let ours = rows.iter().filter(|row| row.local.port() == address.port());
            let now = ours.fold((0, 0), |(sent, received), row| {
                (sent + row.send_queue, received + row.receive_queue)
            });
            let sleeps = tests::kernel::is_in_state(pid, 'S') && now.0 > 0 && now.1 > 0;
            let sleeps = sleeps && now == last;
            last = now;
            thread::sleep(Duration::from_millis(100)); // between two looks
            sleeps.then_some(())
        });
        let mut newcomer = newcomer(true);
        sleeper.types("");
        let took = newcomer.prints(" s\n");
        newcomer.ends(0);
        has_said_all(talker);
        took
    } else {
        has_said_all(talker);
        let mut newcomer = newcomer(false);
        let took = newcomer.prints(" s\n");
        newcomer.ends(0);
        sleeper.types("");
        took
    };
    server.presses_ctrl_c();
    server.ends_by_signal();
    sleeper.prints("the server has closed\n");
    sleeper.ends(0);
    transcript.check();
    let seconds = took.lines().last()?.trim_end_matches(" s");
    Some(seconds.parse().expect("seconds"))
}

#[cfg(target_os = "linux")]
#[test]
fn one_who_does_not_read_stops_the_third_step_for_all_and_not_the_fourth() {
    // The fourth welcomes somebody before the sleeper wakes up, or its run does not end.
    one_sleeps(4, "step-4-sleeper");
    if let Some(third) = one_sleeps(3, "step-3-sleeper") {
        assert!(third > 1.5, "{third} s");
    }
}

/// Forty megabytes for one who sleeps; returns the server's peak in KiB.
#[cfg(target_os = "linux")]
fn a_queue(number: u8, name: &str) -> Option<u64> {
    tests::find_tool("python3")?;
    let bash = tests::find_tool("bash")?;
    let transcript = transcript(name);
    let (mut server, address) = step(&transcript, number);
    let pid = server.program().pid();
    let mut sleeper = play(&transcript, "sleeper", &[], address);
    sleeper.prints("wake me\n");
    let talker = play(&transcript, "talker", &["40"], address);
    if number == 5 {
        server.prints("does not read");
    }
    has_said_all(talker);
    let shown = format!("grep VmHWM /proc/$(pidof chat-{number})/status");
    let look = Program::at(bash).args(["-c", &format!("grep VmHWM /proc/{pid}/status")]);
    let mut look = transcript.start("bash", &shown, look);
    let peak = look.prints("kB\n");
    look.ends(0);
    if number == 5 {
        sleeper.types("");
        sleeper.prints("the server has closed\n");
        sleeper.ends(0);
    }
    server.presses_ctrl_c();
    server.ends_by_signal();
    transcript.check();
    peak.split_whitespace().nth(1)?.parse().ok()
}

#[cfg(target_os = "linux")]
#[test]
fn one_who_does_not_read_fills_the_memory_of_the_fourth_step_and_not_of_the_fifth() {
    let (Some(fourth), Some(fifth)) =
        (a_queue(4, "step-4-queue"), a_queue(5, "step-5-queue"))
    else {
        return;
    };
    assert!(fourth > 25_000, "{fourth} KiB");
    assert!(fifth < 20_000, "{fifth} KiB");
}

#[test]
fn the_first_client_hears_nothing_while_nobody_types() {
    let path = tool!("nc.openbsd");
    let transcript = transcript("client-1");
    let (mut server, address) = server(&transcript, &[]);
    let mut nc = joins(&transcript, "nc", &path, address, &mut [&mut server]);
    let shown = format!("{SERVER} --bin chat-client-1");
    let program = Program::of("chat-client-1").args([address.to_string()]);
    let mut client = transcript.start("client", &shown, program);
    server.prints("Client joined ");
    nc.prints("Client joined ");
    for text in ["Hello!", "Are you there?"] {
        says(&mut nc, text, &mut [&mut server]);
    }
    thread::sleep(Duration::from_secs(1)); // so long nobody types
    assert_eq!(client.program().printed(), b"");
    says(&mut client, "Is nobody here?", &mut [&mut server, &mut nc]);
    client.prints(WELCOME);
    says(&mut client, "Hello?", &mut [&mut server, &mut nc]);
    client.prints("] Hello!");
    client.presses_ctrl_d();
    client.ends(0);
    server.prints("Client left ");
    nc.prints("Client left ");
    server.presses_ctrl_c();
    server.ends(0);
    transcript.check();
}

/// Two lines at once, from a pipe; then somebody types a third one.
fn a_pipe(number: u8, name: &str) {
    let (Some(path), Some(bash)) =
        (tests::find_tool("nc.openbsd"), tests::find_tool("bash"))
    else {
        return;
    };
    let transcript = transcript(name);
    let (mut server, address) = server(&transcript, &[]);
    let mut nc = joins(&transcript, "nc", &path, address, &mut [&mut server]);
    let name = format!("chat-client-{number}");
    let shown = format!("(printf 'one\\ntwo\\n'; cat) | {SERVER} --bin {name}");
    let script = "(printf 'one\\ntwo\\n'; cat) | \"$@\"";
    let program = Program::of(&name).args([address.to_string()]);
    let program = program.through(bash, ["-c", script, "bash"]);
    let mut client = transcript.start("client", &shown, program);
    for other in [&mut server, &mut nc] {
        other.prints("Client joined ");
        other.prints("] one");
    }
    client.prints(WELCOME);
    if number == 2 {
        thread::sleep(Duration::from_secs(1)); // so long nobody types
        let printed = nc.program().printed();
        assert!(!String::from_utf8_lossy(&printed).contains("two"));
    } else {
        server.prints("] two");
        nc.prints("] two");
    }
    client.types("three");
    for other in [&mut server, &mut nc] {
        other.prints("] three");
    }
    client.presses_ctrl_d();
    client.ends(0);
    for other in [&mut server, &mut nc] {
        other.prints("Client left ");
    }
    server.presses_ctrl_c();
    server.ends(0);
    transcript.check();
}

#[test]
fn the_second_client_leaves_a_line_in_its_buffer() {
    a_pipe(2, "client-2-pipe");
}

#[test]
fn the_third_client_has_no_buffer() {
    a_pipe(3, "client-3-pipe");
}
