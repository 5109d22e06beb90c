//! The pictures of chapter 17. Speeds are of the machine, and are not compared: the numbers
//! are masked, as they were in the run that was recorded.

use tests::{Program, Terminal, Transcript, peer, tool};

const SERVER: &str = "cargo run -p scale --release";
const LOAD: &str = "cargo run -p scale --release --bin load";

fn transcript(name: &str) -> Transcript {
    let transcript = Transcript::new("17-scale", name);
    transcript.mask(r"; \d+ descriptors", "; 20000 descriptors");
    transcript
}

/// The server in a terminal of its own, shown on its own port.
fn scale(transcript: &Transcript, design: &str) -> (Terminal, std::net::SocketAddr) {
    let shown = format!("{SERVER} -- --design {design}");
    let program = crate::program(design, &[]);
    let mut server = transcript.start("server", &shown, program);
    let address = server.listens(7777);
    server.prints("design: ");
    (server, address)
}

#[test]
fn a_client_by_hand() {
    let nc = tool!("nc.openbsd");
    let transcript = transcript("nc");
    let (mut server, address) = scale(&transcript, "epoll");
    let port = address.port().to_string();
    let program = Program::at(nc).args(["127.0.0.1", &port]);
    let mut client = transcript.start("client", "nc 127.0.0.1 7777", program);
    client.types("hello");
    client.prints("hello");
    client.types("is anybody there?");
    client.prints("is anybody there?");
    server.presses_ctrl_c();
    server.ends(0);
    client.presses_ctrl_d();
    client.ends(0);
    transcript.check();
}

#[test]
fn one_by_one_and_ten_clients() {
    let transcript = transcript("one-of-ten");
    // How fast this machine is differs. The numbers shown are those of one such run.
    transcript.mask(r"after \d\.\d{3} s", "after 0.000 s");
    transcript.mask(r"^\d+ answers in 1s: \d+ per", "100 answers in 1s: 100 per");
    transcript.mask(r"^\d+ messages had", "900 messages had");
    transcript.mask(
        r"  50 %: [\d.]+   99 %: [\d.]+   99\.9 %: [\d.]+   all: [\d.]+",
        "  50 %: 653.311   99 %: 1197.055   99.9 %: 1207.295   all: 1208.319",
    );
    let (_server, address) = scale(&transcript, "one-by-one");
    let options = ["--rate", "1000"];
    let shown = format!("{LOAD} -- 127.0.0.1:7777 {}", options.join(" "));
    let address = address.to_string();
    let program = Program::of("load").args([address.as_str()].iter().chain(&options));
    transcript.start("load", &shown, program).ends(0);
    transcript.check();
}

#[test]
fn a_wrong_design() {
    let program = Program::of("scale").args(["--design", "fork"]);
    transcript("wrong-design").of_one(&format!("{SERVER} -- --design fork"), program, 2);
}

#[test]
fn the_port_is_taken() {
    let (_listener, address) = peer::listener();
    let transcript = transcript("port-in-use");
    transcript.port(address.port(), 7777);
    let program = Program::of("scale").args([address.to_string()]);
    transcript.of_one(SERVER, program, 1);
}

#[test]
fn nobody_listens() {
    let address = peer::dead_port();
    let transcript = transcript("refused");
    transcript.port(address.port(), 7777);
    let program = Program::of("load").args([address.to_string()]);
    transcript.of_one(&format!("{LOAD} -- 127.0.0.1:7777"), program, 1);
}

#[test]
fn too_few_descriptors() {
    let prlimit = tool!("prlimit");
    let program = Program::of("load").args(["--connections", "10000"]);
    let program = program.through(prlimit, ["--nofile=1024:4096"]);
    let shown = format!("{LOAD} -- --connections 10000");
    transcript("descriptors").of_one(&shown, program, 1);
}

#[test]
fn another_machine() {
    let program = Program::of("load").args(["192.0.2.1:80"]);
    transcript("not-here").of_one(&format!("{LOAD} -- 192.0.2.1:80"), program, 2);
}

#[test]
fn more_clients_than_a_set_holds() {
    if !crate::may_hold(3_000) {
        return;
    }
    let transcript = transcript("fd-setsize");
    // Numbers of one such run. How many fit depends on what else is open in the server.
    transcript.mask(r"^10[012]\d clients", "1017 clients");
    transcript.mask(r"^served: 10[012]\d", "served: 1017");
    transcript.mask(r"error: 4[789]\d of", "error: 483 of");
    transcript.mask(r"after \d\.\d{3} s", "after 0.290 s");
    transcript.mask(r"^\d+ answers in", "1540 answers in");
    transcript.mask(r"in 100ms: \d+ per", "in 100ms: 15400 per");
    transcript.mask(
        r"  50 %: [\d.]+   99 %: [\d.]+   99\.9 %: [\d.]+   all: [\d.]+",
        "  50 %: 0.299   99 %: 10.303   99.9 %: 13.527   all: 13.535",
    );
    let (_server, address) = scale(&transcript, "select");
    let options = ["--connections", "10", "--idle", "1490", "--seconds", "0.1"];
    let shown = format!("{LOAD} -- 127.0.0.1:7777 {}", options.join(" "));
    let address = address.to_string();
    let program = Program::of("load").args([address.as_str()].iter().chain(&options));
    transcript.start("load", &shown, program).ends(1);
    transcript.check();
}
