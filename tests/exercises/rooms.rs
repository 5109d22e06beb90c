//! Each exercise has all that belongs to it.

use std::collections::BTreeSet;
use std::fs;

use tests::{Program, root, tool};

use crate::{JUDGED, answers};

#[test]
fn every_exercise_has_its_start_its_solution_and_enough_answers() {
    for exercise in exercises::all() {
        let name = exercise.name;
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
fn every_lesson_with_exercises_is_judged() {
    let with: BTreeSet<_> = exercises::all().map(|one| one.lesson).collect();
    let judged: BTreeSet<_> = JUDGED.iter().copied().collect();
    assert_eq!(with, judged);
}

#[test]
fn every_folder_of_an_exercise_is_named_by_its_check() {
    let named: BTreeSet<_> = exercises::all().map(|one| one.folder()).collect();
    let folders = |room: &str| -> Vec<String> {
        let entries = fs::read_dir(root().join(room)).expect("a folder").flatten();
        let folders = entries.filter(|entry| entry.path().is_dir());
        folders
            .map(|entry| format!("{room}/{}", entry.file_name().to_string_lossy()))
            .collect()
    };
    let lessons = folders("exercises").into_iter();
    let lessons = lessons.filter(|lesson| lesson != "exercises/mine");
    let there: BTreeSet<_> = lessons.flat_map(|lesson| folders(&lesson)).collect();
    assert_eq!(there, named);
}

#[test]
fn every_exercise_ends_its_chapter_with_a_section_that_is_there() {
    for exercise in exercises::all() {
        let chapter = root().join("docs").join(format!("{}.md", exercise.lesson));
        let chapter = fs::read_to_string(chapter).expect("a chapter");
        let name = exercise.name;
        let check = format!("cargo run -- check {name}");
        assert!(
            chapter.contains(&check),
            "{}: no `{check}`",
            exercise.lesson
        );
        let heading =
            |line: &str| line.trim_start_matches('#').trim() == exercise.section;
        let there = chapter
            .lines()
            .any(|line| line.starts_with('#') && heading(line));
        assert!(there, "{name}: no section {:?}", exercise.section);
    }
}

#[test]
fn git_ignores_the_learners_work() {
    let git = tool!("git");
    if !root().join(".git").exists() {
        return tests::skip("this copy of the course is not in git");
    }
    for exercise in exercises::all() {
        let check = Program::at(&git).args(["check-ignore", "-q", &exercise.file()]);
        check.in_folder(root()).run().code(0);
    }
}

#[test]
fn the_map_reads_the_same_list_and_each_start_says_what_it_is() {
    // As the map does (course/src/exercise.rs): it does not wait for the checks.
    let list = fs::read_to_string(root().join("exercises/lib.rs")).expect("the list");
    for exercise in exercises::all() {
        let (name, lesson) = (exercise.name, exercise.lesson);
        let line = format!(" \"{lesson}/{name}/check.rs\",\n");
        assert!(list.contains(&line), "{name}: no line with {line}");
        let start = root().join(exercise.folder()).join("start.rs");
        let start = fs::read_to_string(start).expect("a start");
        let kind = match exercise.kind {
            checker::Kind::Build => "build",
            checker::Kind::Repair => "repair",
        };
        let head = format!("//! Exercise {name} ({kind}): ");
        assert!(start.starts_with(&head), "{name}: {head}");
    }
}
