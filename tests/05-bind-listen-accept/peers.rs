//! The four programs and peers that nobody here wrote.

use std::net::SocketAddr;
use std::path::PathBuf;

use tests::{Program, Running, tool};

use crate::{Server, client};

/// A terminal program as a client of the server: types a line, sees the answer.
fn is_a_client(program: PathBuf, typed: &str, heard: &str) {
    let mut server = Server::start("bind-listen-accept");
    let (ip, port) = (
        server.address.ip().to_string(),
        server.address.port().to_string(),
    );
    let mut running = Program::at(program).args([ip, port]).start();
    running.types(typed);
    server.running.line(&format!("it says: {heard}"));
    running.line("Hello, client!");
    running.close_keyboard();
    running.ends();
    server.running.ends().code(0);
}

/// The same for the talk: a line from each in turn.
fn is_a_caller(program: PathBuf) {
    let mut server = Server::start("talk");
    let (ip, port) = (
        server.address.ip().to_string(),
        server.address.port().to_string(),
    );
    let mut running = Program::at(program).args([ip, port]).start();
    for number in 1..3 {
        running.types(format!("question {number}\n"));
        server.running.line(&format!("them: question {number}"));
        server.running.types(format!("answer {number}\n"));
        running.line(&format!("answer {number}"));
    }
    server.running.close_keyboard();
    running.types("goodbye\n");
    server.running.line("them: goodbye");
    running.close_keyboard();
    running.ends();
    server.running.ends().code(0);
}

#[test]
fn telnet_ends_its_line_with_crlf_and_gets_its_answer() {
    is_a_client(tool!("telnet"), "hello\n", r#""hello\r\n""#);
}

#[test]
fn nc_of_openbsd_gets_its_answer() {
    is_a_client(tool!("nc.openbsd"), "hello\n", r#""hello\n""#);
}

#[test]
fn nc_traditional_gets_its_answer() {
    is_a_client(tool!("nc.traditional"), "hello\n", r#""hello\n""#);
}

#[test]
fn telnet_talks_in_turn() {
    is_a_caller(tool!("telnet"));
}

#[test]
fn nc_of_openbsd_talks_in_turn() {
    is_a_caller(tool!("nc.openbsd"));
}

#[test]
fn nc_traditional_talks_in_turn() {
    is_a_caller(tool!("nc.traditional"));
}

#[test]
fn curl_gets_its_answer_as_the_oldest_http() {
    let curl = tool!("curl");
    let mut server = Server::start("bind-listen-accept");
    let url = format!("http://{}/", server.address);
    let ended = Program::at(curl).args(["-s", "--http0.9", &url]).run();
    ended.code(0);
    assert_eq!(ended.stdout, "Hello, client!\n");
    server.running.line("it says: \"GET / HTTP/1.1\\r\\n");
    server.running.ends().code(0);
}

#[test]
fn a_python_client_has_the_conversation_of_the_tutorials() {
    let python = tool!("python3");
    let mut server = Server::start("bind-listen-accept");
    let script = format!(
        "
import socket
s = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
s.connect(('127.0.0.1', {}))
s.send(b'Hello, server!')
print(s.recv(1024).decode(), end='')
print(s.recv(1024))
s.close()",
        server.address.port()
    );
    let ended = Program::at(python).args(["-c", &script]).run();
    ended.code(0);
    assert_eq!(ended.stdout, "Hello, client!\nb''\n");
    server.running.line("it says: \"Hello, server!\"");
    server.running.ends().code(0);
}

/// A Python server that says its port in its first line.
fn python_server(script: &str) -> Option<(Running, SocketAddr)> {
    let python = tests::find_tool("python3")?;
    let mut running = Program::at(python).args(["-u", "-c", script]).start();
    let line = running.line("port ");
    let port = line.trim_start_matches("port ").parse().expect("a number");
    Some((running, SocketAddr::from(([127, 0, 0, 1], port))))
}

#[test]
fn our_client_talks_to_the_python_server_of_the_tutorials() {
    let script = "
import socket
s = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
s.bind(('127.0.0.1', 0))
s.listen(5)
print('port', s.getsockname()[1])
c, address = s.accept()
print(address, c.recv(1024))
c.send(b'Hello, client!')
c.close()";
    let Some((mut server, address)) = python_server(script) else {
        return;
    };
    let ended = client("bind-listen-accept-client", address).run();
    ended.code(0);
    let line = "it says: \"Hello, client!\" (the line has no end)\n";
    assert!(ended.stdout.ends_with(line), "{ended:?}");
    server.line("b'Hello, server!\\n'");
}

const SOCKETSERVER: &str = "
import socketserver
class Upper(socketserver.StreamRequestHandler):
    def handle(self):
        for line in self.rfile:
            self.wfile.write(line.upper())
server = socketserver.TCPServer(('127.0.0.1', 0), Upper)
print('port', server.server_address[1])
server.handle_request()";

#[test]
fn our_client_talks_to_pythons_socketserver() {
    let Some((_server, address)) = python_server(SOCKETSERVER) else {
        return;
    };
    let ended = client("bind-listen-accept-client", address).run();
    ended.code(0);
    assert!(
        ended.stdout.ends_with("it says: \"HELLO, SERVER!\\n\"\n"),
        "{ended:?}"
    );
}

#[test]
fn our_caller_talks_to_pythons_socketserver() {
    let Some((_server, address)) = python_server(SOCKETSERVER) else {
        return;
    };
    let mut caller = client("talk-client", address).start();
    for line in ["one", "two"] {
        caller.types(format!("{line}\n"));
        caller.line(&format!("them: {}", line.to_uppercase()));
    }
    caller.close_keyboard();
    caller.ends().code(0);
}

#[test]
fn our_client_talks_to_nc_as_a_server() {
    let nc = tool!("nc.openbsd");
    let mut nc = Program::at(nc).args(["-l", "127.0.0.1", "0"]).start();
    let address = tests::kernel::comes_to_listen(nc.pid());
    let mut client = client("bind-listen-accept-client", address).start();
    nc.line("Hello, server!");
    nc.types("Hello, whoever you are!\n");
    client.line("it says: \"Hello, whoever you are!\\n\"");
    client.ends().code(0);
}
