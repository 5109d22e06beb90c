//! The pictures of chapter 16.

use std::path::Path;

use tests::{Program, Terminal, Transcript, namespace, tool};

use crate::{hosts, peer, stale};

const SERVER: &str = "cargo run -p families --bin unix-stream -- ./my.sock";
const CLIENT: &str = "cargo run -p families --bin unix-stream-client -- ./my.sock";

/// A run whose process, user and file have the same numbers on every machine.
fn picture(name: &str) -> Transcript {
    let transcript = Transcript::new("16-families", name);
    let own = nix::unistd::geteuid();
    transcript.mask(
        r"/[^ ]*/rust-sockets-\d+/",
        "/run/user/1000/rust-sockets-1000/",
    );
    transcript.mask(&format!("user {own}([ ,])"), "user 1000$1");
    transcript.mask(r"(server|client)-\d+", "$1-4711");
    transcript
}

/// Shows the number of this process as another one.
fn process(transcript: &Transcript, pid: u32, shown: &str) {
    transcript.mask(&format!(r"process {pid}\b"), &format!("process {shown}"));
}

/// The server on `./my.sock` in this folder, in a terminal of its own.
fn server(transcript: &Transcript, folder: &Path, option: &str) -> Terminal {
    let mut args = vec!["./my.sock"];
    args.extend((!option.is_empty()).then_some(option));
    let program = Program::of("unix-stream").args(args).in_folder(folder);
    let shown = format!("{SERVER} {option}");
    let mut terminal = transcript.start("server", shown.trim_end(), program);
    terminal.prints("try: ");
    terminal
}

fn client(folder: &Path) -> Program {
    Program::of("unix-stream-client")
        .args(["./my.sock"])
        .in_folder(folder)
}

/// A program that ends by itself, in a terminal with this label.
fn runs(transcript: &Transcript, label: &str, shown: &str, program: Program, code: i32) {
    let mut terminal = transcript.start(label, shown, program);
    terminal.closes_keyboard();
    terminal.ends(code);
}

#[cfg(target_os = "linux")]
#[test]
fn the_same_exchange_over_each_family() {
    if !hosts::allowed() || !crate::ipv6_is_there() {
        return;
    }
    // As an ordinary user sees it, on a system that allows nobody to ping.
    let setpriv = tool!("setpriv");
    let less = ["--bounding-set", "-net_raw", "--inh-caps", "-all"];
    let program = Program::of("families").through(setpriv, less);
    let program = namespace::around(program, "ip link set lo up");
    let transcript = picture("families");
    runs(&transcript, "", "cargo run -p families", program, 0);
    transcript.check();
}

#[cfg(target_os = "linux")]
#[test]
fn a_stream_with_two_clients() {
    let nc = tool!("nc.openbsd");
    let folder = tempfile::tempdir().expect("a folder");
    let transcript = picture("stream");
    let mut server = server(&transcript, folder.path(), "");
    process(&transcript, server.program().pid(), "2301");
    let mut one = transcript.start("client", CLIENT, client(folder.path()));
    process(&transcript, one.program().pid(), "2302");
    server.prints("has come");
    one.prints("Welcome");
    one.types("hello");
    one.prints("OK... hello");
    let program = Program::at(nc)
        .args(["-U", "./my.sock"])
        .in_folder(folder.path());
    let mut two = transcript.start("nc", "nc -U ./my.sock", program);
    process(&transcript, two.program().pid(), "2303");
    server.prints("has come");
    two.prints("Welcome");
    two.types("me too");
    two.prints("OK... me too");
    one.presses_ctrl_d();
    one.ends(0);
    server.presses_ctrl_c();
    server.ends(0);
    transcript.check();
}

#[cfg(target_os = "linux")]
#[test]
fn the_practice_server_at_the_end_of_a_socketpair() {
    let transcript = picture("socketpair");
    let shown = "cargo run -p families --bin unix-stream-client";
    let mut terminal = transcript.start("", shown, Program::of("unix-stream-client"));
    process(&transcript, terminal.program().pid(), "2304");
    terminal.prints("Welcome!");
    terminal.types("hello");
    terminal.prints("OK... hello");
    terminal.presses_ctrl_d();
    terminal.ends(0);
    transcript.check();
}

#[cfg(target_os = "linux")]
#[test]
fn the_permissions_of_the_file() {
    let folder = tempfile::tempdir().expect("a folder");
    let transcript = picture("permissions");
    let script = "stat --format '%A %n' $0";
    let look = || {
        let program = Program::at("/bin/sh").args(["-c", script, "my.sock"]);
        program.in_folder(folder.path())
    };
    for option in ["", "--everybody"] {
        let mut server = server(&transcript, folder.path(), option);
        let shown = "stat --format '%A %n' my.sock";
        runs(&transcript, "other", shown, look(), 0);
        server.presses_ctrl_c();
        server.ends(0);
    }
    transcript.check();
}

#[test]
fn a_file_that_was_left() {
    let folder = tempfile::tempdir().expect("a folder");
    stale(&folder.path().join("my.sock"));
    let transcript = picture("stale");
    runs(&transcript, "client", CLIENT, client(folder.path()), 1);
    let mut server = server(&transcript, folder.path(), "");
    server.presses_ctrl_c();
    server.ends(0);
    runs(&transcript, "client", CLIENT, client(folder.path()), 1);
    transcript.check();
}

#[test]
fn a_name_that_is_taken() {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("my.sock"), "precious").expect("a file");
    let program = Program::of("unix-stream").args(["./my.sock"]);
    let transcript = picture("in-use");
    runs(&transcript, "", SERVER, program.in_folder(folder.path()), 1);
    transcript.check();
}

#[cfg(target_os = "linux")]
#[test]
fn a_name_that_is_too_long() {
    let long = "x".repeat(108);
    let program = Program::of("unix-stream").args([&long]);
    let transcript = picture("too-long");
    let name = "$(printf 'x%.0s' {1..108})";
    let shown = format!("cargo run -p families --bin unix-stream -- {name}");
    transcript.mask("x{108}", "xxx...xxx");
    runs(&transcript, "", &shown, program, 2);
    transcript.check();
}

#[cfg(target_os = "linux")]
#[test]
fn an_abstract_name_and_another_user() {
    let socat = tool!("socat");
    let Some((setpriv, other)) = crate::another_user() else {
        return;
    };
    let name = format!("my-name-{}", std::process::id());
    let transcript = picture("abstract");
    transcript.mask(&name, "my-name");
    transcript.mask(r"process \d+", "process 2305");
    let program = Program::of("unix-stream").args([format!("@{name}")]);
    let shown = "cargo run -p families --bin unix-stream -- @my-name";
    let mut server = transcript.start("server", shown, program);
    server.prints("try: ");
    let program = Program::at(socat).args(["-", &format!("ABSTRACT-CONNECT:{name}")]);
    let shown = "socat - ABSTRACT-CONNECT:my-name";
    let mut client = transcript.start("guest", shown, program.through(setpriv, other));
    client.prints("error: ");
    server.prints("is sent away");
    client.closes_keyboard();
    client.ends(0);
    server.presses_ctrl_c();
    server.ends(0);
    transcript.check();
}

#[cfg(target_os = "linux")]
#[test]
fn datagrams_side_by_side() {
    let transcript = picture("datagrams");
    transcript.mask(
        "Unix  [0-9]+ are sent, [0-9]+ of them",
        "Unix  11 are sent, 11 of them",
    );
    transcript.mask(
        "UDP   1000 are sent, [0-9]+ of them",
        "UDP   1000 are sent, 92 of them",
    );
    let shown = "cargo run -p families --bin unix-datagram";
    runs(&transcript, "", shown, Program::of("unix-datagram"), 0);
    transcript.check();
}

/// `dual-stack` in a network of its own, for its fixed port; nc joins it there.
#[cfg(target_os = "linux")]
fn dual(transcript: &Transcript, shown: &str, address: Option<&str>) {
    let program = Program::of("dual-stack").args(address);
    let program = namespace::around(program, "ip link set lo up");
    let mut server = transcript.start("server", shown, program);
    server.prints("try: ");
    if address.is_none() {
        server.prints("try: ");
    }
    let pid = server.program().pid().to_string();
    for host in ["127.0.0.1", "::1"] {
        let nc = tests::find_tool("nc.openbsd").expect("looked for before");
        let program = Program::at(nc).args(["-N", host, "4646"]);
        let enter = ["-t", &pid, "-U", "-n", "--preserve-credentials"];
        let program = program.through("nsenter", enter);
        let mut client = transcript.start("client", &format!("nc {host} 4646"), program);
        client.prints("You are");
        server.prints("has come");
        client.closes_keyboard();
        client.ends(0);
    }
    server.presses_ctrl_c();
    server.ends(0);
}

#[cfg(target_os = "linux")]
#[test]
fn one_server_for_both_families() {
    tool!("nc.openbsd");
    tool!("nsenter");
    if !hosts::allowed() {
        return;
    }
    let command = "cargo run -p families --bin dual-stack";
    let transcript = picture("dual-stack");
    dual(&transcript, command, None);
    transcript.check();
    let transcript = picture("dual-stack-one-socket");
    dual(
        &transcript,
        &format!("{command} -- [::]:4646"),
        Some("[::]:4646"),
    );
    transcript.check();
}

#[cfg(target_os = "linux")]
#[test]
fn a_machine_without_ipv6() {
    if !hosts::allowed() {
        return;
    }
    let off = "ip link set lo up
        echo 1 > /proc/sys/net/ipv6/conf/all/disable_ipv6";
    let transcript = picture("without-ipv6");
    let program = namespace::around(Program::of("dual-stack"), off);
    let shown = "cargo run -p families --bin dual-stack";
    let mut server = transcript.start("", shown, program);
    server.prints("try: ");
    server.presses_ctrl_c();
    server.ends(0);
    transcript.check();
}

/// `ping` among three hosts, as the reader would type it there.
#[cfg(target_os = "linux")]
fn pings(transcript: &Transcript, setup: &str, args: &[&str], code: i32) {
    let words = args.join(" ");
    let shown = format!("cargo run -p families --bin ping -- {words}");
    let shown = shown.trim_end_matches(" -- ");
    runs(
        transcript,
        "",
        shown,
        hosts::ping_program(setup, args),
        code,
    );
}

#[cfg(target_os = "linux")]
#[test]
fn ping_and_what_it_hears() {
    if !hosts::allowed() {
        return;
    }
    let transcript = picture("ping");
    pings(&transcript, hosts::DATAGRAMS, &["--interval", "0.2"], 0);
    transcript.check();
    let transcript = picture("ping-raw");
    pings(&transcript, "", &["10.0.2.2", "--count", "2", "--raw"], 0);
    transcript.check();
    let transcript = picture("ping-link-local");
    pings(
        &transcript,
        hosts::DATAGRAMS,
        &["fe80::2%card0", "--count", "1"],
        0,
    );
    pings(
        &transcript,
        hosts::DATAGRAMS,
        &["fe80::2", "--count", "1"],
        1,
    );
    transcript.check();
    let transcript = picture("ping-undelivered");
    for host in ["10.0.9.1", "10.0.9.2", "10.9.9.9", "10.0.9.3"] {
        pings(&transcript, "", &[host, "--count", "1", "--raw"], 1);
    }
    transcript.check();
    let transcript = picture("ping-ttl");
    pings(
        &transcript,
        "",
        &["10.0.2.2", "--count", "1", "--ttl", "1"],
        1,
    );
    pings(
        &transcript,
        hosts::DATAGRAMS,
        &["10.0.2.2", "--count", "1", "--ttl", "1"],
        1,
    );
    transcript.check();
}

#[cfg(target_os = "linux")]
#[test]
fn ping_without_a_right() {
    let setpriv = tool!("setpriv");
    if !hosts::allowed() {
        return;
    }
    let less = ["--bounding-set", "-net_raw", "--inh-caps", "-all"];
    let program = Program::of("ping").through(setpriv, less);
    let program = namespace::around(program, "ip link set lo up");
    let transcript = picture("ping-no-right");
    runs(
        &transcript,
        "",
        "cargo run -p families --bin ping",
        program,
        1,
    );
    transcript.check();
}

#[test]
fn a_wrong_argument() {
    let program = Program::of("ping").args(["127.0.0.1", "--count", "0"]);
    let transcript = picture("wrong-argument");
    let shown = "cargo run -p families --bin ping -- 127.0.0.1 --count 0";
    runs(&transcript, "", shown, program, 2);
    transcript.check();
    // A name in use by a server of this machine: lesson 05's error, for the dual stack.
    let (_listener, address) = peer::listener();
    let transcript = picture("port-in-use");
    transcript.port(address.port(), 4646);
    let program = Program::of("dual-stack").args([address.to_string()]);
    let shown = "cargo run -p families --bin dual-stack -- 127.0.0.1:4646";
    runs(&transcript, "", shown, program, 1);
    transcript.check();
}
