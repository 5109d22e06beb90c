//! The pictures of chapter 06. Ctrl+C and the shell's `time` are Unix.
#![cfg(unix)]

use std::path::Path;
use std::thread;
use std::time::Duration;

use tests::{Program, Terminal, Transcript, peer, tool};

const SERVER: &str = "cargo run -p forever-loop";

fn transcript(name: &str) -> Transcript {
    Transcript::new("06-forever-loop", name)
}

/// The server in a terminal of its own, on a port that the kernel chose, shown as 8888.
fn server(transcript: &Transcript, options: &[&str]) -> (Terminal, std::net::SocketAddr) {
    let shown = [SERVER, if options.is_empty() { "" } else { " -- " }];
    let shown = shown.concat() + &options.join(" ");
    let all = ["127.0.0.1:0"].iter().chain(options);
    let program = Program::of("forever-loop").args(all);
    let mut server = transcript.start("server", &shown, program);
    let address = server.listens(8888);
    server.prints("try: nc");
    (server, address)
}

/// `nc -N`: it tells the server when the keyboard has ended.
fn nc(nc: &Path, address: std::net::SocketAddr) -> Program {
    Program::at(nc).args(["-N", "127.0.0.1", &address.port().to_string()])
}

fn telnet(telnet: &Path, address: std::net::SocketAddr) -> Program {
    Program::at(telnet).args(["127.0.0.1", &address.port().to_string()])
}

#[test]
fn a_run_with_one_client() {
    let program = tool!("nc.openbsd");
    let transcript = transcript("run");
    let (mut server, address) = server(&transcript, &[]);
    let shown = "nc -N 127.0.0.1 8888";
    let mut client = transcript.start("client", shown, nc(&program, address));
    server.prints("is served");
    for line in ["hello", "how are you?"] {
        client.types(line);
        client.prints("OK... ");
    }
    client.presses_ctrl_d();
    client.ends(0);
    server.prints("has left");
    server.presses_ctrl_c();
    server.ends(0);
    transcript.check();
}

#[cfg(target_os = "linux")]
#[test]
fn the_second_client_waits() {
    use tests::kernel::{ESTABLISHED, tcp_sockets_on};
    let (program, bash) = (tool!("nc.openbsd"), tool!("bash"));
    let transcript = transcript("second-client");
    let (mut server, address) = server(&transcript, &[]);
    let shown = "nc -N 127.0.0.1 8888";
    let mut one = transcript.start("one", shown, nc(&program, address));
    server.prints("is served");
    one.types("I am the first");
    one.prints("OK... ");

    let timed = format!(
        "TIMEFORMAT='%R s'; time {} -N 127.0.0.1 {}",
        program.display(),
        address.port()
    );
    let shown = "TIMEFORMAT='%R s'; time nc -N 127.0.0.1 8888";
    let mut two = transcript.start("two", shown, Program::at(bash).args(["-c", &timed]));
    two.types("and I am the second");
    tests::until("the kernel keeps the second client's line", || {
        let rows = tcp_sockets_on(address.port());
        let keeps = |row: &tests::kernel::TcpRow| {
            row.state == ESTABLISHED && row.receive_queue > 0
        };
        rows.iter().any(keeps).then_some(())
    });
    thread::sleep(Duration::from_millis(1_500)); // so long the first client thinks
    one.types("still here");
    one.prints("OK... ");
    one.presses_ctrl_d();
    one.ends(0);
    server.prints("has left");
    server.prints("is served");
    two.prints("OK... ");
    two.presses_ctrl_d();
    two.ends(0);
    server.prints("has left");
    server.presses_ctrl_c();
    server.ends(0);
    transcript.check();
}

#[test]
fn ctrl_c_with_a_client_and_one_in_the_queue() {
    let program = tool!("telnet");
    let transcript = transcript("ctrl-c");
    let (mut server, address) = server(&transcript, &[]);
    let shown = "telnet 127.0.0.1 8888";
    let mut one = transcript.start("one", shown, telnet(&program, address));
    one.prints("Escape character");
    server.prints("is served");
    one.types("hello");
    one.prints("OK... hello");
    let mut two = transcript.start("two", shown, telnet(&program, address));
    two.prints("Escape character");
    two.types("does anybody hear me?");
    server.presses_ctrl_c();
    one.prints("Connection closed by foreign host.");
    one.ends(0);
    server.prints("has left");
    two.prints("Connection closed by foreign host.");
    two.ends(0);
    server.ends(0);
    transcript.check();
}

#[test]
fn an_idle_client_loses_its_turn() {
    let (program, nc_path) = (tool!("telnet"), tool!("nc.openbsd"));
    let transcript = transcript("patience");
    let (mut server, address) = server(&transcript, &["--patience", "1"]);
    let shown = "telnet 127.0.0.1 8888";
    let mut one = transcript.start("one", shown, telnet(&program, address));
    one.prints("Escape character");
    server.prints("is served");
    let shown = "nc -N 127.0.0.1 8888";
    let mut two = transcript.start("two", shown, nc(&nc_path, address));
    two.types("is it my turn?");
    server.prints("is lost");
    one.prints("Connection closed by foreign host.");
    one.ends(0);
    server.prints("is served");
    two.prints("OK... ");
    two.presses_ctrl_d();
    two.ends(0);
    server.prints("has left");
    server.presses_ctrl_c();
    server.ends(0);
    transcript.check();
}

#[test]
fn a_line_without_an_end() {
    let (python3, nc) = (tool!("python3"), tool!("nc.openbsd"));
    let bash = tool!("bash");
    let transcript = transcript("too-long");
    let (mut server, address) = server(&transcript, &[]);
    let pipe = format!(
        "{} -c \"print('x' * 5000)\" | {} -N 127.0.0.1 {}",
        python3.display(),
        nc.display(),
        address.port()
    );
    let shown = "python3 -c \"print('x' * 5000)\" | nc -N 127.0.0.1 8888";
    let client = transcript.start("client", shown, Program::at(bash).args(["-c", &pipe]));
    server.prints("is lost");
    client.ends(0);
    server.presses_ctrl_c();
    server.ends(0);
    transcript.check();
}

#[test]
fn the_port_is_taken() {
    let (_listener, address) = peer::listener();
    let transcript = transcript("port-in-use");
    transcript.port(address.port(), 8888);
    let program = Program::of("forever-loop").args([address.to_string()]);
    transcript.of_one(SERVER, program, 1);
}

#[test]
fn a_wrong_argument() {
    let program = Program::of("forever-loop").args(["--patience", "0"]);
    let shown = "cargo run -p forever-loop -- --patience 0";
    transcript("wrong-argument").of_one(shown, program, 2);
}
