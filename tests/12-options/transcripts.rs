//! The pictures of chapter 12.

#[cfg(target_os = "linux")]
use tests::tool;
use tests::{Program, Transcript};

#[cfg(target_os = "linux")]
use crate::{ipv6_is_there, row, run, setting};

fn picture(name: &str) -> Transcript {
    Transcript::new("12-options", name)
}

/// What the reader types to run one of the programs.
fn command(program: &str) -> String {
    match program {
        "options" => "cargo run -p options".to_string(),
        _ => format!("cargo run -p options --bin {program}"),
    }
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
    let transcript = picture("table");
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
    picture("nagle").of_one(&command("options-nagle"), Program::of("options-nagle"), 0);
}

#[cfg(target_os = "linux")]
#[test]
fn the_run_of_four_ways_to_close() {
    let transcript = picture("linger");
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
    picture("blocking").of_one(&command(name), Program::of(name), 0);
}

/// The sizes depend on the kernel and on its settings; `main.rs` says what is sure.
#[cfg(target_os = "linux")]
#[test]
fn the_run_of_the_buffers() {
    let name = "options-buffers";
    let transcript = picture("buffers");
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
    picture("v6only").of_one(&command(name), Program::of(name), 0);
}

#[cfg(target_os = "linux")]
#[test]
fn the_run_of_broadcast_and_multicast() {
    let name = "options-multicast";
    picture("multicast").of_one(&command(name), Program::of(name), 0);
}

#[cfg(unix)]
#[test]
fn the_run_of_descriptors() {
    let name = "options-descriptors";
    picture("descriptors").of_one(&command(name), Program::of(name), 0);
}

#[test]
fn the_run_with_an_argument() {
    let shown = "cargo run -p options -- 127.0.0.1:80";
    let program = Program::of("options").args(["127.0.0.1:80"]);
    picture("argument").of_one(shown, program, 2);
}

#[cfg(target_os = "linux")]
#[test]
fn the_run_without_a_descriptor() {
    let prlimit = tool!("prlimit");
    let shown = "prlimit --nofile=4 target/debug/options";
    let program = Program::of("options").through(prlimit, ["--nofile=4"]);
    picture("no-descriptor").of_one(shown, program, 1);
}

#[cfg(target_os = "linux")]
#[test]
fn the_run_on_a_kernel_that_does_not_know_an_option() {
    let strace = tool!("strace");
    let transcript = picture("no-such-option");
    let fault = "inject=setsockopt:error=ENOPROTOOPT:when=1";
    let shown = format!("strace -o log -e {fault} target/debug/options | head -3");
    let options = [
        "-qq",
        "-o",
        "/dev/null",
        "-e",
        "trace=setsockopt",
        "-e",
        fault,
    ];
    let program = Program::of("options").through(strace, options);
    let mut terminal = transcript.start("", &shown, program);
    terminal.prints("SO_KEEPALIVE");
    transcript.check();
}
