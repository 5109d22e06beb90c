//! `watch`: each save is checked, and keys are heard.

use std::fs;

use super::PATIENCE;
use super::exercises::{Copy, LESSON, NAME};

/// A progress where all exercises have passed but these.
fn all_but(open: &[&str]) -> String {
    let all = exercises::all().map(|exercise| exercise.name);
    all.filter(|name| !open.contains(name))
        .map(|name| format!("{name} passed\n"))
        .collect()
}

#[test]
fn watch_checks_each_save_and_takes_keys_from_a_pipe() {
    let copy = Copy::new();
    let mut watch = copy.run(&["watch", NAME]).start();
    watch.line("CRASH  1 of ");
    watch.line("q quit");
    watch.types("hint, please\n");
    watch.line("hint 1 of 3");
    copy.writes(&copy.judges("solution.rs"));
    watch.line("PASS  all ");
    watch.line("Press n for the next");
    watch.types("l\n");
    watch.line("[x] build  half-close-echo");
    watch.types("q\n");
    watch.ends().code(0);
}

#[test]
fn a_save_ends_the_check_that_runs_and_begins_another() {
    let copy = Copy::new();
    // This program keeps the check waiting for its deadline of five seconds.
    copy.writes(
        "fn main() {\n    std::thread::sleep(std::time::Duration::from_secs(61));\n}\n",
    );
    let mut watch = copy.run(&["watch", NAME]).start();
    watch.line("half-close-echo (lesson 06");
    let example = copy.root.join("target/debug/examples").join(NAME);
    let running = || {
        let all = fs::read_dir("/proc").ok()?.flatten();
        let mut exes =
            all.filter_map(|entry| fs::read_link(entry.path().join("exe")).ok());
        exes.any(|exe| exe == example).then_some(())
    };
    if cfg!(target_os = "linux") {
        tests::until_within(tests::WHOLE, "the learner's program runs", running);
    }
    let start = std::time::Instant::now();
    copy.writes(&copy.judges("solution.rs"));
    watch.line("PASS  all ");
    assert!(start.elapsed() < tests::ANSWER, "{:?}", start.elapsed());
    watch.interrupt();
    watch.ends().code(0);
}

#[test]
fn a_key_ends_the_check_that_runs() {
    let copy = Copy::new();
    // Its client waits for an answer for five seconds, and is told TIMEOUT then.
    copy.writes(
        "fn main() {
            let address = std::env::args().nth(1).expect(\"an address\");
            let _listener = std::net::TcpListener::bind(address).expect(\"a listener\");
            loop {
                std::thread::park();
            }
        }
",
    );
    let mut watch = copy.run(&["watch", NAME]).start();
    watch.line("  ok    the program listens");
    watch.types("c\n");
    watch.line("half-close-echo (lesson 06");
    watch.line("  ok    the program listens");
    watch.types("q\n");
    let ended = watch.ends();
    ended.code(0);
    assert!(!ended.stdout.contains("TIMEOUT"), "{ended:?}");
}

#[test]
fn an_error_is_shown_and_the_watch_goes_on() {
    let copy = Copy::new();
    // `r` finds no stub in this copy of the course, `h` cannot keep that it was shown.
    let stub = format!("exercises/{LESSON}/{NAME}/start.rs");
    fs::remove_file(copy.root.join(stub)).expect("removed");
    let nowhere = copy.progress.join("nowhere").display().to_string();
    let watch = copy.run(&["watch", NAME]).env("COURSE_PROGRESS", &nowhere);
    let mut watch = watch.start();
    watch.line("q quit");
    watch.types("r\nr\n");
    watch.complains("error: cannot read ");
    watch.types("h\n");
    watch.line("hint 1 of 3");
    watch.complains("error: cannot write ");
    watch.types("l\n");
    watch.line("[ ] build  half-close-echo");
    watch.types("q\n");
    watch.ends().code(0);
}

#[test]
fn next_comes_back_to_the_exercise_that_alone_is_open() {
    let copy = Copy::new();
    fs::write(&copy.progress, all_but(&[NAME])).expect("written");
    let mut watch = copy.run(&["watch", NAME]).start();
    watch.line("CRASH  1 of ");
    watch.line("q quit");
    watch.types("n\n");
    watch.line("half-close-echo is the only one that has not passed");
    watch.line("CRASH  1 of ");
    copy.writes(&copy.judges("solution.rs"));
    watch.line("Press n for the next");
    watch.types("n\n");
    watch.line("All exercises have passed.");
    watch.ends().code(0);
}

#[test]
fn a_lesson_is_watched_from_its_first_open_exercise() {
    let copy = Copy::new();
    for (open, first) in [
        (&["impatient-client"][..], "impatient-client"),
        (&[NAME], NAME),
        (&[], NAME),
    ] {
        fs::write(&copy.progress, all_but(open)).expect("written");
        let mut watch = copy.run(&["watch", "06"]).start();
        let title = watch.line(" (lesson 06, seed ");
        assert!(title.starts_with(first), "{open:?}: {title}");
        watch.types("q\n");
        watch.ends_within(PATIENCE).code(0);
    }
}
