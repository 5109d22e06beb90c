//! One name in every room: lessons/NN-name, docs/NN-name.md, tests/NN-name.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::{field, library, names_in, numbered_in, programs, read};

#[test]
fn every_lesson_has_its_chapter_and_its_tests_and_the_other_way_round() {
    let lessons = numbered_in("lessons");
    assert!(lessons.len() >= 9, "{lessons:?}");
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
fn a_program_says_what_it_is_and_how_to_run_it() {
    for lesson in numbered_in("lessons") {
        for (program, file) in programs(&lesson) {
            let text = read(&file);
            let head = text.trim_start_matches("// ANCHOR: all\n");
            assert!(head.starts_with("//! Lesson "), "{program}: its head");
            assert!(text.contains("cargo run -p "), "{program}: how to run it");
        }
        let Some(file) = library(&lesson) else {
            continue;
        };
        let text = read(&file);
        let head = text.trim_start_matches("// ANCHOR: head\n");
        let taught = head.starts_with("//! Lesson ");
        assert!(
            taught || is_help(&text),
            "{lesson}: the head of its library"
        );
    }
}

/// Functions that are longer than a projector, until their lesson is retold.
const LONGER: [(&str, &str); 17] = [
    ("04-send-recv/src/main.rs", "run"),
    ("08-udp/src/bin/udp-client.rs", "ask"),
    ("09-framing/src/bin/framed-client.rs", "run"),
    ("09-framing/src/bin/framed-server.rs", "run"),
    ("09-framing/src/bin/remote-client.rs", "run"),
    ("10-select/src/bin/poll.rs", "watch"),
    ("10-select/src/main.rs", "watch"),
    ("11-chat/src/bin/chat-client.rs", "talk"),
    ("11-chat/src/main.rs", "run"),
    ("12-options/src/main.rs", "table"),
    ("16-families/src/bin/dual-stack.rs", "run"),
    ("16-families/src/bin/ping.rs", "run"),
    ("17-scale/src/bin/compare.rs", "measure_all"),
    ("17-scale/src/bin/compare/plots.rs", "plot"),
    ("17-scale/src/designs/epoll.rs", "serve"),
    ("17-scale/src/designs/poll.rs", "serve"),
    ("17-scale/src/designs/select.rs", "serve"),
];

#[test]
fn what_is_on_a_projector_at_once_fits_there() {
    for (lesson, file) in files_of_lessons() {
        let text = read(&file);
        let place = file.display().to_string();
        if is_help(&text) {
            continue; // nobody shows it
        }
        for line in text.lines() {
            assert!(line.chars().count() <= 90, "{place}: {line}");
        }
        let lines: Vec<_> = text.lines().collect();
        for (start, line) in lines.iter().enumerate() {
            let Some((before, rest)) = line.split_once("fn ") else {
                continue;
            };
            let indent = &before[..before.len() - before.trim_start().len()];
            let words = ["", "pub", "pub(crate)", "async", "pub async", "const"];
            if !words.contains(&before.trim()) {
                continue; // the type of a parameter, or a comment
            }
            let end = format!("{indent}}}");
            let function = &lines[start..];
            let length = 1 + function.iter().position(|line| **line == end).unwrap_or(0);
            let name = rest.split(['(', '<']).next().unwrap_or_default();
            let known = |(file, function): &(&str, &str)| {
                place.ends_with(file) && *function == name
            };
            assert!(
                length <= 40 || LONGER.iter().any(known),
                "{lesson}: {place}: {name} has {length} lines"
            );
        }
    }
}

#[test]
fn a_file_of_a_lesson_is_read_at_one_sitting() {
    for (lesson, file) in files_of_lessons() {
        let text = read(&file);
        let text = text.split("#[cfg(test)]").next().unwrap_or_default();
        let lines = text.lines().count();
        // A library that is taught is shown in parts. Others want to be two at 200 lines.
        let taught = library(&lesson).is_some_and(|library| file.ends_with(library));
        let most = match taught {
            _ if is_help(text) => 300,
            true => 480,
            false => 220,
        };
        let place = file.display();
        assert!(lines <= most, "{place}: {lines} lines");
    }
}

/// Whether a file holds what a lesson needs and does not teach. Its chapter need not show it.
fn is_help(text: &str) -> bool {
    text.starts_with("//! Help for lesson ")
}

#[test]
fn no_file_of_a_lesson_swallows_an_error_and_its_chapter_shows_it() {
    for (lesson, file) in files_of_lessons() {
        let chapter = read(format!("docs/{lesson}.md"));
        let text = read(&file);
        let text = text.split("#[cfg(test)]").next().unwrap_or_default();
        let path = file.strip_prefix(tests::root()).expect("it is in there");
        for wrong in ["let _ =", ".unwrap()", "unsafe ", "todo!", "TODO", "FIXME"] {
            assert!(!text.contains(wrong), "{} has `{wrong}`", path.display());
        }
        let shown = format!("{{{{#include ../{}", path.display());
        assert!(
            is_help(text) || chapter.contains(&shown),
            "{lesson}.md does not show {shown}"
        );
    }
}

/// Every Rust file of every lesson, with the lesson.
fn files_of_lessons() -> Vec<(String, PathBuf)> {
    let lessons = numbered_in("lessons").into_iter();
    let of = |lesson: String| {
        let folder = tests::root().join("lessons").join(&lesson);
        let own = folder.join("with-library/src");
        let own = if own.exists() {
            all_in(&own)
        } else {
            Vec::new()
        };
        let files = all_in(&folder.join("src")).into_iter().chain(own);
        files.map(|file| (lesson.clone(), file)).collect::<Vec<_>>()
    };
    lessons.flat_map(of).collect()
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
fn the_judge_never_uses_the_helpers_that_it_judges() {
    let manifest = read("tests/Cargo.toml");
    assert!(!manifest.contains("\nshared"), "tests/ depends on shared/");
}
