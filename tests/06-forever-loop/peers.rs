//! `forever-loop` and clients that nobody here wrote.

use tests::{Program, tool};

use crate::server;

/// Types two lines to a client, one after the other's answer, and closes its keyboard.
fn talks_like_a_terminal(mut client: tests::Running) {
    for line in ["hello", "and again"] {
        client.types(format!("{line}\n"));
        client.line(&format!("OK... {line}"));
    }
}

#[cfg(unix)]
#[test]
fn telnet_talks_to_it_and_sees_the_connection_closed() {
    let telnet = tool!("telnet");
    let (server, address) = server(&[]);
    let port = address.port().to_string();
    let mut client = Program::at(telnet).args(["127.0.0.1", &port]).start();
    client.types("hello\n");
    client.line("OK... hello");
    server.interrupt();
    let ended = client.ends();
    let said = format!("{}{}", ended.stdout, ended.stderr);
    assert!(
        said.contains("Connection closed by foreign host."),
        "{said}"
    );
    server.ends().code(0);
}

#[test]
fn both_kinds_of_nc_talk_to_it() {
    for kind in ["nc.openbsd", "nc.traditional"] {
        let Some(nc) = tests::find_tool(kind) else {
            continue;
        };
        let (_server, address) = server(&[]);
        let port = address.port().to_string();
        talks_like_a_terminal(Program::at(nc).args(["127.0.0.1", &port]).start());
    }
}

#[cfg(unix)]
#[test]
fn nc_ends_when_the_server_ends() {
    for kind in ["nc.openbsd", "nc.traditional"] {
        let Some(nc) = tests::find_tool(kind) else {
            continue;
        };
        let (server, address) = server(&[]);
        let port = address.port().to_string();
        let mut client = Program::at(nc).args(["127.0.0.1", &port]).start();
        client.types("hello\n");
        client.line("OK... hello");
        server.terminate();
        server.ends().code(0);
        client.close_keyboard();
        client.ends();
    }
}

#[test]
fn ncat_and_socat_get_the_answer_to_a_file_that_ends_without_a_newline() {
    let (_server, address) = server(&[]);
    let (ncat, socat) = (tool!("ncat"), tool!("socat"));
    let port = address.port().to_string();
    let clients = [
        Program::at(ncat).args(["127.0.0.1", &port]),
        Program::at(socat).args(["-t5", "-", &format!("TCP4:127.0.0.1:{port}")]),
    ];
    for client in clients {
        let mut client = client.start();
        client.types("first\nlast");
        client.close_keyboard();
        let ended = client.ends();
        assert_eq!(ended.stdout, "OK... first\nOK... last\n", "{ended:?}");
    }
}

#[test]
fn the_python_client_of_the_tutorials_has_its_conversation() {
    let python3 = tool!("python3");
    let (_server, address) = server(&[]);
    let script = format!(
        "
import socket
s = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
s.connect(('127.0.0.1', {}))
for message in ['hello', 'How are you?', 'bye']:
    s.sendall((message + '\\n').encode())
    print(s.recv(4096).decode(), end='')
s.close()
",
        address.port()
    );
    let ended = Program::at(python3).args(["-c", &script]).run();
    ended.code(0);
    let all = "OK... hello\nOK... How are you?\nOK... bye\n";
    assert_eq!(ended.stdout, all);
}

#[test]
fn curl_speaks_telnet_to_it() {
    let curl = tool!("curl");
    let (_server, address) = server(&[]);
    let url = format!("telnet://{address}");
    let mut client = Program::at(curl)
        .args(["--silent", "--no-buffer", &url])
        .start();
    client.types("hello\n");
    client.close_keyboard(); // else it may sleep there, and not hear the server
    client.line("OK... hello");
}
