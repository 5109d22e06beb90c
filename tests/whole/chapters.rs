//! Chapters include, never retype: what they show stands in a file that is compiled or
//! was written by a run.

use crate::steps::step_of;
use crate::{chapters, chapters_of, library, names_in, numbered_in, programs, read};

/// The fenced blocks of a chapter: the language behind the fence, and the lines.
fn fences(text: &str) -> Vec<(String, Vec<&str>)> {
    let mut fences = Vec::new();
    let mut open: Option<(String, Vec<&str>)> = None;
    for line in text.lines() {
        match (&mut open, line.trim_start().strip_prefix("```")) {
            (Some(_), Some(_)) => fences.extend(open.take()),
            (Some((_, lines)), None) => lines.push(line),
            (None, Some(language)) => {
                let language = language.split(',').next().unwrap_or_default();
                open = Some((language.trim().to_string(), Vec::new()));
            }
            (None, None) => {}
        }
    }
    assert!(open.is_none(), "a fence is not closed: {open:?}");
    fences
}

fn is_include(line: &str) -> bool {
    line.trim().starts_with("{{#include ")
}

#[test]
fn fenced_rust_and_diffs_are_always_included_from_a_file() {
    for (name, text) in chapters() {
        for (language, lines) in fences(&text) {
            if ["rust", "diff"].contains(&&*language) {
                assert!(
                    !lines.is_empty() && lines.iter().all(|line| is_include(line)),
                    "{name}: typed by hand: {lines:?}"
                );
            }
        }
    }
}

#[test]
fn no_output_of_a_program_is_typed_by_hand() {
    for (name, text) in chapters() {
        for (_, lines) in fences(&text) {
            for line in lines {
                let output = ["error: ", "hint: ", "Listening on ", "$ cargo run -p "];
                assert!(
                    !output.iter().any(|start| line.contains(start)),
                    "{name}: show a transcript instead of: {line}"
                );
            }
        }
    }
}

#[test]
fn every_program_is_shown_whole_in_its_chapter() {
    for lesson in numbered_in("lessons") {
        let chapter: String = chapters_of(&lesson).map(|(_, text)| text).collect();
        let programs = programs(&lesson);
        for (program, file) in &programs {
            if step_of(program, &programs).is_some() {
                continue; // it may be shown as what it changes
            }
            // `:all` leaves out the marks of the other parts.
            let file = file.display();
            let includes = [file.to_string(), format!("{file}:all")]
                .map(|place| format!("{{{{#include ../{place}}}}}"));
            assert!(
                includes.iter().any(|include| chapter.contains(include)),
                "no chapter of {lesson} shows {program}"
            );
        }
    }
}

#[test]
fn every_library_is_shown_whole_in_its_chapter_maybe_in_parts() {
    for lesson in numbered_in("lessons") {
        let Some(file) = library(&lesson) else {
            continue;
        };
        if read(&file).starts_with("//! Help for lesson ") {
            continue;
        }
        let chapter: String = chapters_of(&lesson).map(|(_, text)| text).collect();
        let shown = |part: &str| {
            let include = format!("{{{{#include ../{}:{part}}}}}", file.display());
            chapter.contains(&include)
        };
        let mut open = Vec::new();
        for line in read(&file).lines() {
            let code = line.trim_start();
            if let Some(part) = code.strip_prefix("// ANCHOR: ") {
                open.push(part.to_string());
            } else if let Some(part) = code.strip_prefix("// ANCHOR_END: ") {
                open.retain(|name| name != part);
            } else if !code.is_empty() {
                let seen = open.iter().any(|part| shown(part));
                assert!(seen, "not in {lesson}.md: {line}");
            }
        }
    }
}

#[test]
fn every_transcript_is_shown_by_a_chapter_and_written_by_a_test() {
    let all: String = chapters().into_iter().map(|(_, text)| text).collect();
    for lesson in numbered_in("lessons") {
        let folder = format!("lessons/{lesson}/transcripts");
        let files = names_in(&folder);
        assert!(!files.is_empty(), "{lesson} has no picture of a run");
        let sources: String = names_in(format!("tests/{lesson}"))
            .iter()
            .filter(|name| name.ends_with(".rs"))
            .map(|name| read(format!("tests/{lesson}/{name}")))
            .collect();
        for file in &files {
            let (name, kind) = file.rsplit_once('.').expect("NAME.txt or NAME.jsonl");
            assert!(files.contains(&format!("{name}.jsonl")), "{folder}/{file}");
            assert!(files.contains(&format!("{name}.txt")), "{folder}/{file}");
            if kind == "txt" {
                let include = format!("{{{{#include ../{folder}/{file}}}}}");
                assert!(all.contains(&include), "no chapter shows {folder}/{file}");
            }
            assert!(
                sources.contains(&format!("\"{name}\"")),
                "no test writes {folder}/{file}"
            );
        }
    }
}

#[test]
fn every_chapter_of_a_lesson_has_the_same_parts() {
    for lesson in numbered_in("lessons") {
        for (name, chapter) in chapters_of(&lesson) {
            for part in [
                "# Lesson ",
                "## The idea",
                "## What goes wrong",
                "## In Python, in C, in Rust",
                "## Exercises",
                "## Check yourself",
                "## Where to read on",
            ] {
                assert!(
                    chapter.lines().any(|line| line.starts_with(part)),
                    "{name} has no part `{part}`"
                );
            }
            // Elsewhere, what is folded is a run that is to be thought about first.
            let (_, check) = chapter.split_once("## Check yourself").unwrap_or_default();
            let check = check.split("\n## ").next().unwrap_or_default();
            let questions = check.matches("<details>").count();
            assert!(
                (3..=9).contains(&questions),
                "{name}: {questions} questions"
            );
        }
    }
}

#[test]
fn no_page_has_the_marks_of_a_conflict() {
    for (name, text) in chapters() {
        let is_mark =
            |line: &&str| line.starts_with("<<<<<<< ") || line.starts_with(">>>>>>> ");
        assert_eq!(text.lines().find(is_mark), None, "{name}");
    }
}
