//! The pictures of the two chapters 05: the last programs, and what else goes wrong.

#[cfg(target_os = "linux")]
use tests::namespace;
use tests::{Program, Terminal, Transcript, peer, tool};

use crate::{client, server};

pub const PROGRAM: &str = "cargo run -p bind-listen-accept";

pub fn transcript(name: &str) -> Transcript {
    Transcript::new("05-bind-listen-accept", name)
}

/// Starts the server, which listens on port 8888 as far as the page knows.
fn starts(transcript: &Transcript, label: &str) -> (Terminal, std::net::SocketAddr) {
    let program = server("bind-listen-accept", &[]);
    let mut terminal = transcript.start(label, PROGRAM, program);
    let address = terminal.listens(8888);
    terminal.prints("try: nc");
    (terminal, address)
}

#[test]
fn the_run_with_the_client() {
    let transcript = transcript("hello");
    let (mut server, address) = starts(&transcript, "server");
    let shown = format!("{PROGRAM} --bin bind-listen-accept-client -- 127.0.0.1:8888");
    let program = client("bind-listen-accept-client", address);
    let mut client = transcript.start("client", &shown, program);
    server.prints("it says");
    client.prints("it says");
    client.ends(0);
    server.ends(0);
    transcript.check();
}

#[test]
fn the_client_with_its_practice_server() {
    let shown = format!("{PROGRAM} --bin bind-listen-accept-client");
    let program = Program::of("bind-listen-accept-client");
    transcript("practice").of_one(&shown, program, 0);
}

/// A command of the reader's shell, with the real port in the place of 8888.
pub fn shell(transcript: &Transcript, label: &str, shown: &str, port: u16) -> Terminal {
    let real = shown.replace("8888", &port.to_string());
    // On some systems `nc` is another one.
    let real = real.replace("nc -", "nc.openbsd -");
    transcript.start(label, shown, Program::at("/bin/sh").args(["-c", &real]))
}

#[cfg(target_os = "linux")]
#[test]
fn the_run_on_a_port_in_use() {
    let _needed = tool!("ss");
    let transcript = transcript("port-in-use");
    transcript.mask(r"pid=\d+,fd=\d+", "pid=4321,fd=3");
    let (mut first, address) = starts(&transcript, "one");
    let program = client("bind-listen-accept", address);
    let second = transcript.start("two", PROGRAM, program);
    second.ends(1);
    let who = shell(
        &transcript,
        "two",
        "ss -tlnpH 'sport = :8888'",
        address.port(),
    );
    who.ends(0);
    first.presses_ctrl_c();
    first.ends(0);
    transcript.check();
}

#[cfg(target_os = "linux")]
#[test]
fn the_run_on_a_privileged_port() {
    let setpriv = tool!("setpriv");
    if !namespace::allowed() {
        return;
    }
    // An ordinary user: one without the capability for ports below 1024.
    let program = client("bind-listen-accept", "127.0.0.1:80")
        .through(setpriv, ["--bounding-set=-net_bind_service"]);
    let program = namespace::around(program, "ip link set lo up");
    let shown = format!("{PROGRAM} -- 127.0.0.1:80");
    transcript("privileged").of_one(&shown, program, 1);
}

#[test]
fn the_run_on_an_address_of_another_machine() {
    let program = client("bind-listen-accept", "203.0.113.1:8888");
    let shown = format!("{PROGRAM} -- 203.0.113.1:8888");
    transcript("not-ours").of_one(&shown, program, 1);
}

#[test]
fn the_run_with_a_wrong_argument() {
    let program = client("bind-listen-accept", "8888");
    transcript("nonsense").of_one(&format!("{PROGRAM} -- 8888"), program, 2);
}

#[cfg(target_os = "linux")]
#[test]
fn the_run_in_which_the_queue_fills_up() {
    let _needed = (tool!("nc.openbsd"), tool!("ss"));
    let transcript = transcript("backlog");
    transcript.mask(r"\[tcp/[^]]*\]", "[tcp/*]"); // some ports have a name
    transcript.mask("nc.openbsd:", "nc:"); // its name where there are two of them
    // Time enough to look: when the silent client's time is over, the queue drains.
    let shown = format!("{PROGRAM} -- --timeout 300");
    let program = server("bind-listen-accept", &["--timeout", "300"]);
    let mut server = transcript.start("server", &shown, program);
    let address = server.listens(8888);
    server.prints("try: nc");
    let mut silent = shell(&transcript, "nc", "nc -v 127.0.0.1 8888", address.port());
    silent.prints("succeeded");
    server.prints("is connected");
    let knock = "for i in $(seq 12); do nc -vz -w 2 127.0.0.1 8888; done";
    shell(&transcript, "many", knock, address.port()).ends(1);
    shell(
        &transcript,
        "many",
        "ss -tlnH 'sport = :8888'",
        address.port(),
    )
    .ends(0);
    server.presses_ctrl_c();
    server.ends(0);
    drop(silent);
    transcript.check();
}

/// One server on 127.0.0.1 and one on every address; somebody calls 127.0.0.2.
#[cfg(target_os = "linux")]
#[test]
fn the_run_on_one_address_and_on_every_address() {
    let transcript = transcript("every-address");
    let calls = |port: u16| {
        let shown = "cargo run -p connect -- 127.0.0.2:8888";
        let program = client("connect", format!("127.0.0.2:{port}"));
        transcript.start("client", shown, program)
    };
    let (mut one, address) = starts(&transcript, "server");
    calls(address.port()).ends(1);
    one.presses_ctrl_c();
    one.ends(0);
    let any = client("bind-listen-accept", "0.0.0.0:0");
    let mut every =
        transcript.start("server", &format!("{PROGRAM} -- 0.0.0.0:8888"), any);
    let address = every.listens(8888);
    every.prints("try: nc");
    calls(address.port()).ends(0);
    every.prints("next client");
    every.presses_ctrl_c();
    every.ends(0);
    transcript.check();
}

#[cfg(target_os = "linux")]
#[test]
fn the_run_with_ipv6() {
    if std::net::TcpListener::bind("[::1]:0").is_err() {
        tests::skip!("this machine has no IPv6 loopback");
    }
    let transcript = transcript("ipv6");
    let any = client("bind-listen-accept", "[::]:0");
    let mut server = transcript.start("server", &format!("{PROGRAM} -- [::]:8888"), any);
    let port = server.listens(8888).port();
    server.prints("try: nc");
    for host in ["[::1]", "127.0.0.1"] {
        let shown = format!("cargo run -p connect -- {host}:8888");
        let program = client("connect", format!("{host}:{port}"));
        transcript.start("client", &shown, program).ends(0);
        server.prints("next client");
    }
    server.presses_ctrl_c();
    server.ends(0);
    transcript.check();
}

#[test]
fn the_run_with_a_client_that_says_nothing() {
    let transcript = transcript("silent");
    let shown = format!("{PROGRAM} -- --timeout 1");
    let program = server("bind-listen-accept", &["--timeout", "1"]);
    let mut server = transcript.start("server", &shown, program);
    let address = server.listens(8888);
    server.prints("try: nc");
    let silent = peer::connect(address);
    server.prints("next client");
    let shown = format!("{PROGRAM} --bin bind-listen-accept-client -- 127.0.0.1:8888");
    let program = client("bind-listen-accept-client", address);
    let client = transcript.start("client", &shown, program);
    client.ends(0);
    server.ends(0);
    drop(silent);
    transcript.check();
}

#[test]
fn the_run_of_the_talk() {
    let transcript = transcript("talk");
    let program = crate::server("talk", &[]);
    let shown = format!("{PROGRAM} --bin talk");
    let mut server = transcript.start("Ada", &shown, program);
    let address = server.listens(8888);
    server.prints("try: nc");
    let shown = format!("{PROGRAM} --bin talk-client -- 127.0.0.1:8888");
    let mut caller = transcript.start("Bob", &shown, client("talk-client", address));
    server.prints("is on the line");
    caller.prints("you:");
    for (question, answer) in [
        ("Hello, is that Ada?", "Yes! Who is there?"),
        (
            "Bob. I have opened my first socket.",
            "And I have bound mine.",
        ),
    ] {
        caller.types(question);
        server.prints("you:");
        server.types(answer);
        caller.prints("you:");
    }
    caller.presses_ctrl_d();
    caller.ends(0);
    server.ends(0);
    transcript.check();
}

#[test]
fn the_run_of_the_talk_with_the_practice_partner() {
    let transcript = transcript("talk-practice");
    let shown = format!("{PROGRAM} --bin talk-client");
    let mut caller = transcript.start("", &shown, Program::of("talk-client"));
    caller.prints("you:");
    for line in ["hello", "how are you?"] {
        caller.types(line);
        caller.prints("you:");
    }
    caller.presses_ctrl_d();
    caller.ends(0);
    transcript.check();
}
