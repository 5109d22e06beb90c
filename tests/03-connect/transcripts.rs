//! The pictures of chapter 03.

use std::net::TcpListener;

#[cfg(target_os = "linux")]
use tests::namespace;
#[cfg(target_os = "linux")]
use tests::tool;
use tests::{Program, Transcript, peer};

fn picture(name: &str, shown: &str, args: &[&str], exit_code: i32) {
    let program = Program::of("connect").args(args);
    Transcript::new("03-connect", name).of_one(shown, program, exit_code);
}

#[test]
fn the_run_with_the_practice_server() {
    picture("practice", "cargo run -p connect", &[], 0);
}

#[test]
fn the_run_that_is_refused() {
    let args = ["127.0.0.1:1"];
    picture("refused", "cargo run -p connect -- 127.0.0.1:1", &args, 1);
}

#[test]
fn the_run_with_a_wrong_argument() {
    picture(
        "nonsense",
        "cargo run -p connect -- nonsense",
        &["nonsense"],
        2,
    );
    let args = ["127.0.0.1:70000"];
    picture(
        "port-70000",
        "cargo run -p connect -- 127.0.0.1:70000",
        &args,
        2,
    );
    let url = "http://example.com/";
    let shown = format!("cargo run -p connect -- {url}");
    picture("url", &shown, &[url], 2);
}

#[cfg(target_os = "linux")]
#[test]
fn the_run_that_nobody_answers() {
    let python = tool!("python3");
    let transcript = Transcript::new("03-connect", "timed-out");
    let script = tests::root().join("lessons/03-connect/peers/full_queue.py");
    let program = Program::at(python).args([script.to_str().expect("UTF-8"), "0"]);
    let shown = "python3 lessons/03-connect/peers/full_queue.py 8888";
    let mut server = transcript.start("server", shown, program);
    let pid = server.program().pid();
    let address = tests::kernel::comes_to_listen(pid);
    transcript.port(address.port(), 8888);
    server.prints("is full");
    let program = super::connect(address).args(["--timeout", "1"]);
    let shown = "cargo run -p connect -- 127.0.0.1:8888 --timeout 1";
    transcript.start("client", shown, program).ends(1);
    server.types("");
    server.ends(0);
    transcript.check();
}

/// A step that talks to a server whose queue is full.
#[cfg(target_os = "linux")]
fn with_a_full_queue(
    name: &str,
    step: &str,
) -> Option<(Transcript, tests::Terminal, tests::Terminal)> {
    let python = tests::find_tool("python3")?;
    let transcript = Transcript::new("03-connect", name);
    let script = tests::root().join("lessons/03-connect/peers/full_queue.py");
    let program = Program::at(python).args([script.to_str().expect("UTF-8"), "0"]);
    let shown = "python3 lessons/03-connect/peers/full_queue.py 8000";
    let mut server = transcript.start("server", shown, program);
    let pid = server.program().pid();
    let address = tests::kernel::comes_to_listen(pid);
    transcript.port(address.port(), 8000);
    server.prints("is full");
    let program = Program::of(step).args([address.to_string()]);
    let shown = format!("cargo run -p connect --bin {step}");
    let client = transcript.start("client", &shown, program);
    Some((transcript, server, client))
}

#[cfg(target_os = "linux")]
#[test]
fn the_first_step_waits_where_nobody_answers() {
    let Some((transcript, mut server, mut client)) =
        with_a_full_queue("step-1-full", "connect-1")
    else {
        return;
    };
    std::thread::sleep(std::time::Duration::from_secs(3)); // so long we wait, in vain
    client.presses_ctrl_c();
    client.ends_by_signal();
    server.types("");
    server.ends(0);
    transcript.check();
}

#[cfg(target_os = "linux")]
#[test]
fn the_second_step_gives_up() {
    let Some((transcript, mut server, client)) =
        with_a_full_queue("step-2-full", "connect-2")
    else {
        return;
    };
    client.ends(1);
    server.types("");
    server.ends(0);
    transcript.check();
}

/// A step with a server on 127.0.0.1 alone, where `localhost` has two addresses.
#[cfg(target_os = "linux")]
fn with_two_addresses(name: &str, step: &str, host: &str, exit_code: i32) {
    if !namespace::allowed() || TcpListener::bind("[::1]:0").is_err() {
        tests::skip!("this system has no IPv6 or no namespaces");
    }
    let (_listener, address) = peer::listener();
    let hosts = tempfile::NamedTempFile::new().expect("a file");
    std::fs::write(hosts.path(), "::1 localhost\n127.0.0.1 localhost\n")
        .expect("written");
    let program = Program::of(step).args([format!("{host}:{}", address.port())]);
    let mount = format!("mount --bind {} /etc/hosts", hosts.path().display());
    let program = namespace::with_files(program, &mount);
    let transcript = Transcript::new("03-connect", name);
    transcript.port(address.port(), 8000);
    let shown = format!("cargo run -p connect --bin {step} -- {host}:8000");
    transcript.of_one(&shown, program, exit_code);
}

#[cfg(target_os = "linux")]
#[test]
fn the_first_step_sees_both_ends() {
    with_two_addresses("step-1", "connect-1", "127.0.0.1", 0);
}

#[cfg(target_os = "linux")]
#[test]
fn the_second_step_takes_no_name() {
    with_two_addresses("step-2-name", "connect-2", "localhost", 1);
}

#[cfg(target_os = "linux")]
#[test]
fn the_third_step_tries_each_address() {
    with_two_addresses("step-3-name", "connect-3", "localhost", 0);
}

#[test]
fn the_first_step_is_refused() {
    let program = Program::of("connect-1").args(["127.0.0.1:1"]);
    let shown = "cargo run -p connect --bin connect-1 -- 127.0.0.1:1";
    Transcript::new("03-connect", "step-1-refused").of_one(shown, program, 1);
}

/// Exactly what is shown, but for the path of the program.
#[cfg(target_os = "linux")]
#[test]
fn the_run_without_a_route() {
    if !namespace::allowed() {
        return;
    }
    let program = super::connect("192.0.2.1:80").through("unshare", ["-rn"]);
    let shown = "unshare -rn target/debug/connect 192.0.2.1:80";
    Transcript::new("03-connect", "unreachable").of_one(shown, program, 1);
}

/// `localhost` as most systems have it: an IPv6 address and an IPv4 address.
#[cfg(target_os = "linux")]
#[test]
fn the_run_that_tries_two_addresses() {
    if !namespace::allowed() || TcpListener::bind("[::1]:0").is_err() {
        tests::skip!("this system has no IPv6 or no namespaces");
    }
    let (_listener, address) = peer::listener();
    let hosts = tempfile::NamedTempFile::new().expect("a file");
    std::fs::write(hosts.path(), "::1 localhost\n127.0.0.1 localhost\n")
        .expect("written");
    // A mount namespace of its own: this file is /etc/hosts for this one program.
    let program = super::connect(format!("localhost:{}", address.port()));
    let mount = format!("mount --bind {} /etc/hosts", hosts.path().display());
    let program = namespace::with_files(program, &mount);
    let transcript = Transcript::new("03-connect", "two-addresses");
    transcript.port(address.port(), 8000);
    transcript.of_one("cargo run -p connect -- localhost:8000", program, 0);
}
