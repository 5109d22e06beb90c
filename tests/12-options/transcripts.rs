//! The runs of lesson 12's chapters.

use tests::{Program, Transcript};
#[cfg(target_os = "linux")]
use tests::{namespace, tool};

#[cfg(target_os = "linux")]
use crate::{ipv6_is_there, row, run, setting};

fn run_of(name: &str) -> Transcript {
    Transcript::new("12-options", name)
}

/// What the reader types to run one of the programs.
fn command(program: &str) -> String {
    match program {
        "options" => "cargo run -p options".to_string(),
        _ => format!("cargo run -p options --bin {program}"),
    }
}

/// A step that needs neither a keyboard nor a tool.
fn step(transcript: Transcript, program: &str, exit_code: i32) {
    transcript.of_one(&command(program), Program::of(program), exit_code);
}

/// Durations are not compared: `main.rs` measures the same with every way to send.
#[cfg(target_os = "linux")]
#[test]
fn the_first_step_waits_for_each_answer_but_the_first() {
    step(run_of("nagle-1"), "options-nagle-1", 0);
}

#[cfg(target_os = "linux")]
#[test]
fn the_second_step_has_its_answers_at_once() {
    step(run_of("nagle-2"), "options-nagle-2", 0);
}

#[cfg(target_os = "linux")]
#[test]
fn send_takes_millions_of_bytes_that_nobody_reads() {
    let transcript = run_of("buffers-1");
    transcript.mask("took [0-9]{7} bytes", "took 4182768 bytes");
    step(transcript, "options-buffers-1", 0);
}

#[cfg(target_os = "linux")]
#[test]
fn a_close_with_linger_0_loses_what_was_sent() {
    let transcript = run_of("linger-1");
    // How much the peer had in its buffer when the reset came.
    transcript.mask("reads [0-9]{5,6} bytes", "reads 127973 bytes");
    step(transcript, "options-linger-1", 0);
}

#[test]
fn std_refuses_a_timeout_of_0() {
    step(run_of("blocking-1"), "options-blocking-1", 1);
}

/// The program in a network that goes away after a second, for eight seconds at most.
#[cfg(target_os = "linux")]
fn without_a_network(name: &str, program: &str, exit_code: i32) {
    if !namespace::allowed() {
        return;
    }
    let script = "lessons/12-options/peers/pull_the_cable.sh";
    let shown = format!("timeout 8 sh {script} target/debug/{program}");
    // Where it ends by itself, a busy machine gets more time than the book gives.
    let limit = if exit_code == 124 { "8" } else { "30" };
    let binary = Program::of(program).path();
    let started = Program::at(tool!("timeout"))
        .args([limit, "sh"])
        .args([tests::root().join(script), binary]);
    run_of(name).of_one(&shown, started, exit_code);
}

#[cfg(target_os = "linux")]
#[test]
fn the_first_step_waits_for_ever_for_a_peer_that_vanished() {
    // The exit code of `timeout` where it had to end the program.
    without_a_network("keepalive-1", "options-keepalive-1", 124);
}

#[cfg(target_os = "linux")]
#[test]
fn the_second_step_notices_that_its_peer_has_vanished() {
    without_a_network("keepalive-2", "options-keepalive-2", 0);
}

#[cfg(target_os = "linux")]
#[test]
fn of_four_connections_two_notice_that_their_peers_have_vanished() {
    without_a_network("keepalive", "options-keepalive", 0);
}

/// The buffer's size is that of the machine on which the book was made.
#[cfg(target_os = "linux")]
fn with_the_defaults_of_the_book(transcript: &Transcript) {
    let (rcvbuf, ttl) = (setting("ipv4/tcp_rmem"), setting("ipv4/ip_default_ttl"));
    for start in ["SO_RCVBUF ", "SO_RCVBUF Ok\\("] {
        let plain = start.replace('\\', "");
        transcript.mask(&format!("^{start}{}", rcvbuf[1]), &format!("{plain}131072"));
    }
    for start in ["IP_TTL ", "IP_TTL Ok\\("] {
        let plain = start.replace('\\', "");
        transcript.mask(&format!("^{start}{}\\b", ttl[0]), &format!("{plain}64"));
    }
}

#[cfg(target_os = "linux")]
#[test]
fn three_options_are_asked_set_and_asked() {
    let transcript = run_of("options-1");
    with_the_defaults_of_the_book(&transcript);
    step(transcript, "options-1", 0);
}

/// A step on a kernel that does not know the first option.
#[cfg(target_os = "linux")]
fn on_an_old_kernel(name: &str, program: &str, exit_code: i32) {
    let strace = tool!("strace");
    let transcript = run_of(name);
    with_the_defaults_of_the_book(&transcript);
    let fault = "inject=setsockopt:error=ENOPROTOOPT:when=1";
    let shown = format!("strace -o /dev/null -e {fault} target/debug/{program}");
    let options = [
        "-qq",
        "-o",
        "/dev/null",
        "-e",
        "trace=setsockopt",
        "-e",
        fault,
    ];
    let started = Program::of(program).through(strace, options);
    transcript.of_one(&shown, started, exit_code);
}

#[cfg(target_os = "linux")]
#[test]
fn the_first_step_ends_at_an_option_that_the_kernel_does_not_know() {
    on_an_old_kernel("options-1-unknown", "options-1", 1);
}

#[cfg(target_os = "linux")]
#[test]
fn the_second_step_goes_on_after_an_option_that_the_kernel_does_not_know() {
    on_an_old_kernel("options-2-unknown", "options-2", 0);
}

/// The numbers are those of the machine on which the book was made. On another one they
/// differ, and then they are what that machine's settings say (`main.rs` tests that).
#[cfg(target_os = "linux")]
#[test]
fn the_run_of_the_table_and_the_restart() {
    let ended = run("options");
    if row(&ended.stdout, "IPV6_V6ONLY").is_none() {
        tests::skip!("this machine has no IPv6");
    }
    let transcript = run_of("table");
    for (option, name, place, shown) in [
        ("SO_RCVBUF", "ipv4/tcp_rmem", 1, "131072"),
        ("SO_SNDBUF", "ipv4/tcp_wmem", 1, "16384"),
        ("IP_TTL", "ipv4/ip_default_ttl", 0, "64"),
        ("TCP_KEEPCNT", "ipv4/tcp_keepalive_probes", 0, "9"),
    ] {
        let own = &setting(name)[place];
        transcript.mask(
            &format!("{option} +{own} +"),
            &format!("{option:19}{shown:11}"),
        );
    }
    if setting("ipv6/bindv6only")[0] == "1" {
        transcript.mask("IPV6_V6ONLY +true ", "IPV6_V6ONLY        false ");
    }
    for (option, limit) in [("SO_RCVBUF", "rmem_max"), ("SO_SNDBUF", "wmem_max")] {
        let most: u64 = setting(&format!("core/{limit}"))[0].parse().expect("bytes");
        let got = 2 * most.min(50_000);
        let pattern = format!("({option} .* 50000 +){got} +");
        transcript.mask(&pattern, "${1}100000     ");
    }
    transcript.of_one(&command("options"), Program::of("options"), 0);
}

/// Durations are not compared, but `main.rs` compares them with what they have to be.
#[cfg(target_os = "linux")]
#[test]
fn the_run_of_two_small_writes() {
    run_of("nagle").of_one(&command("options-nagle"), Program::of("options-nagle"), 0);
}

#[cfg(target_os = "linux")]
#[test]
fn the_run_of_four_ways_to_close() {
    let transcript = run_of("linger");
    // How much the peer had in its buffer when the reset came.
    transcript.mask(
        "reads [0-9]+ bytes, and then: ",
        "reads 127973 bytes, and then: ",
    );
    transcript.of_one(&command("options-linger"), Program::of("options-linger"), 0);
}

#[cfg(target_os = "linux")]
#[test]
fn the_run_of_settimeout() {
    let name = "options-blocking";
    run_of("blocking").of_one(&command(name), Program::of(name), 0);
}

/// The sizes depend on the kernel and on its settings; `main.rs` says what is sure.
#[cfg(target_os = "linux")]
#[test]
fn the_run_of_the_buffers() {
    let name = "options-buffers";
    let transcript = run_of("buffers");
    let default = &setting("ipv4/tcp_rmem")[1];
    transcript.mask(&format!("reader {default},"), "reader 131072,");
    transcript.mask("sender [0-9]{7}$", "sender 4194304");
    // The four blocks, from the largest to the smallest.
    for (bytes, shown, twice, shown_twice) in [
        ("[0-9]{7}", "4182768", "[0-9]{7,8}", "8365536"),
        ("[0-9]{6}", "201440", "[0-9]{6}", "402880"),
        ("(?:[0-9]{5}|[5-9][0-9]{3})", "9000", "[0-9]{5}", "18000"),
        ("[1-4][0-9]{3}", "3728", "[0-9]{4}", "7456"),
    ] {
        for (before, after) in [("take ", " bytes"), ("next ", " take")] {
            let pattern = format!("{before}{bytes}{after}");
            transcript.mask(&pattern, &format!("{before}{shown}{after}"));
        }
        let pattern = format!("read {twice} bytes");
        transcript.mask(&pattern, &format!("read {shown_twice} bytes"));
    }
    transcript.of_one(&command(name), Program::of(name), 0);
}

#[cfg(target_os = "linux")]
#[test]
fn the_run_of_v6only() {
    if !ipv6_is_there() {
        return;
    }
    let name = "options-v6only";
    run_of("v6only").of_one(&command(name), Program::of(name), 0);
}

#[cfg(target_os = "linux")]
#[test]
fn the_run_of_broadcast_and_multicast() {
    let name = "options-multicast";
    run_of("multicast").of_one(&command(name), Program::of(name), 0);
}

#[cfg(unix)]
#[test]
fn the_run_of_descriptors() {
    let name = "options-descriptors";
    run_of("descriptors").of_one(&command(name), Program::of(name), 0);
}

#[test]
fn the_run_with_an_argument() {
    let shown = "cargo run -p options -- 127.0.0.1:80";
    let program = Program::of("options").args(["127.0.0.1:80"]);
    run_of("argument").of_one(shown, program, 2);
}

#[cfg(target_os = "linux")]
#[test]
fn the_run_without_a_descriptor() {
    let prlimit = tool!("prlimit");
    let shown = "prlimit --nofile=4 target/debug/options";
    let program = Program::of("options").through(prlimit, ["--nofile=4"]);
    run_of("no-descriptor").of_one(shown, program, 1);
}
