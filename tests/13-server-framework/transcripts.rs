//! The pictures of chapter 13. Ctrl+C is Unix, and so are nc and telnet as shown here.
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

#[test]
fn hello_world() {
    let telnet = tool!("telnet");
    let transcript = transcript("run");
    let which = ("server-framework", HELLO, 2525);
    let (mut server, address) = server(&transcript, which, &[]);
    for label in ["one", "two"] {
        let port = address.port().to_string();
        let program = Program::at(&telnet).args(["127.0.0.1", &port]);
        let client = transcript.start(label, "telnet 127.0.0.1 2525", program);
        client.ends(0);
    }
    server.presses_ctrl_c();
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

#[cfg(target_os = "linux")]
#[test]
fn a_worker_survives_a_panic() {
    let (strace, path) = (tool!("strace"), tool!("nc.openbsd"));
    let transcript = transcript("panic");
    // The number is the kernel's number of the thread.
    transcript.mask(r"^(thread 'worker 1') \(\d+\)", "$1 (24972)");
    let inject = "inject=recvfrom:retval=5000:when=2";
    let options = ["-D", "-f", "-qq", "-o", "/dev/null", "-e", inject];
    let program = Program::of("framework-echo").args(["127.0.0.1:0", "--pool", "1"]);
    let program = program.through(strace, options).env("RUST_BACKTRACE", "0");
    let shown =
        format!("strace -f -o log -e {inject} target/debug/framework-echo --pool 1");
    let (mut server, address) =
        listens(transcript.start("server", &shown, program), 9001);
    let mut one = nc(&transcript, "one", &path, 9001, address);
    server.prints("has come");
    says(&mut one, "hello");
    server.prints("panicked at");
    server.prints("out of range");
    server.prints("note: ");
    server.prints("has left");
    server.prints("is lost");
    one.presses_ctrl_d();
    one.ends(0);
    let mut two = nc(&transcript, "two", &path, 9001, address);
    server.prints("has come");
    says(&mut two, "is somebody left?");
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
