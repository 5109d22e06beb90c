//! One name in every room: lessons/NN-name, docs/NN-name.md, tests/NN-name.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::{field, library, names_in, numbered_in, programs, read, sources};

#[test]
fn every_lesson_has_its_chapter_and_its_tests_and_the_other_way_round() {
    let lessons = numbered_in("lessons");
    assert!(lessons.len() >= 17, "{lessons:?}");
    assert_eq!(lessons, numbered_in("docs"), "lessons/ and docs/");
    assert_eq!(lessons, numbered_in("tests"), "lessons/ and tests/");
}

#[test]
fn every_chapter_has_its_row_in_the_summary_and_the_other_way_round() {
    let summary = read("docs/SUMMARY.md");
    let links = summary.lines().filter_map(|line| {
        let (_, link) = line.split_once("](")?;
        Some(link.trim_end_matches(')').to_string())
    });
    let rows: Vec<_> = links.collect();
    let mut chapters = names_in("docs");
    chapters.retain(|name| name.ends_with(".md") && name != "SUMMARY.md");
    let set: BTreeSet<_> = rows.iter().cloned().collect();
    assert_eq!(set, chapters, "SUMMARY.md and docs/");
    assert_eq!(set.len(), rows.len(), "no chapter stands in it twice");
    let numbered: Vec<_> = rows
        .iter()
        .filter(|name| name.starts_with(|first: char| first.is_ascii_digit()))
        .collect();
    assert!(numbered.is_sorted(), "in the order of the lessons");
}

#[test]
fn every_lesson_has_its_test_target_and_the_other_way_round() {
    let manifest = read("tests/Cargo.toml");
    let paths = manifest
        .lines()
        .filter_map(|line| line.strip_prefix("path = \""));
    let targets: BTreeSet<_> = paths
        .filter_map(|path| path.strip_suffix("/main.rs\""))
        .filter(|name| name.starts_with(|first: char| first.is_ascii_digit()))
        .map(str::to_string)
        .collect();
    assert_eq!(targets, numbered_in("lessons"));
}

#[test]
fn a_package_has_the_name_of_its_folder_and_says_what_you_will_be_able_to_do() {
    for lesson in numbered_in("lessons") {
        let manifest = read(format!("lessons/{lesson}/Cargo.toml"));
        let name = field(&manifest, "name");
        assert_eq!(Some(name.as_str()), lesson.get(3..), "{lesson}");
        assert!(field(&manifest, "description").len() > 20, "{lesson}");
    }
}

#[test]
fn the_name_of_a_program_is_unique() {
    let mut seen = BTreeSet::new();
    for lesson in numbered_in("lessons") {
        for (program, _) in programs(&lesson) {
            assert!(seen.insert(program.clone()), "{program} is there twice");
        }
    }
}

#[test]
fn every_lesson_runs_by_its_name_alone() {
    // Not the built program: this is what the reader types.
    let cargo = std::env::var_os("CARGO").unwrap_or("cargo".into());
    for lesson in numbered_in("lessons") {
        let (_, name) = lesson.split_once('-').expect("NN-name");
        let mut cargo = std::process::Command::new(&cargo);
        cargo.args(["run", "--quiet", "--package", name, "--", "--help"]);
        let output = cargo
            .current_dir(tests::root())
            .output()
            .expect("cargo runs");
        let said = String::from_utf8_lossy(&output.stdout);
        let complained = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "cargo run -p {name}: {complained}");
        let example = format!("example: cargo run -p {name}");
        assert!(said.contains(&example), "{name}: {said}");
    }
}

#[test]
fn a_lesson_depends_on_nothing_that_compiles_for_long() {
    // What does has a package of its own, in the lesson's folder `with-library`.
    const ALLOWED: [&str; 15] = [
        "ctrlc",
        "data-encoding",
        "dns-lookup",
        "encoding_rs",
        "getrandom",
        "httparse",
        "lexopt",
        "mailparse",
        "nix",
        "once_cell",
        "shared",
        "shlex",
        "socket2",
        "subtle",
        "hostname",
    ];
    // Lesson 17 is about mio and tokio, and measures; nobody else waits for these.
    const TO_MEASURE: [&str; 4] = ["hdrhistogram", "mio", "plotters", "tokio"];
    for room in numbered_in("lessons")
        .into_iter()
        .map(|lesson| format!("lessons/{lesson}"))
        .chain(["shared".to_string()])
    {
        let manifest = read(format!("{room}/Cargo.toml"));
        let mut in_dependencies = false;
        for line in manifest.lines() {
            if line.starts_with('[') {
                in_dependencies = line.contains("dependencies");
            } else if in_dependencies && let Some((name, _)) = line.split_once(['.', ' '])
            {
                let allowed = ALLOWED.contains(&name)
                    || room == "lessons/17-scale" && TO_MEASURE.contains(&name);
                assert!(allowed, "{room} depends on {name}");
            }
        }
    }
}

#[test]
fn a_lesson_is_one_scroll_on_a_projector() {
    for lesson in numbered_in("lessons") {
        for (program, file) in programs(&lesson) {
            let text = read(&file);
            let lines = text.lines().count();
            assert!((30..=150).contains(&lines), "{program}: {lines} lines");
            for line in text.lines() {
                assert!(line.chars().count() <= 90, "{program}: {line}");
            }
            let head = text.trim_start_matches("// ANCHOR: all\n");
            assert!(head.starts_with("//! Lesson "), "{program}: its head");
            assert!(text.contains("cargo run -p "), "{program}: how to run it");
        }
    }
}

#[test]
fn a_library_of_a_lesson_is_read_at_one_sitting() {
    for lesson in numbered_in("lessons") {
        let Some(file) = library(&lesson) else {
            continue;
        };
        let text = read(&file);
        let lines = text.lines().count();
        assert!(lines <= 450, "{lesson}: {lines} lines");
        for line in text.lines() {
            assert!(line.chars().count() <= 90, "{lesson}: {line}");
        }
        let head = text.trim_start_matches("// ANCHOR: head\n");
        assert!(head.starts_with("//! Lesson "), "{lesson}: its head");
    }
}

#[test]
fn so_is_every_other_file_of_a_lesson_and_its_chapter_shows_it() {
    for lesson in numbered_in("lessons") {
        let chapter = read(format!("docs/{lesson}.md"));
        for file in all_in(&tests::root().join("lessons").join(&lesson).join("src")) {
            if library(&lesson).is_some_and(|library| file.ends_with(library)) {
                continue; // it has a rule of its own
            }
            let text = read(&file);
            let text = text.split("#[cfg(test)]").next().unwrap_or_default();
            let lines = text.lines().count();
            assert!(lines <= 150, "{}: {lines} lines", file.display());
            for wrong in ["let _ =", ".unwrap()", "unsafe ", "todo!", "TODO", "FIXME"] {
                assert!(!text.contains(wrong), "{} has `{wrong}`", file.display());
            }
            let path = file.strip_prefix(tests::root()).expect("it is in there");
            let shown = format!("{{{{#include ../{}", path.display());
            assert!(
                chapter.contains(&shown),
                "{lesson}.md does not show {shown}"
            );
        }
    }
}

/// The Rust files in a folder and its folders.
fn all_in(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).expect("a folder").flatten();
    let of = |path: PathBuf| match path.is_dir() {
        true => all_in(&path),
        false => vec![path],
    };
    entries.flat_map(|entry| of(entry.path())).collect()
}

#[test]
fn no_lesson_swallows_an_error_or_trusts_a_peer_with_unwrap() {
    for lesson in numbered_in("lessons") {
        for file in sources(&lesson).into_iter().chain(library(&lesson)) {
            let text = read(&file);
            let program = file.display();
            let code = text.split("#[cfg(test)]").next().unwrap_or_default();
            for wrong in ["let _ =", ".unwrap()", "unsafe ", "todo!", "TODO", "FIXME"] {
                assert!(!code.contains(wrong), "{program} has `{wrong}`");
            }
        }
    }
}

#[test]
fn the_judge_never_uses_the_helpers_that_it_judges() {
    let manifest = read("tests/Cargo.toml");
    assert!(!manifest.contains("\nshared"), "tests/ depends on shared/");
}
