//! Each exercise has all that belongs to it.

use std::collections::BTreeSet;
use std::fs;

use tests::root;

use crate::{JUDGED, answers};

#[test]
fn every_exercise_has_its_file_its_stub_its_solution_and_enough_answers() {
    for exercise in exercises::all() {
        let name = exercise.name;
        assert!(root().join(exercise.file()).is_file(), "{name} has no file");
        let answers = answers::of(exercise);
        for answer in &answers {
            assert!(
                answer.file.is_file(),
                "{} is missing",
                answer.file.display()
            );
        }
        let count = |kind| answers.iter().filter(|answer| answer.kind == kind).count();
        assert!(
            count("right") >= 2,
            "{name}: {} right answers",
            count("right")
        );
        assert!(
            count("wrong") >= 8,
            "{name}: {} wrong answers",
            count("wrong")
        );
    }
}

#[test]
fn every_lesson_with_exercises_is_judged_and_its_files_are_in_its_manifest() {
    let with: BTreeSet<_> = exercises::all().map(|one| one.lesson).collect();
    let judged: BTreeSet<_> = JUDGED.iter().copied().collect();
    assert_eq!(with, judged);
    for exercise in exercises::all() {
        let manifest = root()
            .join("lessons")
            .join(exercise.lesson)
            .join("Cargo.toml");
        let manifest = fs::read_to_string(manifest).expect("a manifest");
        let name = exercise.name;
        let entry =
            format!("[[example]]\nname = \"{name}\"\npath = \"exercises/{name}.rs\"\n");
        assert!(manifest.contains(&entry), "{}: no {entry}", exercise.lesson);
    }
}

#[test]
fn every_exercise_ends_its_chapter_with_a_section_that_is_there() {
    for exercise in exercises::all() {
        let (chapter, section) = exercise.place(exercise.section);
        // The lesson's own chapter, or its second one.
        assert_eq!(chapter[..2], exercise.lesson[..2], "{}", exercise.name);
        let page = root().join("docs").join(format!("{chapter}.md"));
        let page = fs::read_to_string(page).expect("a chapter");
        let name = exercise.name;
        let check = format!("cargo run -- check {name}");
        assert!(page.contains(&check), "{chapter}: no `{check}`");
        let heading = |line: &str| line.trim_start_matches('#').trim() == section;
        let there = page
            .lines()
            .any(|line| line.starts_with('#') && heading(line));
        assert!(there, "{name}: no section {:?}", exercise.section);
    }
}

#[test]
fn a_stub_is_the_exercise_as_it_is_shipped() {
    for exercise in exercises::all() {
        // A learner's own edit is no mistake of ours.
        let file = root().join(exercise.file());
        let git = std::process::Command::new("git")
            .args(["status", "--porcelain", "--"])
            .arg(&file)
            .current_dir(root())
            .output();
        let clean = git.is_ok_and(|git| git.status.success() && git.stdout.is_empty());
        if !clean {
            tests::skip(format!("{} is not as it is in git", exercise.name));
            continue;
        }
        let stub = root().join(exercise.folder()).join("start.rs");
        let (stub, file) = (fs::read_to_string(stub), fs::read_to_string(file));
        assert_eq!(
            stub.expect("a stub"),
            file.expect("a file"),
            "{}",
            exercise.name
        );
    }
}
