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

/// The server in a terminal of its own, on a port that the kernel chose, shown as 9999.
fn server(transcript: &Transcript, options: &[&str]) -> (Terminal, SocketAddr) {
    let shown = [SERVER, if options.is_empty() { "" } else { " -- " }];
    let shown = shown.concat() + &options.join(" ");
    let all = ["127.0.0.1:0"].iter().chain(options);
    let program = Program::of("threaded-server").args(all);
    listens(transcript.start("server", &shown, program))
}

fn listens(mut server: Terminal) -> (Terminal, SocketAddr) {
    let address = server.listens(9999);
    server.prints("try: nc");
    (server, address)
}

/// A client in a terminal of its own, which has come.
fn comes(
    transcript: &Transcript,
    server: &mut Terminal,
    label: &str,
    path: &Path,
    address: SocketAddr,
) -> Terminal {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let name = name.split('.').next().unwrap_or_default(); // nc.openbsd is nc
    let shown = format!("{name} 127.0.0.1 9999");
    let program = Program::at(path).args(["127.0.0.1", &address.port().to_string()]);
    let mut client = transcript.start(label, &shown, program);
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

#[test]
fn two_clients_at_once() {
    let nc = tool!("nc.openbsd");
    let transcript = transcript("run");
    let (mut server, address) = server(&transcript, &[]);
    let mut one = comes(&transcript, &mut server, "one", &nc, address);
    is_greeted(&mut one, "Michael");
    let mut two = comes(&transcript, &mut server, "two", &nc, address);
    is_greeted(&mut two, "Tracy");
    is_greeted(&mut one, "Sarah");
    exits(&mut server, two);
    is_greeted(&mut one, "Bob");
    exits(&mut server, one);
    server.presses_ctrl_c();
    server.ends(0);
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

fn leaves(mut server: Terminal, python: Terminal) {
    has_left(&mut server, python);
    server.presses_ctrl_c();
    server.ends(0);
}

#[test]
fn pythons_socket_is_greeted_without_an_end_of_line() {
    let python3 = tool!("python3");
    let transcript = transcript("python");
    let (mut server, address) = server(&transcript, &[]);
    let mut client = python(&transcript, &python3, address);
    server.prints("has come");
    type_to(&mut client, "s.recv(1024)");
    send_and_receive(&mut client, "Michael");
    send_and_receive(&mut client, "exit");
    leaves(server, client);
    transcript.check();
}

#[cfg(target_os = "linux")]
#[test]
fn messages_arrive_in_pieces_and_together() {
    let python3 = tool!("python3");
    let transcript = transcript("one-recv");
    let (mut server, address) = server(&transcript, &[]);
    let pid = server.program().pid();
    let mut client = python(&transcript, &python3, address);
    server.prints("has come");
    type_to(&mut client, "s.recv(1024)");
    send_and_receive(&mut client, "Mich");
    send_and_receive(&mut client, "ael");
    prints_line(&mut client, "b'Hello, ael!");

    let kill = |signal: &str| {
        let shown = format!("pkill -{signal} -u $(id -u) threaded-server");
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
fn ctrl_c_with_two_clients() {
    let telnet = tool!("telnet");
    let transcript = transcript("ctrl-c");
    let (mut server, address) = server(&transcript, &[]);
    let mut one = comes(&transcript, &mut server, "one", &telnet, address);
    let mut two = comes(&transcript, &mut server, "two", &telnet, address);
    // One after the other: which of two threads is quicker, nobody knows.
    is_greeted(&mut one, "Michael");
    is_greeted(&mut two, "Tracy");
    server.presses_ctrl_c();
    for client in [&mut one, &mut two] {
        client.prints("Connection closed by foreign host.");
    }
    one.ends(0);
    two.ends(0);
    // Not shown to its end: the order of "has left" is a matter of chance.
    let ended = server.program().line("has left");
    assert!(ended.starts_with("127.0.0.1:"), "{ended}");
    transcript.check();
}

#[cfg(target_os = "linux")]
#[test]
fn no_descriptor_is_left() {
    let (prlimit, nc) = (tool!("prlimit"), tool!("nc.openbsd"));
    let transcript = transcript("descriptors");
    let (mut server, address) = {
        let program = Program::of("threaded-server").args(["127.0.0.1:0"]);
        let shown = "prlimit --nofile=6 target/debug/threaded-server";
        listens(transcript.start("server", shown, program))
    };
    // The numbers below 6 are standard input, output, error, the listener, the socket that
    // wakes accept, and one client's. Where this test's own parent has left descriptors
    // open, the limit is as much higher.
    let pid = server.program().pid();
    let free =
        (0..).find(|number| !Path::new(&format!("/proc/{pid}/fd/{number}")).exists());
    let limit = format!("--nofile={}:", free.expect("a free number") + 1);
    let prlimit = Program::at(prlimit).args([format!("--pid={pid}"), limit]);
    prlimit.run().code(0);

    let mut one = comes(&transcript, &mut server, "one", &nc, address);
    server.prints("cannot accept");
    let program = Program::at(&nc).args(["127.0.0.1", &address.port().to_string()]);
    let mut two = transcript.start("two", "nc 127.0.0.1 9999", program);
    two.types("Tracy");
    is_greeted(&mut one, "Michael");
    exits(&mut server, one);
    server.prints("has come");
    two.prints("Welcome!");
    two.prints("Hello, Tracy!");
    transcript.check();
}

#[cfg(target_os = "linux")]
#[test]
fn a_thread_panics() {
    let (strace, nc) = (tool!("strace"), tool!("nc.openbsd"));
    let transcript = transcript("panic");
    // The number is the kernel's number of the thread.
    transcript.mask(r"^(thread '.*:50001') \(\d+\)", "$1 (24972)");
    transcript.mask(r"^(thread '.*:50002') \(\d+\)", "$1 (24973)");
    let program = Program::of("threaded-server").args(["127.0.0.1:0"]);
    let inject = "inject=recvfrom:retval=5000:when=2";
    let options = ["-D", "-f", "-qq", "-o", "/dev/null", "-e", inject];
    let program = program.through(strace, options).env("RUST_BACKTRACE", "0");
    let shown = format!("strace -f -o log -e {inject} target/debug/threaded-server");
    let (mut server, address) = listens(transcript.start("server", &shown, program));
    let mut one = comes(&transcript, &mut server, "one", &nc, address);
    let mut two = comes(&transcript, &mut server, "two", &nc, address);
    // The second recv of each thread returns at once, before anybody has typed again.
    is_greeted(&mut one, "Michael");
    panics(&mut server);
    server.prints("note: ");
    is_greeted(&mut two, "Sarah");
    panics(&mut server); // the note is for the first panic only
    comes(&transcript, &mut server, "three", &nc, address);
    transcript.check();
}

#[cfg(target_os = "linux")]
fn panics(server: &mut Terminal) {
    server.prints("panicked at");
    server.prints("out of range");
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
