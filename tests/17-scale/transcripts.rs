//! The runs of chapter 17. Speeds are of the machine, and are not compared: the numbers
//! are masked, as they were in the run that was recorded.

use std::net::SocketAddr;
use std::thread;
use std::time::Duration;

use tests::{Program, Terminal, Transcript, peer, tool};

const SERVER: &str = "cargo run -p scale --release";
const LOAD: &str = "cargo run -p scale --release --bin load";

fn transcript(name: &str) -> Transcript {
    let transcript = Transcript::new("17-scale", name);
    transcript.mask(r"; \d+ descriptors", "; 20000 descriptors");
    transcript
}

/// The server in a terminal of its own, shown on its own port.
fn scale(transcript: &Transcript, design: &str) -> (Terminal, SocketAddr) {
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

/// A step in a terminal of its own, shown on its own port.
fn step(transcript: &Transcript, number: u8, before: &str) -> (Terminal, SocketAddr) {
    let release = if [5, 6].contains(&number) {
        " --release"
    } else {
        ""
    };
    let name = format!("scale-{number}");
    let shown = format!("{before}cargo run -p scale{release} --bin {name}");
    let program = Program::of(&name).args(["127.0.0.1:0"]);
    let program = program.env("RUST_BACKTRACE", "0");
    let mut server = transcript.start("server", &shown, program);
    let address = server.listens(7777);
    (server, address)
}

/// `load`, and what it measures: of one run that was recorded.
fn loads(
    transcript: &Transcript,
    address: SocketAddr,
    options: &str,
    shown: [&str; 3],
    exit_code: i32,
) {
    let [per_second, latency, unanswered] = shown;
    transcript.mask(r"after \d+\.\d{3} s", "after 0.001 s");
    let answers = format!("{per_second} answers in 1s: {per_second} per");
    transcript.mask(r"^\d+ answers in 1s: \d+ per", &answers);
    let had = format!("{unanswered} messages had");
    transcript.mask(r"^\d+ messages had", &had);
    transcript.mask(
        r"  50 %: [\d.]+   99 %: [\d.]+   99\.9 %: [\d.]+   all: [\d.]+",
        latency,
    );
    let to = format!("{LOAD} -- 127.0.0.1:7777 {options}");
    let options = options.split_whitespace().map(str::to_string);
    let program =
        Program::of("load").args([address.to_string()].into_iter().chain(options));
    transcript
        .start("load", to.trim_end(), program)
        .ends(exit_code);
}

/// A peer in Python, from its file.
fn peer_in_python(
    transcript: &Transcript,
    name: &str,
    number: &str,
    address: SocketAddr,
) -> Terminal {
    let file = format!("lessons/17-scale/peers/{name}.py");
    let python3 = tests::find_tool("python3").expect("it is there");
    let program = Program::at(python3).args([tests::root().join(&file)]);
    let numbers = [number.to_string(), address.port().to_string()];
    let numbers = numbers.into_iter().filter(|text| !text.is_empty());
    let shown = format!("python3 {file} {number}");
    transcript.start(name, shown.trim_end(), program.args(numbers))
}

/// Waits for this line longer than for others, and records it: ten thousand threads take 1.5
/// seconds on two quiet processors, and 20 where twelve programs want them.
fn prints_late(terminal: &mut Terminal, text: &str) {
    tests::until_within(4 * tests::WHOLE, text, || {
        let printed = String::from_utf8_lossy(&terminal.program().printed()).into_owned();
        let ended = !terminal.program().runs();
        (printed.contains(text) || ended).then_some(())
    });
    terminal.prints(text);
}

#[test]
fn the_first_step_serves_one_of_ten() {
    let transcript = transcript("one-of-ten");
    let (_server, address) = step(&transcript, 1, "");
    let latency = "  50 %: 844.799   99 %: 1389.567   99.9 %: 1398.783   all: 1399.807";
    let shown = ["100", latency, "900"];
    loads(&transcript, address, "--rate 1000", shown, 0);
    transcript.check();
}

#[test]
fn the_second_step_serves_ten_of_ten() {
    let transcript = transcript("step-2");
    let (_server, address) = step(&transcript, 2, "");
    let latency = "  50 %: 0.061   99 %: 2.117   99.9 %: 6.251   all: 8.127";
    let shown = ["1000", latency, "0"];
    loads(&transcript, address, "--rate 1000", shown, 0);
    transcript.check();
}

#[test]
fn the_third_step_serves_as_many_as_it_has_workers() {
    let transcript = transcript("step-3");
    let (_server, address) = step(&transcript, 3, "");
    let latency = "  50 %: 1.943   99 %: 1335.295   99.9 %: 1344.511   all: 1344.511";
    let shown = ["640", latency, "360"];
    let options = "--connections 100 --rate 1000";
    loads(&transcript, address, options, shown, 0);
    transcript.check();
}

/// Ten thousand who say nothing, and what `ps` knows of the server meanwhile.
fn ten_thousand(name: &str, number: u8, threads: u32, memory: &str) {
    let (ps, _python3) = (tool!("ps"), tool!("python3"));
    if !tests::may_hold(20_000) {
        return;
    }
    let transcript = transcript(name);
    let (mut server, address) = step(&transcript, number, "ulimit -n 20000 && ");
    let mut silent = peer_in_python(&transcript, "silent", "10000", address);
    prints_late(&mut silent, "press Enter\n");
    let pid = server.program().pid().to_string();
    transcript.mask(&format!(r"^ *{threads} +\d+ +\d+$"), memory);
    let program = Program::at(ps).args(["-o", "nlwp,rss,vsz", "-p", &pid]);
    let shown = format!("ps -o nlwp,rss,vsz -C scale-{number}");
    transcript.start("ps", &shown, program).ends(0);
    transcript.check();
}

#[test]
fn the_second_step_has_a_thread_for_each_of_ten_thousand() {
    ten_thousand("step-2-crowd", 2, 10_001, "10001 137500 21631708");
}

#[test]
fn the_seventh_step_has_a_task_for_each_of_ten_thousand() {
    ten_thousand("step-7-crowd", 7, 1, "   1 49648  50668");
}

/// Somebody who takes no answers, and somebody else who asks.
fn beside_a_deaf_client(name: &str, server: &mut Terminal, transcript: &Transcript) {
    let (nc, _python3) = (tool!("nc.openbsd"), tool!("python3"));
    let address = server.listens(7777);
    if name == "last-deaf" {
        server.prints("design: ");
    }
    let mut deaf = peer_in_python(transcript, "deaf", "", address);
    prints_late(&mut deaf, "press Enter\n");
    let port = address.port().to_string();
    let program = Program::at(nc).args(["127.0.0.1", &port]);
    let mut client = transcript.start("client", "nc 127.0.0.1 7777", program);
    client.types("hello");
    if name == "last-deaf" {
        client.prints("hello\n");
        return;
    }
    thread::sleep(Duration::from_millis(500)); // so long nothing is heard
    assert_eq!(client.program().printed(), b"", "it waits");
    deaf.types("");
    deaf.ends(0);
    client.prints("hello\n");
}

#[test]
fn the_fourth_step_stands_still_while_one_client_does_not_read() {
    let transcript = transcript("step-4-deaf");
    let program = Program::of("scale-4").args(["127.0.0.1:0"]);
    let shown = "cargo run -p scale --bin scale-4";
    let mut server = transcript.start("server", shown, program);
    beside_a_deaf_client("step-4-deaf", &mut server, &transcript);
    transcript.check();
}

#[test]
fn the_last_program_serves_the_others_meanwhile() {
    let transcript = transcript("last-deaf");
    let program = crate::program("select", &[]);
    let shown = format!("{SERVER} -- --design select");
    let mut server = transcript.start("server", &shown, program);
    beside_a_deaf_client("last-deaf", &mut server, &transcript);
    transcript.check();
}

#[test]
fn the_fourth_step_ends_where_a_set_has_no_more_places() {
    let _python3 = tool!("python3");
    if !tests::may_hold(20_000) {
        return;
    }
    let transcript = transcript("step-4-crowd");
    transcript.mask(r"^thread 'main' \(\d+\)", "thread 'main' (4711)");
    transcript.mask(r"panicked at \S+nix-", "panicked at nix-");
    transcript.mask(
        r"nix-[\d.]+/src/sys/select\.rs:\d+:\d+:",
        "nix-0.31.3/src/sys/select.rs:24:5:",
    );
    transcript.mask(
        r"^client 10[12]\d: .*",
        "client 1019: [Errno 104] Connection reset by peer",
    );
    let (server, address) = step(&transcript, 4, "ulimit -n 20000 && ");
    peer_in_python(&transcript, "silent", "2000", address).ends(1);
    server.ends(101);
    transcript.check();
}

/// Ten clients who talk, alone, and beside two thousand who do not. Returns how many
/// answers the server gives then for a second of a processor: a machine that has other
/// work gives it less of one.
fn talkers_and_silent(name: &str, number: u8, shown: [[&str; 3]; 2]) -> Option<f64> {
    tests::find_tool("python3")?;
    if !tests::may_hold(20_000) {
        return None;
    }
    let transcript = transcript(name);
    let (mut server, address) = step(&transcript, number, "ulimit -n 20000 && ");
    let pid = server.program().pid();
    loads(&transcript, address, "", shown[0], 0);
    let mut silent = peer_in_python(&transcript, "silent", "2000", address);
    prints_late(&mut silent, "press Enter\n");
    loads(&transcript, address, "", shown[1], 0);
    let before = tests::kernel::processor_time(pid);
    let answers = 0.5 * crate::load(address, "--seconds 0.5").1[crate::PER_SECOND];
    let used = tests::kernel::processor_time(pid) - before;
    transcript.check();
    Some(answers / used.as_secs_f64())
}

#[test]
fn the_fifth_step_looks_at_all_and_the_sixth_at_those_who_are_ready() {
    let poll = talkers_and_silent(
        "step-5-idle",
        5,
        [
            [
                "54794",
                "  50 %: 0.176   99 %: 0.307   99.9 %: 3.253   all: 5.047",
                "0",
            ],
            [
                "9218",
                "  50 %: 0.743   99 %: 6.147   99.9 %: 10.159   all: 10.343",
                "0",
            ],
        ],
    );
    let epoll = talkers_and_silent(
        "step-6-idle",
        6,
        [
            [
                "53561",
                "  50 %: 0.135   99 %: 1.014   99.9 %: 5.323   all: 18.815",
                "0",
            ],
            [
                "45281",
                "  50 %: 0.148   99 %: 2.543   99.9 %: 8.271   all: 20.191",
                "0",
            ],
        ],
    );
    let (Some(poll), Some(epoll)) = (poll, epoll) else {
        return;
    };
    assert!(
        epoll > 3.0 * poll,
        "beside 2,000: poll {poll}, epoll {epoll}"
    );
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
    if !tests::may_hold(3_000) {
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
