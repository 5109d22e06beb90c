//! `handout`: the course without its answers, which builds and runs.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tests::{Program, root, tool};

use super::{course, no_progress, target_folder};

const NAME: &str = "half-close-echo";
const FILE: &str = "lessons/06-forever-loop/exercises/half-close-echo.rs";

/// The guide of the handout is compiled from the beginning.
const PATIENCE: Duration = Duration::from_secs(180);

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

/// The judge's answers: every file in the folders that are theirs.
fn answers() -> Vec<PathBuf> {
    let mut answers = vec![root().join("tests/appendix/mine.py")];
    for exercise in judge::exercises() {
        let room = root().join("tests").join(exercise.lesson);
        for kind in ["solutions", "right", "wrong"] {
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
    let git = tool!("git");
    let folder = tempfile::tempdir().expect("a folder");
    let place = folder.path().join("handout");
    handout(&place).code(0);
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
        for name in ["stubs", ".git", "target"] {
            let is_it = path.components().any(|part| part.as_os_str() == name);
            assert!(!is_it, "{}", path.display());
        }
    }
    // Every exercise is there, as it is shipped, and every target of the tests.
    for exercise in judge::exercises() {
        let room = root().join("tests").join(exercise.lesson);
        let stub = room.join("stubs").join(format!("{}.rs", exercise.name));
        let stub = fs::read_to_string(stub).expect("a stub");
        let file = fs::read_to_string(place.join(exercise.file()));
        assert_eq!(file.expect("a file"), stub);
    }
    let manifest = fs::read_to_string(place.join("tests/Cargo.toml")).expect("it");
    assert!(manifest.contains("default = []"), "{manifest}");
    let paths = manifest
        .lines()
        .filter_map(|line| line.strip_prefix("path = \""));
    for path in paths {
        let path = place.join("tests").join(path.trim_end_matches('"'));
        assert!(path.is_file(), "{} is missing", path.display());
    }
    it_runs(&place, &git);
}

/// As a learner types it; the handout's own target folder is kept for the next time.
fn it_runs(place: &Path, git: &Path) {
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
    assert!(check.stdout.contains("CRASH  1 of 7 steps"), "{check:#?}");
    run(&["solution", NAME, "--peek"])
        .code(1)
        .complained("this copy of the course has no solution");
    // Without a stub a learner's git is asked how the file began.
    let stub = fs::read_to_string(place.join(FILE)).expect("the file");
    run(&["reset", NAME])
        .code(1)
        .complained("this copy of the course has no stub");
    let commit = [
        "-c",
        "user.name=a",
        "-c",
        "user.email=a@b",
        "commit",
        "-q",
        "-m",
        "mine",
    ];
    for args in [&["init", "-q"][..], &["add", FILE], &commit] {
        Program::at(git).args(args).in_folder(place).run().code(0);
    }
    fs::write(place.join(FILE), "// mine\n").expect("written");
    let commit = [&commit[..], &["-a"]].concat();
    Program::at(git).args(commit).in_folder(place).run().code(0);
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
