//! `handout`: the course without its answers, which builds and runs.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use tests::{Program, root};

use super::{PATIENCE, course, no_progress, target_folder};

const NAME: &str = "half-close-echo";
const FOLDER: &str = "exercises/06-forever-loop/half-close-echo";
const FILE: &str = "exercises/mine/examples/half-close-echo.rs";

/// All files below a folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            files.extend(self::files(&path));
        } else {
            files.push(path);
        }
    }
    files
}

/// The answers: every file in the folders that are theirs, and the solutions.
fn answers() -> Vec<PathBuf> {
    let mut answers = Vec::new();
    for exercise in exercises::all() {
        let room = root().join(exercise.folder());
        answers.extend([room.join("solution.rs"), room.join("wrong.txt")]);
        for kind in ["right", "wrong"] {
            answers.extend(files(&room.join(kind)));
        }
    }
    answers
}

fn handout(folder: &Path) -> tests::Ended {
    let (_folder, progress) = no_progress();
    let folder = folder.to_str().expect("a name in UTF-8");
    course(&progress, &["handout", folder]).run()
}

#[test]
fn a_handout_has_no_answer_and_builds_and_runs() {
    let folder = tempfile::tempdir().expect("a folder");
    let place = folder.path().join("a handout");
    let ended = handout(&place);
    let to_copy = format!("\ntry: cd '{}' && cargo run\n", place.display());
    assert!(ended.code(0).stdout.contains(&to_copy), "{ended:#?}");
    let found = files(&place);
    let texts: BTreeSet<_> = found
        .iter()
        .map(|path| fs::read(path).expect("a file"))
        .collect();
    for answer in answers() {
        let text = fs::read(&answer).expect("an answer");
        assert!(!texts.contains(&text), "{} is in it", answer.display());
    }
    for path in &found {
        let path = path.strip_prefix(&place).expect("inside");
        for name in [".git", "target"] {
            let is_it = path.components().any(|part| part.as_os_str() == name);
            assert!(!is_it, "{}", path.display());
        }
    }
    // Every exercise is there, as it is shipped, and every target of the tests.
    for exercise in exercises::all() {
        let stub = root().join(exercise.folder()).join("start.rs");
        let stub = fs::read_to_string(stub).expect("a stub");
        let file = fs::read_to_string(place.join(exercise.folder()).join("start.rs"));
        assert_eq!(file.expect("a file"), stub);
    }
    let manifest = fs::read_to_string(place.join("tests/Cargo.toml")).expect("it");
    let paths = manifest
        .lines()
        .filter_map(|line| line.strip_prefix("path = \""));
    for path in paths {
        let path = place.join("tests").join(path.trim_end_matches('"'));
        assert!(path.is_file(), "{} is missing", path.display());
    }
    it_runs(&place);
}

/// As a learner types it; the handout's own target folder is kept for the next time.
fn it_runs(place: &Path) {
    let target = target_folder().join("handout");
    let progress = place.with_file_name("progress");
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let run = |args: &[&str]| {
        let all = [&["run", "--quiet", "--offline", "--locked", "--"], args].concat();
        Program::at(&cargo)
            .args(all)
            .in_folder(place)
            .env("CARGO_TARGET_DIR", &target.display().to_string())
            .env("COURSE_PROGRESS", &progress.display().to_string())
            .start()
            .ends_within(PATIENCE)
    };
    let check = run(&["check", NAME]);
    check.code(1);
    assert!(check.stdout.contains("CRASH  1 of "), "{check:#?}");
    for args in [&["solution", NAME][..], &["solution", NAME, "--peek"]] {
        run(args)
            .code(1)
            .complained("this copy of the course has no solution");
    }
    // What does not work is not offered either.
    let stub = fs::read_to_string(place.join(FILE)).expect("the file");
    let solution = root().join(FOLDER).join("solution.rs");
    fs::copy(solution, place.join(FILE)).expect("copied");
    let check = run(&["check", NAME]);
    assert!(
        !check.code(0).stdout.contains("cargo run -- solution"),
        "{check:#?}"
    );
    for _ in 0..3 {
        let hint = run(&["hint", NAME]);
        assert!(!hint.code(0).stdout.contains("--peek"), "{hint:#?}");
    }
    run(&["reset", NAME]).code(0);
    assert_eq!(fs::read_to_string(place.join(FILE)).expect("it"), stub);
}

#[test]
fn a_folder_that_is_not_empty_is_left_as_it_is() {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("mine.txt"), "mine").expect("written");
    handout(folder.path()).code(1).complained("is not empty");
    assert_eq!(files(folder.path()), [folder.path().join("mine.txt")]);
    let (_folder, progress) = no_progress();
    course(&progress, &["handout"]).run().code(2);
}
