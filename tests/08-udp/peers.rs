//! The server and the client with peers that no one here wrote.

use tests::{Program, Running, tool};

use crate::{Server, client, typed};

/// A program that sends what is typed to the server, and prints what comes back.
fn gets_its_lines_back_in_upper_case(program: Program) {
    let mut running = program.start();
    for (line, answer) in [("hello\n", "HELLO"), ("Hello again\n", "HELLO AGAIN")] {
        running.types(line);
        assert_eq!(running.line(answer), answer);
    }
}

#[test]
fn netcat_of_openbsd_talks_to_the_server() {
    let netcat = tool!("nc.openbsd");
    let server = Server::start();
    let port = server.address.port().to_string();
    let program = Program::at(netcat).args(["-u", "127.0.0.1", &port]);
    gets_its_lines_back_in_upper_case(program);
}

#[test]
fn the_traditional_netcat_talks_to_the_server() {
    let netcat = tool!("nc.traditional");
    let server = Server::start();
    let port = server.address.port().to_string();
    let program = Program::at(netcat).args(["-u", "127.0.0.1", &port]);
    gets_its_lines_back_in_upper_case(program);
}

#[test]
fn socat_talks_to_the_server() {
    let socat = tool!("socat");
    let server = Server::start();
    let address = format!("UDP:{}", server.address);
    gets_its_lines_back_in_upper_case(Program::at(socat).args(["-", &address]));
}

/// The conversation that Python tutorials print for SOCK_DGRAM.
const PYTHON_CLIENT: &str = "
import socket, sys
server = ('127.0.0.1', int(sys.argv[1]))
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.settimeout(5)
for data in [b'Michael', b'Tracy', b'Sarah', b'']:
    s.sendto(data, server)
    answer, sender = s.recvfrom(1024)
    print(answer, sender == server)
s.close()
";

#[test]
fn pythons_socket_module_talks_to_the_server() {
    let python = tool!("python3");
    let server = Server::start();
    let port = server.address.port().to_string();
    let ended = Program::at(python).args(["-c", PYTHON_CLIENT, &port]).run();
    ended.code(0);
    let expected = "b'MICHAEL' True\nb'TRACY' True\nb'SARAH' True\nb'' True\n";
    assert_eq!(ended.stdout, expected);
}

/// socketserver's handler for datagrams: `request` is the data and the socket.
const PYTHON_SERVER: &str = "
import socketserver, sys
class Handler(socketserver.BaseRequestHandler):
    def handle(self):
        data, socket = self.request
        socket.sendto(data.upper(), self.client_address)
kind = getattr(socketserver, sys.argv[1])
with kind(('127.0.0.1', 0), Handler) as server:
    host, port = server.server_address
    print(f'Listening on {host}:{port}', flush=True)
    server.serve_forever()
";

fn python_server(python: &std::path::Path, kind: &str) -> Running {
    Program::at(python)
        .args(["-c", PYTHON_SERVER, kind])
        .start()
}

#[test]
fn the_client_talks_to_pythons_socketserver() {
    let python = tool!("python3");
    for kind in ["UDPServer", "ThreadingUDPServer"] {
        let mut server = python_server(&python, kind);
        let ended = typed(client(server.address()), "hello\n\nwörld\n");
        ended.code(0);
        assert!(ended.stdout.ends_with("\nHELLO\n\nWöRLD\n"), "{ended:?}");
    }
}
