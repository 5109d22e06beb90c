//! The pictures of chapter 03.

use tests::{Program, Transcript};

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
}
