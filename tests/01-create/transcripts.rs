//! The pictures of chapter 01.

use tests::{Program, Transcript};

use super::create;
#[cfg(target_os = "linux")]
use super::{as_an_ordinary_user, as_root, ipv6_is_there, with_descriptors};

fn picture(name: &str, shown: &str, program: Program, exit_code: i32) {
    Transcript::new("01-create", name).of_one(shown, program, exit_code);
}

#[cfg(target_os = "linux")]
#[test]
fn the_runs_of_the_steps() {
    if !ipv6_is_there() {
        return;
    }
    let shown = |step: &str| format!("cargo run -p create --bin {step}");
    picture("step-1", &shown("create-1"), Program::of("create-1"), 0);
    picture("step-2", &shown("create-2"), Program::of("create-2"), 1);
    picture("step-3", &shown("create-3"), Program::of("create-3"), 0);
}

#[cfg(target_os = "linux")]
#[test]
fn the_run_of_an_ordinary_user() {
    let Some(program) = as_an_ordinary_user(create()).filter(|_| ipv6_is_there()) else {
        return;
    };
    picture("ordinary-user", "cargo run -p create", program, 0);
}

#[cfg(target_os = "linux")]
#[test]
fn the_run_of_root() {
    let Some(program) = as_root(create()).filter(|_| ipv6_is_there()) else {
        return;
    };
    picture("root", "sudo target/debug/create", program, 0);
}

#[cfg(target_os = "linux")]
#[test]
fn the_run_with_few_descriptors() {
    let Some(program) = as_an_ordinary_user(create()).filter(|_| ipv6_is_there()) else {
        return;
    };
    let Some(program) = with_descriptors(9, program) else {
        return;
    };
    picture(
        "few-descriptors",
        "(ulimit -n 9; target/debug/create)",
        program,
        0,
    );
}

#[test]
fn the_run_with_an_argument() {
    picture(
        "nonsense",
        "cargo run -p create -- nonsense",
        create().args(["nonsense"]),
        2,
    );
}
