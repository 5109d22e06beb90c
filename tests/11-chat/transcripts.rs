//! The pictures of chapter 11.

use std::net::SocketAddr;
use std::path::Path;

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
