//! `threaded-server` and clients that nobody here wrote, and our client at a server of
//! Python's.

use tests::{Program, Running, tool};

use crate::{TALK, server};

/// Is greeted as a person at a terminal would be.
fn is_greeted(client: &mut Running) {
    client.line("Welcome!");
    for name in ["Michael", "Tracy", "Sarah"] {
        client.types(format!("{name}\n"));
        client.line(&format!("Hello, {name}!"));
    }
    client.types("exit\n");
}

#[test]
fn telnet_is_greeted() {
    let telnet = tool!("telnet");
    let (mut server, address) = server(&[]);
    let port = address.port().to_string();
    let mut client = Program::at(telnet).args(["127.0.0.1", &port]).start();
    is_greeted(&mut client);
    let ended = client.ends();
    let said = format!("{}{}", ended.stdout, ended.stderr);
    assert!(
        said.contains("Connection closed by foreign host."),
        "{said}"
    );
    server.line("has left");
}

#[test]
fn both_kinds_of_nc_are_greeted() {
    for kind in ["nc.openbsd", "nc.traditional"] {
        let Some(nc) = tests::find_tool(kind) else {
            continue;
        };
        let (mut server, address) = server(&[]);
        let port = address.port().to_string();
        let mut client = Program::at(nc).args(["127.0.0.1", &port]).start();
        is_greeted(&mut client);
        client.close_keyboard();
        client.ends();
        server.line("has left");
    }
}

#[test]
fn the_python_client_of_the_tutorials_is_greeted_without_an_end_of_line() {
    let python3 = tool!("python3");
    let (mut server, address) = server(&[]);
    let script = format!(
        "
import socket
s = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
s.connect(('127.0.0.1', {}))
print(s.recv(1024).decode('utf-8'), end='')
for data in [b'Michael', b'Tracy', b'Sarah']:
    s.send(data)
    print(s.recv(1024).decode('utf-8'), end='')
s.send(b'exit')
s.close()
",
        address.port()
    );
    let ended = Program::at(python3).args(["-c", &script]).run();
    ended.code(0);
    assert_eq!(ended.stdout, TALK);
    server.line("has left");
}

/// The course's word on "the collector closes, some day".
#[test]
fn pythons_socket_is_closed_with_its_last_reference() {
    let python3 = tool!("python3");
    let script = "
import socket
one, two = socket.socketpair()
two.settimeout(5)
del one
print(two.recv(1))
";
    let ended = Program::at(python3).args(["-c", script]).run();
    ended.code(0);
    assert_eq!(ended.stdout, "b''\n");
}

#[test]
fn curl_is_greeted() {
    let curl = tool!("curl");
    let (_server, address) = server(&[]);
    let url = format!("telnet://{address}");
    let mut client = Program::at(curl).args(["--silent", &url]).start();
    // A curl whose server is silent for 100 ms sleeps in the read of its keyboard, and does
    // not hear the server until something is typed. The end of the keyboard wakes it always.
    client.types("Michael\nTracy\nSarah\nexit\n");
    client.close_keyboard();
    let all = "Welcome!\nHello, Michael!\nHello, Tracy!\nHello, Sarah!\n";
    assert_eq!(client.ends().code(0).stdout, all);
}

#[test]
fn our_client_is_greeted_by_a_threading_tcp_server_of_pythons() {
    let python3 = tool!("python3");
    let script = "
import socketserver
class Greeter(socketserver.StreamRequestHandler):
    def handle(self):
        self.wfile.write(b'Welcome!\\n')
        for line in self.rfile:
            name = line.strip()
            if name == b'exit':
                break
            self.wfile.write(b'Hello, ' + name + b'!\\n')
server = socketserver.ThreadingTCPServer(('127.0.0.1', 0), Greeter)
print('Listening on 127.0.0.1:%d' % server.server_address[1], flush=True)
server.serve_forever()
";
    let mut server = Program::at(python3).args(["-c", script]).start();
    let address = server.address().to_string();
    for _ in 0..2 {
        let client = Program::of("threaded-server-client").args([&address]);
        let ended = client.run();
        ended.code(0);
        assert_eq!(ended.stdout, TALK);
    }
}
