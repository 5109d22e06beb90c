//! `chat` with telnet, nc and Python in one room, and our client at a server of Python's.

use tests::{Program, Running, peer, tool};

use crate::{WELCOME, hears, joins, server};

#[test]
fn telnet_nc_and_python_talk_to_each_other() {
    let (telnet, nc, python3) = (tool!("telnet"), tool!("nc.openbsd"), tool!("python3"));
    let (mut server, address) = server(&[]);
    let port = address.port().to_string();
    let script = "
import socket, sys, threading
s = socket.create_connection(('127.0.0.1', int(sys.argv[1])))
def listen():
    for line in s.makefile('rb'):
        print(line.decode().rstrip(), flush=True)
threading.Thread(target=listen, daemon=True).start()
for line in sys.stdin:
    s.sendall(line.encode())
";
    let mut join = |program: Program| -> (Running, String) {
        let running = program.start();
        let name = server.line("Client joined ").replace("Client joined ", "");
        (running, name)
    };
    let (mut one, telnet) = join(Program::at(telnet).args(["127.0.0.1", &port]));
    let (mut two, nc) = join(Program::at(nc).args(["127.0.0.1", &port]));
    let (mut three, python) = join(Program::at(python3).args(["-c", script, &port]));
    for client in [&mut one, &mut two, &mut three] {
        client.line(WELCOME.trim_end());
    }
    one.line(&format!("Client joined {nc}"));
    // One after another: what is said at the same time may come in any order.
    one.types("I am telnet\n");
    for client in [&mut two, &mut three] {
        client.line(&format!("[{telnet}] I am telnet"));
    }
    two.types("I am nc, é\n");
    for client in [&mut one, &mut three] {
        client.line(&format!("[{nc}] I am nc, é"));
    }
    three.types("I am Python\n");
    one.line(&format!("[{python}] I am Python"));
    drop(three);
    two.line(&format!("Client left {python}"));
    drop(two);
    one.line(&format!("Client left {nc}"));
}

#[test]
fn what_telnet_sends_for_ctrl_c_is_passed_on_and_breaks_nothing() {
    // IAC IP, IAC DO TIMING-MARK (RFC 854, RFC 860), as bytes and at another telnet.
    let telnet = tool!("telnet");
    let (mut server, address) = server(&[]);
    let port = address.port().to_string();
    let mut other = Program::at(telnet).args(["127.0.0.1", &port]).start();
    other.line(WELCOME.trim_end());
    server.line("Client joined ");
    let (mut one, name) = joins(address);
    let (mut two, _) = joins(address);
    peer::write(&mut one, b"\xff\xf4\xff\xfd\x06");
    peer::write(&mut one, "hello\r\n");
    let bytes = [b"[", name.as_bytes(), b"] \xff\xf4\xff\xfd\x06hello\r\n"].concat();
    hears(&mut two, bytes);
    other.line("hello");
    // The other telnet answers its peer's question: its answer begins its next line.
    other.types("I am still here\n");
    while !line(&mut two).contains("I am still here\r\n") {}
}

#[test]
fn what_nc_is_given_in_a_pipe_is_passed_on_whole() {
    let nc = tool!("nc.openbsd");
    let (_server, address) = server(&[]);
    let (mut one, _) = joins(address);
    let port = address.port().to_string();
    let mut client = Program::at(nc).args(["-N", "127.0.0.1", &port]).start();
    client.types("one\ntwo\nthe end");
    client.close_keyboard();
    client.ends().code(0);
    for text in [
        "Client joined ",
        "] one\r\n",
        "] two\r\n",
        "] the end\r\n",
        "Client left ",
    ] {
        let line = peer::read_line(&mut one);
        assert!(line.contains(text), "{text:?} is not in {line:?}");
    }
}

#[test]
fn our_client_talks_at_a_chat_server_of_pythons() {
    let python3 = tool!("python3");
    let script = "
import select, socket
server = socket.create_server(('127.0.0.1', 0))
print('Listening on 127.0.0.1:%d' % server.getsockname()[1], flush=True)
all = [server]
while True:
    for ready in select.select(all, [], [])[0]:
        if ready is server:
            client, _ = server.accept()
            client.sendall(b'welcome\\r\\n')
            all.append(client)
            continue
        data = ready.recv(4096)
        if not data:
            all.remove(ready)
            ready.close()
        for other in all:
            if other not in (server, ready):
                other.sendall(data)
";
    let mut server = Program::at(python3).args(["-c", script]).start();
    let address = server.address().to_string();
    let client = || {
        let mut client = Program::of("chat-client").args([&address]).start();
        client.line("welcome");
        client
    };
    let (mut one, mut two) = (client(), client());
    one.types("hello\n");
    two.line("hello");
    two.types("hello to you\n");
    one.line("hello to you");
    one.close_keyboard();
    one.ends().code(0);
    drop(server);
    two.ends().code(1).complained("has ended: ");
}

/// A line that need not be UTF-8.
fn line(stream: &mut std::net::TcpStream) -> String {
    let mut bytes = Vec::new();
    while !bytes.ends_with(b"\n") {
        bytes.extend(peer::read_bytes(stream, 1));
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
