//! The programs of lesson 16 beside nc, socat, ping and Python.

use std::os::unix::net::UnixDatagram;

use tests::{Program, tool};

use crate::{Server, client};

/// An outside client at our server: it is welcomed, and gets its line back.
fn is_served(path: &std::path::Path, args: &[&str]) {
    let server = Server::start();
    let path_of = server.path.display().to_string();
    let args = args.iter().map(|arg| arg.replace("PATH", &path_of));
    let mut peer = Program::at(path).args(args).start();
    peer.line("Welcome, user ");
    peer.types("hello\n");
    peer.line("OK... hello");
    peer.close_keyboard();
}

#[test]
fn nc_talks_to_our_server() {
    is_served(&tool!("nc.openbsd"), &["-U", "PATH"]);
}

#[test]
fn ncat_talks_to_our_server() {
    is_served(&tool!("ncat"), &["-U", "PATH"]);
}

#[test]
fn socat_talks_to_our_server() {
    is_served(&tool!("socat"), &["-", "UNIX-CONNECT:PATH"]);
}

#[cfg(target_os = "linux")]
#[test]
fn socat_talks_to_an_abstract_name() {
    let socat = tool!("socat");
    let name = format!("socat-{}", std::process::id());
    let mut server = Program::of("unix-stream")
        .args([format!("@{name}")])
        .start();
    server.line("try: ");
    let args = ["-", &format!("ABSTRACT-CONNECT:{name}")];
    let mut peer = Program::at(socat).args(args).start();
    peer.line("Welcome, user ");
}

#[test]
fn our_client_talks_to_a_server_of_pythons() {
    let python3 = tool!("python3");
    let script = "
import socketserver, sys
class Echo(socketserver.StreamRequestHandler):
    def handle(self):
        self.wfile.write(b'Welcome!\\n')
        for line in self.rfile:
            self.wfile.write(b'OK... ' + line)
server = socketserver.UnixStreamServer(sys.argv[1], Echo)
print('Listening', flush=True)
server.serve_forever()
";
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("sock");
    let name = path.to_str().expect("UTF-8");
    let mut server = Program::at(python3).args(["-c", script, name]).start();
    server.line("Listening");
    let mut client = client(&path).start();
    client.types("hello\n");
    client.line("OK... hello");
    client.close_keyboard();
    client.ends().code(0);
}

#[test]
fn pythons_words_for_it_do_what_the_table_says() {
    let python3 = tool!("python3");
    let script = "
import ipaddress, os, socket, struct, sys
a, b = socket.socketpair()
s = socket.socket(socket.AF_UNIX)
s.bind(sys.argv[1]); s.listen()
c = socket.socket(socket.AF_UNIX); c.connect(sys.argv[1])
s, _ = s.accept()
if hasattr(socket, 'SO_PEERCRED'):
    pid, uid, gid = struct.unpack('3i', s.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))
    assert (pid, uid) == (os.getpid(), os.geteuid())
    socket.socket(socket.AF_UNIX).bind('\\0python-%d' % pid)
assert ipaddress.ip_address('::ffff:10.0.2.2').ipv4_mapped == ipaddress.ip_address('10.0.2.2')
assert len(struct.pack('!BBHHH', 8, 0, 0, 1, 1)) == 8
if socket.has_dualstack_ipv6():
    socket.create_server(('::1', 0), family=socket.AF_INET6, dualstack_ipv6=True).close()
print('as the table says')
";
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("sock");
    let args = ["-c", script, path.to_str().expect("UTF-8")];
    let ended = Program::at(python3).args(args).run();
    assert_eq!(ended.stdout, "as the table says\n", "{ended:#?}");
}

#[test]
fn the_file_of_a_datagram_socket_takes_no_stream() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("sock");
    let _log = UnixDatagram::bind(&path).expect("a socket");
    let ended = client(&path).run();
    ended.code(1).complained("(EPROTOTYPE)");
}

#[cfg(target_os = "linux")]
#[test]
fn the_systems_own_ping_and_ours_agree() {
    let theirs = tool!("ping");
    if !crate::hosts::allowed() {
        return;
    }
    for (host, ours) in [("10.0.2.2", 0), ("fd00:2::2", 0), ("10.0.9.1", 1)] {
        let args = ["-c", "1", "-W", "1", host];
        let program = Program::at(&theirs).args(args);
        let setup = tests::namespace::THREE_HOSTS;
        tests::namespace::around(program, setup).run().code(ours);
        crate::hosts::ping("", &[host, "--count=1"]).code(ours);
    }
}
