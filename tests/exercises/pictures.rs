//! `check --picture`: in the picture of a check the mistake of a wrong answer is to be seen.

use std::fs;

use tempfile::TempDir;
use tests::{Ended, Program, find_tool, namespace};

use super::answers;

/// Whether this machine can record a check.
fn can_record() -> bool {
    namespace::allowed() && find_tool("strace").is_some()
}

/// A check whose progress is kept in this folder.
fn check(
    folder: &TempDir,
    exercise: &str,
    (kind, answer): (&str, &str),
    more: &[&str],
) -> Program {
    let found = exercises::all().find(|one| one.name == exercise);
    let answers = answers::of(found.expect("an exercise"));
    let is = |one: &&answers::Answer| (one.kind, &*one.name) == (kind, answer);
    let answer = answers.iter().find(is).expect("an answer");
    let command = answer.command(exercise);
    let progress = folder.path().join("progress");
    Program::of("trainer")
        .args(["check", exercise, "--seed", "5", "--command", &command])
        .args(more)
        .env("COURSE_PROGRESS", &progress.display().to_string())
}

/// The page with the picture of a check, and what the check has said.
fn picture(exercise: &str, kind: &str, answer: &str) -> (String, Ended) {
    Program::of("trace"); // built here, and not within the check's deadline
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("picture.html");
    let save = file.display().to_string();
    let ended = check(
        &folder,
        exercise,
        (kind, answer),
        &["--picture", "--save", &save],
    )
    .start()
    .ends_within(checker::LONGEST * 2); // its own deadline comes first
    let page = fs::read_to_string(&file).unwrap_or_else(|_| panic!("{ended:#?}"));
    assert!(!page.contains("contradicts itself"), "{page}");
    (page, ended)
}

/// These stand in the page, one after the other; WORD is what the checker says first.
fn has_in_order(page: &str, marks: &[&str]) {
    let packets = page.split("checker &gt; your program: ").skip(1);
    let mut lines = packets.filter_map(|rest| rest.lines().next());
    let said = lines.find_map(|line| {
        let (said, _) = line.split_once("&quot;")?.1.split_once("&quot;")?;
        Some(said.to_string())
    });
    let said = said.expect("what the checker says");
    let mut rest = page;
    for mark in marks {
        let mark = &mark
            .replace("WORD", &said)
            .replace("COUNT", &said.len().to_string());
        let found = rest.split_once(mark);
        rest = found.unwrap_or_else(|| panic!("no `{mark}` in:\n{rest}")).1;
    }
}

#[test]
fn an_echo_of_the_whole_buffer_is_seen_to_send_zeros() {
    if !can_record() {
        return;
    }
    let (page, ended) = picture("half-close-echo", "wrong", "whole-buffer");
    ended.code(1);
    has_in_order(
        &page,
        &[
            ">checker<",
            ">your program<",
            ">accept …<",
            ">WORD<",
            ">recv = COUNT<",
            ">WORD\\0",
            ">FAIL<",
            ">a word comes back before the client has closed<",
            "recv(4, &quot;WORD&quot;) = COUNT",
            "FAIL: a word comes back before the client has closed",
        ],
    );
}

#[test]
fn a_udp_echo_is_seen_to_send_what_it_has_received() {
    if !can_record() {
        return;
    }
    let (page, ended) = picture("udp-upper", "wrong", "echo");
    ended.code(1);
    has_in_order(
        &page,
        &[
            ">WORD<",
            ">recv = COUNT WORD<",
            ">WORD<",
            ">FAIL<",
            "your program &gt; checker: udp (COUNT) &quot;WORD&quot;",
        ],
    );
}

#[test]
fn a_reader_that_takes_one_line_of_each_recv_is_seen_to_sleep() {
    if !can_record() {
        return;
    }
    let (page, ended) = picture("line-reader", "wrong", "one-line-per-recv");
    ended.code(1);
    // Two lines have come; one is answered, and then it sleeps to the end.
    has_in_order(
        &page,
        &[
            ">recv = 28<",
            ">[fewtbsclmpgp]…<",
            ">recv …<",
            ">TIMEOUT<",
            "... your program: recv(4)",
        ],
    );
}

#[test]
fn a_check_that_passes_has_a_picture_of_its_first_talk() {
    if !can_record() {
        return;
    }
    let (page, ended) = picture("half-close-echo", "solution", "half-close-echo");
    ended.code(0);
    has_in_order(&page, &[">WORD<", ">recv = COUNT<", ">WORD<", ">ok<"]);
}

#[test]
fn a_check_that_fails_says_how_to_see_it_and_one_with_a_picture_does_not() {
    if !can_record() {
        return;
    }
    let hint =
        "to see it  cargo run -- check half-close-echo --picture --seed 5 --command";
    let folder = tempfile::tempdir().expect("a folder");
    let wrong = ("wrong", "whole-buffer");
    let ended = check(&folder, "half-close-echo", wrong, &[]).run();
    assert!(ended.stdout.contains(hint), "{ended:#?}");
    let (_, ended) = picture("half-close-echo", "wrong", "whole-buffer");
    assert!(!ended.stdout.contains("to see it"), "{ended:#?}");
}

#[test]
fn without_strace_a_check_says_so_and_is_a_check() {
    let folder = tempfile::tempdir().expect("a folder");
    let wrong = ("wrong", "whole-buffer");
    let command = check(&folder, "half-close-echo", wrong, &["--picture"]);
    let ended = command.env("PATH", "/nowhere").run();
    ended.code(1);
    assert!(ended.stderr.contains("there is no strace"), "{ended:#?}");
    assert!(!ended.stdout.contains("to see it"), "{ended:#?}");
}

#[test]
fn a_picture_of_several_checks_is_refused() {
    let all = Program::of("trainer").args(["check", "06", "--picture"]);
    all.run()
        .code(2)
        .complained("a picture shows the check of one exercise");
}
