//! The pictures of the steps: each fault as it hurts, and the step that is cured.
#![cfg(unix)]

use std::net::SocketAddr;
use std::path::Path;

use tests::{Program, Terminal, Transcript, tool};

use crate::transcripts::{PROGRAM, transcript};
use crate::{client, server};

/// A step that listens, on a port that the kernel chose, shown as 8888.
fn step(transcript: &Transcript, label: &str, name: &str) -> (Terminal, SocketAddr) {
    let shown = format!("{PROGRAM} --bin {name}");
    let mut server = transcript.start(label, &shown, server(name, &[]));
    let address = server.listens(8888);
    (server, address)
}

/// One of the lesson's peers in Python; its port 8888 is `port`.
fn python(python3: &Path, peer: &str, port: u16) -> (String, Program) {
    let file = format!("lessons/05-bind-listen-accept/peers/{peer}.py");
    let program = std::fs::read_to_string(tests::root().join(&file)).expect("a program");
    let program = program.replace("8888", &port.to_string());
    let shown = format!("python3 {file}");
    (shown, Program::at(python3).args(["-c", &program]))
}

/// Python takes its time to start on a busy machine: until then nobody is late.
fn has_met_python(terminal: &mut Terminal) {
    tests::until_within(tests::WHOLE, "the peer in Python connects", || {
        let printed = terminal.program().printed();
        let printed = String::from_utf8_lossy(&printed);
        let met = printed.contains("is connected") || printed.contains("is on the line");
        met.then_some(())
    });
}

fn nc(nc: &Path, options: &[&str], address: SocketAddr) -> Program {
    let port = address.port().to_string();
    let all = options.iter().copied().chain(["127.0.0.1", &port]);
    Program::at(nc).args(all)
}

#[test]
fn step_1_hears_nc_and_answers() {
    let program = tool!("nc.openbsd");
    let transcript = transcript("step-1");
    let (mut server, address) = step(&transcript, "server", "bind-listen-accept-1");
    let shown = "nc 127.0.0.1 8888";
    let mut client = transcript.start("client", shown, nc(&program, &[], address));
    server.prints("is connected");
    client.types("hello");
    server.prints("it says");
    client.prints("Hello, client!");
    client.presses_ctrl_d();
    client.ends(0);
    server.ends(0);
    transcript.check();
}

/// A server that has served telnet, so that the old connection is in TIME_WAIT, and its
/// restart. telnet reads until the server has closed, so the server closes first.
#[cfg(target_os = "linux")]
fn restart(transcript: &Transcript, telnet: &Path, name: &str) -> Terminal {
    let (mut server, address) = step(transcript, "server", name);
    let shown = "telnet 127.0.0.1 8888";
    let mut client = transcript.start("client", shown, nc(telnet, &[], address));
    client.prints("Escape character");
    client.types("hello");
    server.prints("it says");
    client.ends(0);
    server.ends(0);
    let look = "ss -tanH 'sport = :8888'";
    crate::transcripts::shell(transcript, "client", look, address.port()).ends(0);
    let shown = format!("{PROGRAM} --bin {name}");
    transcript.start("server", &shown, crate::client(name, address))
}

#[cfg(target_os = "linux")]
#[test]
fn step_1_cannot_start_again_while_its_last_connection_is_in_time_wait() {
    let (telnet, _needed) = (tool!("telnet"), tool!("ss"));
    let transcript = transcript("step-1-restart");
    restart(&transcript, &telnet, "bind-listen-accept-1").ends(1);
    transcript.check();
}

#[cfg(target_os = "linux")]
#[test]
fn step_2_starts_again_at_once() {
    let (telnet, _needed) = (tool!("telnet"), tool!("ss"));
    let transcript = transcript("step-2-restart");
    let mut again = restart(&transcript, &telnet, "bind-listen-accept-2");
    again.prints("Listening on ");
    again.presses_ctrl_c();
    again.ends_by_signal();
    transcript.check();
}

#[cfg(target_os = "linux")]
#[test]
fn a_client_that_breaks_off_ends_step_2() {
    let python3 = tool!("python3");
    let transcript = transcript("step-2-breaks-off");
    let (mut server, address) = step(&transcript, "server", "bind-listen-accept-2");
    let (shown, client) = python(&python3, "breaks_off", address.port());
    let client = transcript.start("client", &shown, client);
    has_met_python(&mut server);
    server.prints("is connected");
    client.ends(0);
    server.ends(1);
    transcript.check();
}

#[cfg(target_os = "linux")]
#[test]
fn after_a_client_that_breaks_off_step_3_serves_the_next() {
    let (python3, program) = (tool!("python3"), tool!("nc.openbsd"));
    let transcript = transcript("step-3-breaks-off");
    let (mut server, address) = step(&transcript, "server", "bind-listen-accept-3");
    let (shown, one) = python(&python3, "breaks_off", address.port());
    let one = transcript.start("one", &shown, one);
    has_met_python(&mut server);
    server.prints("next client, please");
    one.ends(0);
    let shown = "nc 127.0.0.1 8888";
    let mut two = transcript.start("two", shown, nc(&program, &[], address));
    server.prints("is connected");
    two.types("hello");
    server.prints("it says");
    two.prints("Hello, client!");
    two.presses_ctrl_d();
    two.ends(0);
    server.ends(0);
    transcript.check();
}

#[test]
fn a_silent_client_holds_step_3() {
    let program = tool!("nc.openbsd");
    let transcript = transcript("step-3-silent");
    let (mut server, address) = step(&transcript, "server", "bind-listen-accept-3");
    let shown = "nc 127.0.0.1 8888";
    let silent = transcript.start("one", shown, nc(&program, &[], address));
    server.prints("is connected");
    let shown = "nc -w 2 127.0.0.1 8888";
    let mut two = transcript.start("two", shown, nc(&program, &["-w", "2"], address));
    two.types("hello");
    two.ends(0); // after two seconds without a word
    server.presses_ctrl_c();
    server.ends_by_signal();
    drop(silent);
    transcript.check();
}

/// A client that sends 10,000,000 bytes and then reads its answer, and what it sees.
fn long_letter(transcript: Transcript, python3: &Path, server: &str, sees: &str) {
    let (mut server, address) = step(&transcript, "server", server);
    let (shown, client) = python(python3, "long_letter", address.port());
    let mut client = transcript.start("client", &shown, client);
    has_met_python(&mut server);
    server.prints("it says");
    client.prints(sees);
    client.ends(0);
    server.ends(0);
    transcript.check();
}

#[cfg(target_os = "linux")]
#[test]
fn a_long_letter_costs_the_answer_of_step_4() {
    let python3 = tool!("python3");
    let sees = "[Errno 104] Connection reset by peer\n";
    let transcript = transcript("step-4-long-letter");
    long_letter(transcript, &python3, "bind-listen-accept-4", sees);
}

#[test]
fn a_long_letter_gets_its_answer_from_step_5() {
    let python3 = tool!("python3");
    let transcript = transcript("step-5-long-letter");
    let sees = "b'Hello, client!\\n'\n";
    long_letter(transcript, &python3, "bind-listen-accept-5", sees);
}

/// A server in Python, and a client of ours that talks to it.
#[cfg(target_os = "linux")]
fn with_python(transcript: Transcript, peer: &str, ours: (&str, Program), code: i32) {
    let python3 = tool!("python3");
    let (shown, server) = python(&python3, peer, 0);
    let mut server = transcript.start("server", &shown, server);
    let pid = server.program().pid();
    let address = tests::kernel::comes_to_listen(pid);
    transcript.port(address.port(), 8888);
    let (shown, program) = ours;
    let program = program.args([address.to_string()]);
    let shown = format!("{PROGRAM} --bin {shown}");
    transcript.start("client", &shown, program).ends(code);
    server.ends(0);
    transcript.check();
}

#[cfg(target_os = "linux")]
#[test]
fn the_clients_step_1_takes_a_piece_for_the_answer() {
    let name = "bind-listen-accept-client-1";
    let client = (name, Program::of(name));
    with_python(transcript("client-1-pieces"), "in_pieces", client, 0);
}

#[cfg(target_os = "linux")]
#[test]
fn the_clients_step_2_puts_the_pieces_together() {
    let name = "bind-listen-accept-client-2";
    let client = (name, Program::of(name));
    with_python(transcript("client-2-pieces"), "in_pieces", client, 0);
}

#[cfg(target_os = "linux")]
#[test]
fn the_client_gives_a_silent_server_up() {
    let program = Program::of("bind-listen-accept-client").args(["--timeout", "1"]);
    let shown = "bind-listen-accept-client -- --timeout 1 127.0.0.1:8888";
    let client = (shown, program);
    with_python(transcript("client-silent"), "silent", client, 1);
}

#[test]
fn two_people_talk_with_step_1() {
    let transcript = transcript("talk-1");
    let (mut ada, address) = step(&transcript, "Ada", "talk-1");
    let shown = format!("{PROGRAM} --bin talk-client-1");
    let mut bob = transcript.start("Bob", &shown, client("talk-client-1", address));
    ada.prints("is on the line");
    bob.prints("You speak first");
    bob.types("Hello, is that Ada?");
    ada.prints("them: Hello");
    ada.types("Yes! Who is there?");
    bob.prints("them: Yes");
    bob.types("Bob. I have opened my first socket.");
    ada.prints("them: Bob");
    ada.types("And I have bound mine.");
    bob.prints("them: And");
    bob.presses_ctrl_d();
    bob.ends(0);
    ada.prints("They hung up.");
    ada.ends(0);
    transcript.check();
}

/// A caller whose line is cut in the middle of a character, and what Ada sees of it.
fn half_a_letter(transcript: Transcript, python3: &Path, ada: &str, sees: &[&str]) {
    let (mut ada, address) = step(&transcript, "Ada", ada);
    let (shown, bob) = python(python3, "half_a_letter", address.port());
    let mut bob = transcript.start("Bob", &shown, bob);
    has_met_python(&mut ada);
    for (line, answer) in sees.iter().zip(["Yes?", "What?"]) {
        ada.prints(line);
        ada.types(answer);
        bob.prints(&format!("{answer}\n"));
    }
    ada.prints("They hung up.");
    bob.ends(0);
    ada.ends(0);
    transcript.check();
}

#[test]
fn talk_step_1_takes_half_a_line_for_a_line() {
    let python3 = tool!("python3");
    let transcript = transcript("talk-1-half-a-letter");
    half_a_letter(transcript, &python3, "talk-1", &["them: Gr", "them: "]);
}

#[test]
fn talk_step_2_waits_for_the_end_of_the_line() {
    let python3 = tool!("python3");
    let transcript = transcript("talk-2-half-a-letter");
    half_a_letter(transcript, &python3, "talk-2", &["them: Grüße!"]);
}

/// A caller who sends what a terminal obeys; `cat -v` shows what arrives there.
fn steers(transcript: Transcript, python3: &Path, ada: &str, arrives: &str) {
    let shown = format!("{PROGRAM} --bin {ada} | cat -v");
    let pipe = ["-c", r#""$0" "$@" | cat -v"#];
    let program = server(ada, &[]).through("/bin/sh", pipe);
    let mut ada = transcript.start("Ada", &shown, program);
    let address = ada.listens(8888);
    let (shown, bob) = python(python3, "steers", address.port());
    let mut bob = transcript.start("Bob", &shown, bob);
    has_met_python(&mut ada);
    ada.prints(arrives);
    ada.types("What?");
    bob.prints("What?\n");
    bob.ends(0);
    ada.ends(0);
    transcript.check();
}

#[test]
fn a_caller_clears_the_screen_of_talk_step_2() {
    let python3 = tool!("python3");
    let arrives = "them: ^[[2J^[[HPassword:";
    steers(transcript("talk-2-steers"), &python3, "talk-2", arrives);
}

#[test]
fn a_caller_cannot_steer_the_terminal_of_talk_step_3() {
    let python3 = tool!("python3");
    let arrives = "them: ?[2J?[HPassword:";
    steers(transcript("talk-3-steers"), &python3, "talk-3", arrives);
}

#[test]
fn one_who_only_knocks_ends_talk_step_3() {
    let program = tool!("nc.openbsd");
    let transcript = transcript("talk-3-knock");
    let (mut ada, address) = step(&transcript, "Ada", "talk-3");
    let shown = "nc -z 127.0.0.1 8888";
    let knocks = transcript.start("nc", shown, nc(&program, &["-z"], address));
    ada.prints("They hung up.");
    knocks.ends(0);
    ada.ends(0);
    transcript.check();
}

#[test]
fn one_who_only_knocks_does_not_end_the_talk() {
    let program = tool!("nc.openbsd");
    let transcript = transcript("talk-knock");
    let shown = format!("{PROGRAM} --bin talk");
    let mut ada = transcript.start("Ada", &shown, server("talk", &[]));
    let address = ada.listens(8888);
    ada.prints("try: nc");
    let shown = "nc -z 127.0.0.1 8888";
    let knocks = transcript.start("nc", shown, nc(&program, &["-z"], address));
    ada.prints("next caller, please");
    knocks.ends(0);
    ada.presses_ctrl_c();
    ada.ends(0);
    transcript.check();
}
