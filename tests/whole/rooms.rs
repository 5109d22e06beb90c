//! One name in every room: lessons/NN-name, docs/NN-name.md, tests/NN-name.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use crate::steps::{only_known, step_of};
use crate::{chapters_of, field, library, names_in, numbered_in, programs, read};

#[test]
fn every_lesson_has_its_chapter_and_its_tests_and_the_other_way_round() {
    let lessons = numbered_in("lessons");
    assert!(lessons.len() >= 9, "{lessons:?}");
    // A lesson may have a second chapter, with its number.
    let chapters = numbered_in("docs");
    assert!(
        chapters.is_superset(&lessons),
        "each lesson has its chapter"
    );
    let numbers = |names: &BTreeSet<String>| -> BTreeSet<String> {
        names.iter().map(|name| name[..2].to_string()).collect()
    };
    assert_eq!(numbers(&lessons), numbers(&chapters), "lessons/ and docs/");
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
fn every_program_has_a_head_that_says_how_to_run_it() {
    for lesson in numbered_in("lessons") {
        for (program, file) in programs(&lesson) {
            let text = read(&file);
            let head = text.trim_start_matches("// ANCHOR: all\n");
            assert!(head.starts_with("//! Lesson "), "{program}: its head");
            assert!(text.contains("cargo run -p "), "{program}: how to run it");
        }
        if let Some(file) = library(&lesson) {
            let text = read(&file);
            let head = text.trim_start_matches("// ANCHOR: head\n");
            let taught = head.starts_with("//! Lesson ");
            assert!(taught || is_help(&text), "{lesson}: its head");
        }
    }
}

/// Whether a file holds what its lesson needs and does not teach. Its chapter need not
/// show it.
fn is_help(text: &str) -> bool {
    text.starts_with("//! Help for lesson ")
}

/// Files with something longer than a projector shows, from before that became a rule: a
/// function, an included piece, a line, or the file. This list may only shrink; a comment
/// between the lessons lets two people take theirs off.
#[rustfmt::skip]
const TOO_LONG: &[&str] = &[
    // 04
    // 06
    "lessons/06-forever-loop/src/main.rs",
    // 07
    // 08
    // 09
    // 10
    // 11
    // 12
    // 13
    // 14
    // 15
    // 16
    // 17
];

/// What is new fits a projector; a file of more lines than this wants to be two.
const COLUMNS: usize = 90;
const LINES_OF_A_PIECE: usize = 40;
const LINES_OF_A_FILE: usize = 240;

#[test]
fn what_is_new_fits_a_projector() {
    let mut found = BTreeMap::new();
    for lesson in numbered_in("lessons") {
        for file in all_files_of(&lesson) {
            let text = read(&file);
            if is_help(&text) {
                continue; // nobody shows it
            }
            let code = text.split("#[cfg(test)]").next().unwrap_or_default();
            let code: Vec<_> = code.lines().collect();
            let mut long = Vec::new();
            for line in &code {
                if line.chars().count() > COLUMNS {
                    long.push(line.to_string());
                }
            }
            if code.len() > LINES_OF_A_FILE {
                long.push(format!("the file: {} lines", code.len()));
            }
            for (piece, lines) in functions(&code).into_iter().chain(pieces(&code)) {
                if lines > LINES_OF_A_PIECE {
                    long.push(format!("{piece}: {lines} lines"));
                }
            }
            if !long.is_empty() {
                found.insert(file.display().to_string(), long);
            }
        }
    }
    only_known(&found, TOO_LONG);
}

/// The functions, as rustfmt writes them, with the number of their lines.
fn functions(code: &[&str]) -> Vec<(String, usize)> {
    let mut functions = Vec::new();
    for (start, line) in code.iter().enumerate() {
        let begin = line.trim_start();
        let indent = &line[..line.len() - begin.len()];
        let words = begin.split_whitespace();
        let mut words = words.skip_while(|word| {
            word.starts_with("pub") || ["const", "async", "unsafe"].contains(word)
        });
        if words.next() != Some("fn") {
            continue;
        }
        let name = words.next().unwrap_or_default();
        let name = name.split(['(', '<']).next().unwrap_or_default();
        let end = format!("{indent}}}");
        // Of one line, or the declaration in a trait.
        let is_line = line.ends_with('}') || line.ends_with(';');
        let rest = code[start..].iter().position(|line| *line == end);
        let lines = if is_line {
            1
        } else {
            rest.map_or(1, |last| last + 1)
        };
        functions.push((format!("fn {name}"), lines));
    }
    functions
}

/// The pieces that chapters include by a mark, without `all`, the whole.
fn pieces(code: &[&str]) -> Vec<(String, usize)> {
    let mut pieces = Vec::new();
    for (start, line) in code.iter().enumerate() {
        let Some(name) = line.trim_start().strip_prefix("// ANCHOR: ") else {
            continue;
        };
        if name == "all" {
            continue;
        }
        let end = format!("// ANCHOR_END: {name}");
        let piece = code[start + 1..].iter();
        let piece = piece.take_while(|line| line.trim_start() != end);
        let lines = piece.filter(|line| !line.contains("// ANCHOR")).count();
        pieces.push((format!("piece {name}"), lines));
    }
    pieces
}

/// Every Rust file of a lesson's packages, as paths from the root.
fn all_files_of(lesson: &str) -> Vec<PathBuf> {
    let folder = PathBuf::from("lessons").join(lesson);
    let folders =
        ["src", "with-library/src"].map(|inner| tests::root().join(&folder).join(inner));
    let files = folders
        .iter()
        .filter(|folder| folder.exists())
        .flat_map(|folder| all_in(folder));
    let own = |file: PathBuf| file.strip_prefix(tests::root()).map(Path::to_path_buf);
    files
        .map(|file| own(file).expect("it is in there"))
        .collect()
}

#[test]
fn every_file_of_a_lesson_is_shown_by_its_chapter() {
    for lesson in numbered_in("lessons") {
        let chapter: String = chapters_of(&lesson).map(|(_, text)| text).collect();
        let programs = programs(&lesson);
        let steps = programs
            .iter()
            .filter(|(one, _)| step_of(one, &programs).is_some());
        let steps: BTreeSet<_> = steps.map(|(_, file)| file.clone()).collect();
        for file in all_files_of(&lesson) {
            // These have rules of their own.
            if library(&lesson).as_ref() == Some(&file) || steps.contains(&file) {
                continue;
            }
            if is_help(&read(&file)) {
                continue;
            }
            let shown = format!("{{{{#include ../{}", file.display());
            assert!(
                chapter.contains(&shown),
                "no chapter of {lesson} shows {shown}"
            );
        }
    }
}

/// A program for some systems is a file that could be any program's, and a second one that
/// starts it. Both kinds of path have the program's name, or `main`.
#[test]
fn what_starts_a_program_on_some_systems_does_nothing_else() {
    let is_starter = |file: &PathBuf| file.to_string_lossy().contains("src/only-on/");
    let mut starters = 0;
    for lesson in numbered_in("lessons") {
        let manifest = read(format!("lessons/{lesson}/Cargo.toml"));
        for file in all_files_of(&lesson).into_iter().filter(is_starter) {
            let name = file.file_stem().expect("a name").to_string_lossy();
            let entry = format!("name = \"{name}\"\npath = \"src/only-on/{name}.rs\"");
            assert!(
                manifest.contains(&entry),
                "{lesson}: its manifest has no {entry}"
            );
            let main = format!("default-run = \"{name}\"");
            let program = match manifest.contains(&main) {
                true => "../main.rs".to_string(),
                false => format!("../bin/{name}.rs"),
            };
            let text = read(&file);
            let (head, call) = text.split_once("\n\n").expect("a head and a call");
            assert_eq!(head.lines().count(), 1, "{}", file.display());
            let forms = ["unix", "target_os = \"linux\""]
                .map(|systems| format!("shared::only_on!({systems}, \"{program}\");\n"));
            assert!(forms.iter().any(|form| form == call), "{}", file.display());
            starters += 1;
        }
    }
    assert!(
        starters > 0,
        "no lesson has one: this test looks in the wrong place"
    );
}

/// The Rust files in a folder and its folders.
pub fn all_in(folder: &Path) -> Vec<PathBuf> {
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
        for file in all_files_of(&lesson) {
            let text = read(&file);
            let code = text.split("#[cfg(test)]").next().unwrap_or_default();
            // A lock that is poisoned is no peer's doing: another thread has panicked.
            let code = code.replace(".lock().unwrap()", "");
            for wrong in ["let _ =", ".unwrap()", "unsafe ", "todo!", "TODO", "FIXME"] {
                assert!(!code.contains(wrong), "{} has `{wrong}`", file.display());
            }
        }
    }
}

#[test]
fn the_judge_never_uses_the_helpers_that_it_judges() {
    let manifest = read("tests/Cargo.toml");
    assert!(!manifest.contains("\nshared"), "tests/ depends on shared/");
}
