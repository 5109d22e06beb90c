//! `connect` and servers that nobody here wrote.

use tests::{Program, peer, tool};

/// Starts a server that announces its port in its first line, and connects to it.
fn connects_to(server: Program, announced: &str) {
    let mut server = server.start();
    let line = server.line(announced);
    let port = line.rsplit(announced).next().unwrap_or_default();
    let port: String = port.chars().take_while(char::is_ascii_digit).collect();
    let ended = super::connect(format!("127.0.0.1:{port}")).run();
    ended.code(0);
    let peer = format!("peer address: 127.0.0.1:{port}\n");
    assert!(ended.stdout.contains(&peer), "{ended:?}");
}

#[test]
fn it_connects_to_pythons_web_server() {
    let python = tool!("python3");
    let args = ["-u", "-m", "http.server", "0", "--bind", "127.0.0.1"];
    connects_to(Program::at(python).args(args), " port ");
}

#[test]
fn it_connects_to_pythons_socketserver() {
    let python = tool!("python3");
    let script = "
import socketserver
server = socketserver.TCPServer(('127.0.0.1', 0), socketserver.StreamRequestHandler)
print('port', server.server_address[1], flush=True)
server.handle_request()";
    connects_to(Program::at(python).args(["-c", script]), "port ");
}

#[test]
fn python_sees_the_same_two_ends() {
    let python = tool!("python3");
    let (listener, address) = peer::listener();
    let script = format!(
        "import socket\n\
         s = socket.create_connection(('127.0.0.1', {}))\n\
         print(s.getsockname()[1], s.getpeername()[1])",
        address.port()
    );
    let ended = Program::at(python).args(["-c", &script]).run();
    ended.code(0);
    let (_stream, from) = listener.accept().expect("a client");
    let expected = format!("{} {}\n", from.port(), address.port());
    assert_eq!(ended.stdout, expected);
}
