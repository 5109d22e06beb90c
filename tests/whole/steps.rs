//! The steps of a lesson: `src/bin/NAME-1.rs`, `NAME-2.rs` … lead to the program `NAME`.
//!
//! What a step changes is a file, made from the two programs, and shown by the chapter:
//! `lessons/NN-name/diffs/NAME-2.diff`. `DIFFS=write cargo test -p tests --test whole diffs`
//! writes them anew; without it, they are compared.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use similar::TextDiff;

use crate::{chapters_of, names_in, numbered_in, programs, read};

/// A program of a ladder; the last one is the program without a number.
struct Step {
    lesson: String,
    number: usize,
    program: String,
    file: PathBuf,
}

/// The ladders of a lesson that have more than their last step.
fn ladders(lesson: &str) -> Vec<Vec<Step>> {
    let mut ladders: BTreeMap<String, Vec<Step>> = BTreeMap::new();
    let programs = programs(lesson);
    for (program, file) in &programs {
        let step = |number| Step {
            lesson: lesson.to_string(),
            number,
            program: program.clone(),
            file: file.clone(),
        };
        match step_of(program, &programs) {
            Some((of, number)) => ladders.entry(of).or_default().push(step(number)),
            None => ladders.entry(program.clone()).or_default().push(step(0)),
        }
    }
    let mut ladders: Vec<_> = ladders.into_values().collect();
    for steps in &mut ladders {
        for step in steps.iter_mut().filter(|step| step.number == 0) {
            step.number = usize::MAX; // the last
        }
        steps.sort_by_key(|step| step.number);
        let count = steps.len();
        steps.last_mut().expect("the program itself").number = count;
    }
    ladders.retain(|steps| steps.len() > 1);
    ladders
}

/// `talk-1` is step 1 of `talk`, where there is a program `talk`.
pub fn step_of(program: &str, all: &[(String, PathBuf)]) -> Option<(String, usize)> {
    let (of, number) = program.rsplit_once('-')?;
    let number = number.parse().ok()?;
    let is_there = all.iter().any(|(name, _)| name == of);
    is_there.then(|| (of.to_string(), number))
}

fn all_ladders() -> Vec<Vec<Step>> {
    let lessons = numbered_in("lessons").into_iter();
    lessons.flat_map(|lesson| ladders(&lesson)).collect()
}

#[test]
fn diffs_between_the_steps_are_made_from_the_steps() {
    let write = std::env::var("DIFFS").is_ok_and(|value| value == "write");
    let mut wanted = BTreeMap::new();
    for steps in all_ladders() {
        for pair in steps.windows(2) {
            let text = diff(&without_head(&pair[0]), &without_head(&pair[1]));
            wanted.insert(diff_file(&pair[1]), text);
        }
    }
    let mut wrong = Vec::new();
    for lesson in numbered_in("lessons") {
        let folder = PathBuf::from("lessons").join(lesson).join("diffs");
        for name in names_in(&folder) {
            let file = folder.join(name);
            if wanted.contains_key(&file) {
                continue;
            }
            match write {
                true => fs::remove_file(tests::root().join(&file)).expect("removed"),
                false => wrong.push(format!("{} is of no step", file.display())),
            }
        }
    }
    for (file, text) in wanted {
        let place = tests::root().join(&file);
        if write {
            fs::create_dir_all(place.parent().expect("a folder")).expect("made");
            fs::write(&place, text).expect("written");
        } else if fs::read_to_string(&place).ok() != Some(text) {
            wrong.push(format!("{} is not what the step changes", file.display()));
        }
    }
    assert!(
        wrong.is_empty(),
        "`DIFFS=write cargo test -p tests --test whole diffs` writes them anew: {wrong:#?}"
    );
}

fn diff_file(step: &Step) -> PathBuf {
    let folder = PathBuf::from("lessons").join(&step.lesson).join("diffs");
    folder.join(format!("{}.diff", step.program))
}

/// The unified diff.
fn diff(before: &str, after: &str) -> String {
    let diff = TextDiff::from_lines(before, after);
    let text = diff.unified_diff().context_radius(3).to_string();
    // An empty line of context is a space: nobody sees it, and editors take it away.
    let lines = text.lines().map(str::trim_end);
    lines.flat_map(|line| [line, "\n"]).collect()
}

/// The program as it is compared: neither its head nor the marks of the book's pieces.
fn without_head(step: &Step) -> String {
    let source = read(&step.file);
    let lines = source.lines().filter(|line| !is_mark(line));
    let code = lines.skip_while(|line| line.starts_with("//!") || line.is_empty());
    code.flat_map(|line| [line, "\n"]).collect()
}

fn is_mark(line: &str) -> bool {
    line.trim_start().starts_with("// ANCHOR")
}

#[test]
fn steps_are_numbered_from_1_without_a_gap() {
    for steps in all_ladders() {
        let numbers: Vec<_> = steps.iter().map(|step| step.number).collect();
        let expected: Vec<_> = (1..=steps.len()).collect();
        assert_eq!(numbers, expected, "{}", steps[0].program);
    }
}

#[test]
fn step_1_is_the_plain_program_of_at_most_45_lines() {
    for step in all_ladders().iter().map(|steps| &steps[0]) {
        let source = read(&step.file);
        let lines = source.lines().filter(|line| !is_mark(line)).count();
        assert!(lines <= 45, "{}: {lines} lines", step.program);
        let code = source.lines().filter(|line| !line.trim().starts_with("//"));
        for line in code {
            for word in ["shared", "practice"] {
                assert!(!line.contains(word), "{}: {line}", step.program);
            }
        }
    }
}

#[test]
fn the_head_of_a_step_has_its_title_its_command_and_what_it_cannot_do() {
    for steps in all_ladders() {
        let (last, before) = steps.split_last().expect("a ladder");
        for step in before {
            let head = head(&step.file);
            let (lesson, number, program) = (&step.lesson, step.number, &step.program);
            let start = format!("Lesson {}, step {number}: ", &lesson[..2]);
            let title = head
                .lines()
                .next()
                .and_then(|line| line.strip_prefix(&*start));
            assert!(
                title.is_some_and(|title| title.len() > 5),
                "{program} begins with //! {start}TITLE."
            );
            let command = format!("cargo run -p {} --bin {program}", package(lesson));
            for part in [&*command, "What it cannot do"] {
                assert!(head.contains(part), "{program}: its head has no `{part}`");
            }
        }
        let head = head(&last.file);
        assert!(head.starts_with(&format!("Lesson {}", &last.lesson[..2])));
    }
}

/// The lines of the `//!` head, without these marks.
fn head(file: &Path) -> String {
    let source = read(file);
    let lines = source.lines().skip_while(|line| is_mark(line));
    let head = lines.map_while(|line| line.strip_prefix("//!"));
    head.flat_map(|line| [line.trim_start(), "\n"]).collect()
}

fn package(lesson: &str) -> &str {
    lesson.split_once('-').expect("NN-name").1
}

#[test]
fn every_step_is_shown_by_its_chapter_whole_or_as_what_it_changes() {
    for step in all_ladders().iter().flatten() {
        let text: String = chapters_of(&step.lesson).map(|(_, text)| text).collect();
        let file = step.file.display().to_string();
        let mut places = vec![file.clone(), format!("{file}:all")];
        if is_numbered(step) {
            places = vec![after_its_head(step)];
        }
        if step.number > 1 {
            places.push(diff_file(step).display().to_string());
        }
        let mut places = places
            .iter()
            .map(|place| format!("{{{{#include ../{place}}}}}"));
        assert!(
            places.any(|include| text.contains(&include)),
            "no chapter of {} shows {}",
            step.lesson,
            step.program
        );
    }
}

/// Whether it is a step before the last, which has the program's own name.
fn is_numbered(step: &Step) -> bool {
    step.program.ends_with(&format!("-{}", step.number))
}

/// How a chapter shows a step whole: from its first line of code on. The head says what the
/// program cannot do, and a reader is to decide that before the run.
fn after_its_head(step: &Step) -> String {
    let text = read(&step.file);
    let head = text.lines();
    let head = head.take_while(|line| line.starts_with("//") || line.is_empty());
    format!("{}:{}:", step.file.display(), head.count() + 1)
}

/// Chapters that show a listing twice. This list may only shrink; a comment between the
/// lessons lets two people take theirs off.
#[rustfmt::skip]
const SHOWN_TWICE: &[&str] = &[
    // 01
    // 02
    // 03
    // 04
    // 05
    // 06
    // 07
    // 08
    // 09
    // 10
    // 11
    // 12
    // 13
    // 14
    "14-http.md",
    // 15
    "15-mail.md",
    // 16
    // 17
    "17-scale.md",
];

#[test]
fn no_chapter_shows_a_listing_twice() {
    let mut found = BTreeMap::new();
    for lesson in numbered_in("lessons") {
        for (name, text) in chapters_of(&lesson) {
            let includes = text.lines().filter_map(|line| {
                let place = line.trim().strip_prefix("{{#include ../")?;
                place.strip_suffix("}}")
            });
            let includes = includes.filter(|place| place.contains(".rs"));
            let includes: Vec<_> = includes.collect();
            // The whole is there, and a piece of it once more.
            let is_whole = |file: &str| {
                let all = format!("{file}:all");
                includes.contains(&file) || includes.contains(&&*all)
            };
            let is_rest = |piece: &str| piece.ends_with(':');
            let mut seen = BTreeSet::new();
            let again = |place: &&str| match place.split_once(':') {
                Some((file, piece)) if piece != "all" && !is_rest(piece) => {
                    is_whole(file)
                }
                _ => false,
            };
            let mut doubled = includes.clone();
            doubled.retain(|place| !seen.insert(*place) || again(place));
            if !doubled.is_empty() {
                found.insert(name, doubled.iter().map(|it| it.to_string()).collect());
            }
        }
    }
    only_known(&found, SHOWN_TWICE);
}

/// What breaks a rule is what is known to break it, from the time before the rule.
pub fn only_known(found: &BTreeMap<String, Vec<String>>, known: &[&str]) {
    let new = found
        .iter()
        .filter(|(name, _)| !known.contains(&name.as_str()));
    let new: Vec<_> = new.collect();
    assert!(new.is_empty(), "{new:#?}");
    let mended = known.iter().filter(|name| !found.contains_key(**name));
    let mended: Vec<_> = mended.collect();
    assert!(mended.is_empty(), "take these off the list: {mended:#?}");
}
