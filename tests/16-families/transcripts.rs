//! The pictures of chapter 16.

use std::path::Path;

use tests::{Program, Terminal, Transcript, namespace, tool};

use crate::{hosts, peer};

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
    transcript.mask(r"(server|client)-\d\d+", "$1-4711");
    transcript.mask(r"nc\.openbsd:", "nc:");
    transcript
}

/// Shows the number of this process as another one.
fn process(transcript: &Transcript, pid: u32, shown: &str) {
    transcript.mask(&format!(r"process {pid}\b"), &format!("process {shown}"));
}

/// The server on `./my.sock` in this folder, in a terminal of its own.
fn server(transcript: &Transcript, folder: &Path) -> Terminal {
    let program = Program::of("unix-stream").args(["./my.sock"]);
    let mut terminal = transcript.start("server", SERVER, program.in_folder(folder));
    terminal.prints("try: ");
    terminal
}

/// What the reader types for a step.
fn command(step: &str) -> String {
    format!("cargo run -p families --bin {step}")
}

/// A step in this folder, where it makes `my.sock`.
fn step(step: &str, folder: &Path) -> Program {
    Program::of(step).in_folder(folder)
}

/// A step of `unix-stream` that listens, in a terminal with this label.
fn listens(transcript: &Transcript, label: &str, name: &str, folder: &Path) -> Terminal {
    let mut terminal = transcript.start(label, &command(name), step(name, folder));
    terminal.prints("Listening on my.sock\n");
    terminal
}

/// nc with one line for the server in this folder, and what comes back.
fn asks(transcript: &Transcript, nc: &Path, folder: &Path, line: &str) {
    let program = Program::at(nc).args(["-NU", "my.sock"]).in_folder(folder);
    let mut client = transcript.start("client", "nc -NU my.sock", program);
    client.types(line);
    client.prints(&format!("OK... {line}\n"));
    client.presses_ctrl_d();
    client.ends(0);
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

#[test]
fn two_sockets_from_the_start() {
    let folder = tempfile::tempdir().expect("a folder");
    let transcript = picture("pair");
    let program = step("families-1", folder.path());
    runs(&transcript, "", &command("families-1"), program, 0);
    transcript.check();
}

#[test]
fn a_file_that_stays_keeps_step_1_out() {
    let nc = tool!("nc.openbsd");
    let folder = tempfile::tempdir().expect("a folder");
    let transcript = picture("step-1");
    let mut server = listens(&transcript, "server", "unix-stream-1", folder.path());
    asks(&transcript, &nc, folder.path(), "hello");
    let program = step("unix-stream-client-1", folder.path());
    let shown = command("unix-stream-client-1");
    let mut client = transcript.start("client", &shown, program);
    client.types("hello again");
    client.prints("OK... hello again\n");
    client.presses_ctrl_d();
    client.ends(0);
    server.presses_ctrl_c();
    server.ends_by_signal();
    transcript.check();
    let transcript = picture("step-1-again");
    let program = step("unix-stream-1", folder.path());
    runs(&transcript, "", &command("unix-stream-1"), program, 1);
    transcript.check();
}

#[test]
fn step_2_starts_again_and_takes_the_name_of_a_server_that_lives() {
    let nc = tool!("nc.openbsd");
    let folder = tempfile::tempdir().expect("a folder");
    let transcript = picture("step-2");
    for word in ["hello", "hello again"] {
        let mut server = listens(&transcript, "server", "unix-stream-2", folder.path());
        asks(&transcript, &nc, folder.path(), word);
        server.presses_ctrl_c();
        server.ends_by_signal();
    }
    transcript.check();
    let transcript = picture("step-2-steals");
    let mut one = listens(&transcript, "one", "unix-stream-2", folder.path());
    let mut two = listens(&transcript, "two", "unix-stream-2", folder.path());
    two.presses_ctrl_c();
    two.ends_by_signal();
    let program = Program::at(&nc).args(["-NU", "my.sock"]);
    let program = program.in_folder(folder.path());
    runs(&transcript, "client", "nc -NU my.sock", program, 1);
    assert!(
        one.program().runs(),
        "the first server runs on, and nobody reaches it"
    );
    one.presses_ctrl_c();
    one.ends_by_signal();
    transcript.check();
}

#[test]
fn step_3_leaves_a_living_server_its_name() {
    let nc = tool!("nc.openbsd");
    let folder = tempfile::tempdir().expect("a folder");
    let transcript = picture("step-3");
    let mut one = listens(&transcript, "one", "unix-stream-3", folder.path());
    let again = step("unix-stream-3", folder.path());
    runs(&transcript, "two", &command("unix-stream-3"), again, 1);
    one.presses_ctrl_c();
    one.ends_by_signal();
    let mut two = listens(&transcript, "two", "unix-stream-3", folder.path());
    asks(&transcript, &nc, folder.path(), "hello");
    two.presses_ctrl_c();
    two.ends_by_signal();
    transcript.check();
    // And a file that is none of ours.
    std::fs::remove_file(folder.path().join("my.sock")).expect("it was left");
    std::fs::write(folder.path().join("my.sock"), "precious").expect("a file");
    let ended = step("unix-stream-3", folder.path()).run();
    ended.code(1);
}

/// A step that is started from a shell with this umask, and the mode of its file.
fn with_umask(
    transcript: &Transcript,
    mask: &str,
    name: &str,
    folder: &Path,
) -> Terminal {
    let program = Program::of(name).path();
    let script = format!("umask {mask}; exec {}", program.display());
    let program = Program::at("/bin/sh")
        .args(["-c", &script])
        .in_folder(folder);
    let shown = format!("umask {mask}; {}", command(name));
    let mut server = transcript.start("server", &shown, program);
    server.prints("Listening on my.sock\n");
    let script = "stat --format '%A %n' my.sock";
    let look = Program::at("/bin/sh")
        .args(["-c", script])
        .in_folder(folder);
    runs(transcript, "other", script, look, 0);
    server
}

#[cfg(target_os = "linux")]
#[test]
fn the_shell_decides_who_may_connect_to_step_3_and_step_4_decides_itself() {
    let nc = tool!("nc.openbsd");
    let folder = tempfile::tempdir().expect("a folder");
    let transcript = picture("step-3-mode");
    for mask in ["022", "000"] {
        let mut server = with_umask(&transcript, mask, "unix-stream-3", folder.path());
        server.presses_ctrl_c();
        server.ends_by_signal();
    }
    transcript.check();
    let transcript = picture("step-4");
    transcript.mask(r"process \d+", "process 2306");
    let mut server = with_umask(&transcript, "000", "unix-stream-4", folder.path());
    asks(&transcript, &nc, folder.path(), "hello");
    server.prints("has come\n");
    server.presses_ctrl_c();
    server.ends_by_signal();
    transcript.check();
}

#[cfg(target_os = "linux")]
#[test]
fn a_datagram_without_a_name_cannot_be_answered() {
    let folder = tempfile::tempdir().expect("a folder");
    let transcript = picture("datagram-1");
    let program = step("unix-datagram-1", folder.path());
    runs(&transcript, "", &command("unix-datagram-1"), program, 1);
    transcript.check();
}

#[cfg(target_os = "linux")]
#[test]
fn a_stream_with_two_clients() {
    let nc = tool!("nc.openbsd");
    let folder = tempfile::tempdir().expect("a folder");
    let transcript = picture("stream");
    let mut server = server(&transcript, folder.path());
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

/// `dual-stack` or a step of it, in a network of its own for the fixed port; nc joins it
/// there.
#[cfg(target_os = "linux")]
fn dual(
    transcript: &Transcript,
    name: &str,
    address: &str,
    setup: &str,
    served: [bool; 2],
) {
    let words = if address.is_empty() { "" } else { " -- " };
    let shown = [&command(name), words, address].concat();
    let args = [address].into_iter().filter(|address| !address.is_empty());
    let program = Program::of(name).args(args);
    let setup = format!("ip link set lo up\n{setup}");
    let program = namespace::around(program, &setup);
    let mut server = transcript.start("server", &shown, program);
    server.prints("Listening on");
    let is_last = name == "dual-stack";
    if is_last {
        server.prints("try: ");
        server.prints("try: ");
    }
    let pid = server.program().pid().to_string();
    for (host, served) in ["::1", "127.0.0.1"].into_iter().zip(served) {
        let nc = tests::find_tool("nc.openbsd").expect("looked for before");
        let option = if served { "-N" } else { "-v" };
        let program = Program::at(nc).args([option, host, "4646"]);
        let enter = ["-t", &pid, "-U", "-n", "--preserve-credentials"];
        let program = program.through("nsenter", enter);
        let shown = format!("nc {option} {host} 4646").replace("-N ", "");
        let mut client = transcript.start("client", &shown, program);
        if served {
            client.prints("You are");
            server.prints("has come");
        }
        client.closes_keyboard();
        client.ends(if served { 0 } else { 1 });
    }
    server.presses_ctrl_c();
    if is_last {
        server.ends(0);
    } else {
        server.ends_by_signal();
    }
}

#[cfg(target_os = "linux")]
#[test]
fn one_server_for_both_families() {
    tool!("nc.openbsd");
    tool!("nsenter");
    if !hosts::allowed() {
        return;
    }
    let only_v6 = "echo 1 > /proc/sys/net/ipv6/bindv6only";
    let every = "[::]:4646";
    let transcript = picture("dual-stack-1");
    dual(&transcript, "dual-stack-1", "", "", [true, false]);
    transcript.check();
    let transcript = picture("dual-stack-1-every");
    dual(&transcript, "dual-stack-1", every, "", [true, true]);
    transcript.check();
    let transcript = picture("dual-stack-1-only");
    dual(&transcript, "dual-stack-1", every, only_v6, [true, false]);
    transcript.check();
    let transcript = picture("dual-stack-2");
    dual(&transcript, "dual-stack-2", every, only_v6, [true, true]);
    transcript.check();
    let transcript = picture("dual-stack");
    dual(&transcript, "dual-stack", "", "", [true, true]);
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

/// A step of `ping` on the near host of three.
#[cfg(target_os = "linux")]
fn ping_step(name: &str, setup: &str, host: &str) -> Program {
    let setup = format!("{}\n{setup}", namespace::THREE_HOSTS);
    namespace::around(Program::of(name).args([host]), &setup)
}

#[cfg(target_os = "linux")]
#[test]
fn the_steps_of_ping() {
    if !hosts::allowed() {
        return;
    }
    let shown = |name: &str, host: &str| format!("{} -- {host}", command(name));
    let (far, hole) = ("10.0.2.2", "10.0.9.3");
    let transcript = picture("ping-1");
    let program = ping_step("ping-1", hosts::DATAGRAMS, far);
    runs(&transcript, "", &shown("ping-1", far), program, 0);
    transcript.check();
    // For ever cannot be waited for. It sleeps in recv, without a timeout.
    let transcript = picture("ping-1-hole");
    let program = ping_step("ping-1", hosts::DATAGRAMS, hole);
    let mut ping = transcript.start("", &shown("ping-1", hole), program);
    tests::until("it has come to recv", || {
        let file = format!("/proc/{}/syscall", ping.program().pid());
        let call = std::fs::read_to_string(file).unwrap_or_default();
        let recvfrom = nix::libc::SYS_recvfrom.to_string();
        call.starts_with(&recvfrom).then_some(())
    });
    ping.presses_ctrl_c();
    ping.ends_by_signal();
    transcript.check();
    let transcript = picture("ping-2-hole");
    let program = ping_step("ping-2", hosts::DATAGRAMS, hole);
    runs(&transcript, "", &shown("ping-2", hole), program, 0);
    transcript.check();
    let transcript = picture("ping-2-refused");
    let program = ping_step("ping-2", "", far);
    runs(&transcript, "", &shown("ping-2", far), program, 1);
    transcript.check();
    let transcript = picture("ping-3");
    let program = ping_step("ping-3", "", far);
    let shown = format!("sudo target/debug/ping-3 {far}");
    runs(&transcript, "", &shown, program, 0);
    transcript.check();
}

#[cfg(target_os = "linux")]
#[test]
fn ctrl_c_and_a_broadcast() {
    if !hosts::allowed() {
        return;
    }
    let transcript = picture("ping-ctrl-c");
    let args = ["10.0.2.2", "--count", "65535"];
    let program = hosts::ping_program(hosts::DATAGRAMS, &args);
    let shown = format!("{} -- {}", command("ping"), args.join(" "));
    let mut ping = transcript.start("", &shown, program);
    ping.prints("number 2: ");
    ping.presses_ctrl_c();
    ping.ends(0);
    transcript.check();
    let transcript = picture("ping-broadcast");
    let args = ["255.255.255.255", "--count", "1"];
    pings(&transcript, hosts::DATAGRAMS, &args, 1);
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
