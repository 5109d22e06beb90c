//! `cargo run -- run LESSON`: the guide steps aside, and the lesson is the program.

use std::fs;
use std::time::{Duration, Instant};

use super::{course, no_progress};

#[test]
fn a_lesson_runs_by_its_number_its_name_and_its_folder() {
    let (_folder, progress) = no_progress();
    for word in ["03", "3", "connect", "03-connect"] {
        let ended = course(&progress, &["run", word]).run();
        ended.code(0);
        let start = "No address given: a practice server";
        assert!(ended.stdout.starts_with(start), "{word}: {ended:?}");
    }
    let shown = course(&progress, &[]).run().stdout;
    assert!(shown.contains("[-] 03 connect"), "{shown}");
    let kept = fs::read_to_string(&progress).expect("the progress");
    assert_eq!(kept, "03-connect run\n", "one line is enough");
}

#[test]
fn arguments_and_the_exit_code_pass_through() {
    let (_folder, progress) = no_progress();
    let refused =
        course(&progress, &["run", "03", "127.0.0.1:1", "--timeout", "2"]).run();
    refused.code(1);
    let said = "error: cannot connect to 127.0.0.1:1: connection refused";
    assert!(refused.stderr.contains(said), "{refused:?}");
    let wrong = course(&progress, &["run", "03", "--", "nonsense"]).run();
    wrong.code(2);
    let help = course(&progress, &["run", "03", "--help"]).run();
    help.code(0);
    assert!(
        help.stdout.contains("usage: connect [HOST:PORT]"),
        "{help:?}"
    );
}

#[test]
fn a_further_program_of_a_lesson_runs_by_its_name() {
    for (program, lesson) in [
        ("bind-listen-accept-client", "05-bind-listen-accept"),
        ("http-with-library", "14-http"), // a package of its own
    ] {
        let (_folder, progress) = no_progress();
        let ended = course(&progress, &["run", program, "--help"]).start();
        // The first time, cargo compiles it.
        let ended = ended.ends_within(Duration::from_secs(120));
        ended.code(0);
        assert!(ended.stdout.contains(program), "{ended:?}");
        let kept = fs::read_to_string(&progress).expect("the progress");
        assert_eq!(kept, format!("{lesson} run\n"));
    }
}

#[cfg(unix)]
#[test]
fn ctrl_c_and_sigterm_reach_the_lesson() {
    use nix::sys::signal::Signal::{SIGINT, SIGTERM};
    let (_folder, progress) = no_progress();
    for signal in [SIGINT, SIGTERM] {
        let mut running = course(&progress, &["run", "06", "127.0.0.1:0"]).start();
        let mut client = tests::peer::connect(running.address());
        let start = Instant::now();
        running.signal(signal);
        assert!(tests::peer::read_to_end(&mut client).is_empty());
        running.ends().code(0);
        assert!(start.elapsed() < Duration::from_secs(1), "{signal}");
    }
}

#[cfg(unix)]
#[test]
fn a_lesson_that_does_not_compile_is_not_ticked() {
    let (_folder, progress) = no_progress();
    // A cargo whose every build fails.
    let cargo = tests::tool!("false").display().to_string();
    let ended = course(&progress, &["run", "03"]).env("CARGO", &cargo).run();
    ended.code(1);
    assert!(!progress.exists());
}

#[test]
fn without_a_cargo_it_says_so() {
    let (_folder, progress) = no_progress();
    let ended = course(&progress, &["run", "03"])
        .env("CARGO", "/nowhere/cargo")
        .run();
    // It has named the steps of the lesson before.
    ended.code(1).complained_after_notes("cannot start cargo");
}
