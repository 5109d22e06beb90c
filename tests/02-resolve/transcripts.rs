//! The pictures of chapter 02. They are made in a world of its own, so that they are the
//! same on every machine: see `etc/` and `dns.py`.

#![cfg(target_os = "linux")]

use tests::{Program, Transcript};

use super::{impatient, in_a_world, resolve};

fn picture<const N: usize>(name: &str, args: [&str; N], exit_code: i32) {
    let Some(program) = in_a_world(impatient(resolve(args))) else {
        return;
    };
    let shown = format!("cargo run -p resolve -- {}", args.join(" "));
    let shown = shown.trim_end_matches([' ', '-']);
    Transcript::new("02-resolve", name).of_one(shown, program, exit_code);
}

/// A step, in the same world.
fn step(name: &str, program: &str, args: &[&str], exit_code: i32) {
    let Some(program_there) = in_a_world(impatient(Program::of(program).args(args)))
    else {
        return;
    };
    let shown = format!("cargo run -p resolve --bin {program} -- {}", args.join(" "));
    let shown = shown.trim_end_matches([' ', '-']);
    Transcript::new("02-resolve", name).of_one(shown, program_there, exit_code);
}

#[test]
fn the_runs_of_the_steps() {
    step("step-1", "resolve-1", &[], 0);
    step("step-1-service", "resolve-1", &["localhost:http"], 1);
    step("step-2", "resolve-2", &["localhost:http"], 0);
    step("step-2-port", "resolve-2", &["localhost:80"], 0);
    step("step-3", "resolve-3", &["localhost:80"], 0);
}

#[test]
fn the_run_without_an_argument() {
    picture("localhost", [], 0);
}

#[test]
fn the_run_with_a_service() {
    picture("service", ["localhost:http"], 0);
}

#[test]
fn the_run_with_three_addresses() {
    picture("three-addresses", ["mirror:http"], 0);
}

#[test]
fn the_runs_from_an_address_to_a_name() {
    picture("reverse", ["--reverse", "127.0.0.1"], 0);
    picture("reverse-port", ["--reverse", "127.0.0.1:22"], 0);
    picture("reverse-unknown", ["--reverse", "192.0.2.9"], 1);
}

#[test]
fn the_run_with_the_name_of_the_host() {
    picture("host", ["--host"], 0);
}

#[test]
fn the_run_with_a_scope() {
    picture("scope", ["fe80::1%lo"], 0);
}

#[test]
fn the_run_that_asks_a_name_server() {
    let Some(program) = in_a_world(resolve(["www.example.test"])) else {
        return;
    };
    let program = program.env("DNS_TALKS", "1");
    let shown = "cargo run -p resolve -- www.example.test";
    Transcript::new("02-resolve", "name-server").of_one(shown, program, 0);
}

#[test]
fn the_runs_that_fail() {
    picture("no-such-name", ["x.invalid"], 1);
    picture("no-address", ["empty.example.test"], 1);
    picture("no-answer", ["silent.example.test"], 1);
    picture("no-such-service", ["localhost:tftp"], 1);
}

#[test]
fn the_runs_with_a_wrong_argument() {
    picture("port-70000", ["localhost:70000"], 2);
    picture("reverse-nonsense", ["--reverse", "nonsense"], 2);
}
