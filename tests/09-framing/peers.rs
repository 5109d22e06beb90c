//! Lesson 09's programs talk to programs that nobody here wrote: Python's socket module
//! and socketserver, nc, telnet, curl.

use std::io::Read;
use std::path::Path;

use tests::{Program, Running, peer, root, tool, until};

use crate::{Server, frame};

fn python(script: &str, args: &[&str]) -> Option<Program> {
    let python = tests::find_tool("python3")?;
    Some(Program::at(python).args(["-c", script]).args(args))
}

#[test]
fn pythons_socket_module_talks_to_framed_server() {
    let server = Server::framed(&[]);
    // As tutorials write it, with the length in front: three messages in one sendall.
    let script = r#"
import socket, struct, sys
s = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
s.connect(('127.0.0.1', int(sys.argv[1])))
s.sendall(b''.join(struct.pack('>I', len(data)) + data
                   for data in [b'Michael', b'Tracy', 'Sarah é'.encode()]))
stream = s.makefile('rb')
for _ in range(3):
    (length,) = struct.unpack('>I', stream.read(4))
    print(stream.read(length).decode())
s.close()
"#;
    let port = server.address.port().to_string();
    let Some(python) = python(script, &[&port]) else {
        return;
    };
    let ended = python.run();
    ended.code(0);
    assert_eq!(
        ended.stdout,
        "Hello, Michael!\nHello, Tracy!\nHello, Sarah é!\n"
    );
}

#[test]
fn framed_client_talks_to_pythons_socketserver() {
    let script = r#"
import socketserver, struct
class Greet(socketserver.StreamRequestHandler):
    def handle(self):
        while head := self.rfile.read(4):
            name = self.rfile.read(struct.unpack('>I', head)[0])
            answer = b'Good day, ' + name
            self.wfile.write(struct.pack('>I', len(answer)) + answer)
with socketserver.ThreadingTCPServer(('127.0.0.1', 0), Greet) as server:
    print('Listening on %s:%d' % server.server_address, flush=True)
    server.serve_forever()
"#;
    let Some(python) = python(script, &[]) else {
        return;
    };
    let mut server = python.start();
    let address = server.address().to_string();
    let ended = Program::of("framed-client")
        .args([address.as_str(), "--message", "é"])
        .run();
    ended.code(0);
    assert!(
        ended
            .stdout
            .ends_with("frame of 12 bytes: \"Good day, é\"\n"),
        "{ended:#?}"
    );
}

#[test]
fn a_python_client_made_from_the_chapter_talks_to_remote_server() {
    let python = tool!("python3");
    let server = Server::remote(&["--allow", "echo", "--allow", "sh"]);
    let file = root().join("tests/09-framing/remote_client.py");
    let port = server.address.port().to_string();
    let client = |token: &str| {
        let program = Program::at(&python).args([file.as_path(), Path::new(&port)]);
        let commands = ["echo 'a  b'; ls", "sh -c 'echo oh >&2; exit 4'", "cat x"];
        program.args([token]).args(commands).run()
    };
    let ended = client(server.token());
    ended.code(0);
    let expected = r#"programs: echo sh
"echo 'a  b'; ls" b'a  b; ls\n' b'' x 0
"sh -c 'echo oh >&2; exit 4'" b'' b'oh\n' x 4
'cat x' b'' b'' ! only allowed: echo sh
"#;
    assert_eq!(ended.stdout, expected);
    let ended = client("wrong");
    ended.code(1);
    assert_eq!(ended.stderr, "refused: wrong token\n");
}

#[test]
fn remote_client_talks_to_a_python_server() {
    let script = r#"
import socketserver, struct
class Shell(socketserver.StreamRequestHandler):
    def send(self, message):
        self.wfile.write(struct.pack('>I', len(message)) + message)
    def receive(self):
        head = self.rfile.read(4)
        return self.rfile.read(struct.unpack('>I', head)[0]) if head else None
    def handle(self):
        assert self.receive() == b'secret'
        self.send(b'wpython')
        while (line := self.receive()) is not None:
            for part in [b'oyou typed ', b'o' + line + b'\n', b'o', b'x0']:
                self.send(part)
with socketserver.ThreadingTCPServer(('127.0.0.1', 0), Shell) as server:
    print('Listening on %s:%d' % server.server_address, flush=True)
    server.serve_forever()
"#;
    let Some(python) = python(script, &[]) else {
        return;
    };
    let mut server = python.start();
    let address = server.address().to_string();
    let program = Program::of("remote-client").args([&address]);
    let mut client = program.env("REMOTE_TOKEN", "secret").start();
    client.types("1 + 1\nexit\n");
    let ended = client.ends();
    ended.code(0);
    assert_eq!(ended.stdout, ">>: you typed 1 + 1\n>>: ");
}

#[test]
fn curls_get_is_cut_off() {
    let curl = tool!("curl");
    for (server, told) in [
        (Server::framed(&[]), "a frame of 1195725856 bytes"),
        (
            Server::remote(&[]),
            "a frame of 1195725856 bytes, the limit is 65536",
        ),
    ] {
        let mut server = server;
        let url = format!("http://{}/", server.address);
        for args in [&["--http0.9"][..], &[]] {
            let curl =
                Program::at(&curl).args(["--silent", "--show-error", "--max-time", "5"]);
            let ended = curl.args(args).args([&url]).run();
            server.running.line(told);
            if args.is_empty() {
                ended.code(1);
                assert!(ended.stderr.contains("HTTP/0.9"), "{ended:#?}");
            } else {
                assert!(ended.stdout.contains(told), "{ended:#?}");
            }
        }
        // A form that a web page sends begins with POST.
        let curl =
            Program::at(&curl).args(["--silent", "--max-time", "5", "--data", "x=1"]);
        curl.args([&url]).run();
        server.running.line("1347375956 bytes"); // "POST", as a number
        server.serves();
    }
}

#[test]
fn every_nc_that_says_hello_gets_a_frame_that_says_no() {
    for nc in ["nc.openbsd", "nc.traditional", "ncat"] {
        let Some(nc) = tests::find_tool(nc) else {
            continue;
        };
        let server = Server::framed(&[]);
        let port = server.address.port().to_string();
        let mut running = Program::at(nc).args(["127.0.0.1", &port]).start();
        running.types("hello\n"); // "hell" is the length 1751477356
        let told = until("an error frame", || {
            let printed = String::from_utf8_lossy(&running.printed()).into_owned();
            printed.contains("the limit is 65536").then_some(printed)
        });
        assert!(told.contains("a frame of 1751477356 bytes"), "{told}");
    }
}

#[test]
fn nc_can_say_a_frame() {
    for nc in ["nc.openbsd", "nc.traditional", "ncat"] {
        let Some(nc) = tests::find_tool(nc) else {
            continue;
        };
        let server = Server::framed(&[]);
        let port = server.address.port().to_string();
        let mut running = Program::at(nc).args(["127.0.0.1", &port]).start();
        running.types(frame("Ada"));
        until("a greeting", || {
            (running.printed() == frame("Hello, Ada!")).then_some(())
        });
    }
}

#[test]
fn telnet_is_told_and_closed() {
    let telnet = tool!("telnet");
    let server = Server::remote(&[]);
    let port = server.address.port().to_string();
    let mut running: Running = Program::at(telnet).args(["127.0.0.1", &port]).start();
    running.line("Escape character");
    running.types("echo hello\n");
    running.complains("Connection closed by foreign host.");
    until("an error frame", || {
        let printed = String::from_utf8_lossy(&running.printed()).into_owned();
        printed
            .contains("!a frame of 1701013615 bytes, the limit is 65536")
            .then_some(())
    });
    server.serves();
}

/// A server of the lesson before it, asked by the client of this lesson.
#[test]
fn framed_client_sees_that_a_line_server_is_none_of_ours() {
    let (address, server) = peer::serve_one(|mut stream| {
        peer::write(&mut stream, "Welcome!\n");
        while let Ok(1..) = stream.read(&mut [0; 512]) {} // the client may end in a reset
    });
    let ended = Program::of("framed-client")
        .args([address.to_string()])
        .run();
    // "Welc" is a length, too.
    ended
        .code(1)
        .complained("a frame of 1466264675 bytes, the limit is 65536");
    server.join().expect("no panic");
}

/// The remote pair in a pipe, as a script would use it.
#[test]
fn a_pipe_of_commands_is_run_one_by_one() {
    let server = Server::remote(&[]);
    let mut running = crate::remote_client(&server).args(["--raw"]).start();
    running.types("echo one\necho two\n");
    running.close_keyboard();
    let ended = running.ends();
    ended.code(0);
    assert_eq!(ended.stdout, "one\ntwo\n");
}
