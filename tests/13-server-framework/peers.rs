//! The three servers and clients that nobody here wrote.

use std::path::Path;

use tests::{Program, Running, peer, tool};

use crate::{echo, hello, udp_echo};

/// Every line that is typed comes back.
fn gets_its_lines_back(mut client: Running) {
    for line in ["hello", "wörld", "and again"] {
        client.types(format!("{line}\n"));
        assert_eq!(client.line(line), line);
    }
}

#[test]
fn telnet_is_greeted_and_sees_the_end() {
    let telnet = tool!("telnet");
    let (_server, address) = hello();
    let port = address.port().to_string();
    let client = Program::at(telnet).args(["127.0.0.1", &port]).start();
    let ended = client.ends();
    let said = format!("{}{}", ended.stdout, ended.stderr);
    assert!(said.contains("Hello World!"), "{said}");
    assert!(
        said.contains("Connection closed by foreign host."),
        "{said}"
    );
}

#[test]
fn curl_is_greeted() {
    let curl = tool!("curl");
    let (_server, address) = hello();
    let url = format!("telnet://{address}");
    let ended = Program::at(curl).args(["--silent", &url]).run();
    assert_eq!(ended.stdout, "Hello World!\n");
}

#[test]
fn every_nc_gets_its_lines_back_over_tcp() {
    for kind in ["nc.openbsd", "nc.traditional", "ncat"] {
        let Some(nc) = tests::find_tool(kind) else {
            continue;
        };
        for design in [&[][..], &["--pool", "1"], &["--one-by-one"]] {
            let (_server, address) = echo(design);
            let port = address.port().to_string();
            let client = Program::at(&nc).args(["127.0.0.1", &port]).start();
            gets_its_lines_back(client);
        }
    }
}

#[test]
fn every_nc_gets_its_lines_back_over_udp() {
    for kind in ["nc.openbsd", "nc.traditional", "ncat"] {
        let Some(nc) = tests::find_tool(kind) else {
            continue;
        };
        let (_server, address) = udp_echo(&[]);
        let args = ["-u", "127.0.0.1", &address.port().to_string()];
        gets_its_lines_back(Program::at(nc).args(args).start());
    }
}

#[test]
fn socat_gets_its_lines_back() {
    let socat = tool!("socat");
    let (_server, address) = echo(&[]);
    let to = format!("TCP:{address}");
    gets_its_lines_back(Program::at(&socat).args(["-", &to]).start());
    let (_server, address) = udp_echo(&["--threads", "2"]);
    let to = format!("UDP:{address}");
    gets_its_lines_back(Program::at(&socat).args(["-", &to]).start());
}

/// The clients of the tutorials on socketserver.
const PYTHON_CLIENT: &str = "
import socket, sys
address = ('127.0.0.1', int(sys.argv[2]))
if sys.argv[1] == 'tcp':
    with socket.create_connection(address, 5) as s:
        s.sendall(b'hello world\\n')
        print(s.makefile('rb').readline())
else:
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.settimeout(5)
    s.sendto(b'hello world\\n', address)
    print(s.recv(1024))
";

#[test]
fn pythons_socket_module_gets_its_lines_back() {
    let python3 = tool!("python3");
    let (_tcp, tcp) = echo(&["--pool", "2"]);
    let (_udp, udp) = udp_echo(&[]);
    for (kind, address) in [("tcp", tcp), ("udp", udp)] {
        let port = address.port().to_string();
        let args = ["-c", PYTHON_CLIENT, kind, &port];
        let ended = Program::at(&python3).args(args).run();
        ended.code(0);
        assert_eq!(ended.stdout, "b'hello world\\n'\n");
    }
}

/// The server in Python that the chapter shows beside ours.
#[cfg(target_os = "linux")]
#[test]
fn the_python_server_of_the_chapter_says_the_same() {
    let python3 = tool!("python3");
    if !tests::namespace::allowed() {
        return;
    }
    let script = tests::root().join("lessons/13-server-framework/peers/hello.py");
    let text = std::fs::read_to_string(&script).expect("the script");
    assert!(text.lines().count() < 12 && text.contains("2525"));
    // It has a port of its own, 2525: so it runs in a network of its own.
    let client = "
import socket, time
while True:
    try:
        s = socket.create_connection(('127.0.0.1', 2525))
        break
    except ConnectionRefusedError:
        time.sleep(0.01)
print(s.makefile('rb').read(), flush=True)
";
    let both = |path: &Path| {
        let server = format!(
            "ip link set lo up\n{} {} &",
            python3.display(),
            path.display()
        );
        let client = Program::at(&python3).args(["-c", client]);
        tests::namespace::around(client, &server).start()
    };
    let mut talk = both(&script);
    assert_eq!(talk.line("Hello"), "b'Hello World!\\n'");
}

#[test]
fn many_clients_at_once_are_all_greeted() {
    let (_server, address) = hello();
    let clients = [(); 20].map(|()| {
        std::thread::spawn(move || {
            let mut client = peer::connect(address);
            peer::read_to_end(&mut client)
        })
    });
    for client in clients {
        assert_eq!(client.join().expect("no panic"), b"Hello World!\n");
    }
}
