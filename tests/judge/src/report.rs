//! The verdict, in words for the learner and in lines for programs.

use std::fmt::Write;
use std::time::Duration;

use crate::exercise::Exercise;
use crate::program::Recipe;
use crate::stage::Stage;
use crate::trouble::{Kind, Trouble, difference, quoted};

/// What a check has found.
#[derive(Debug)]
pub struct Report {
    /// How many steps passed.
    pub passed: usize,
    /// How many there are.
    pub steps: usize,
    /// Why the next one failed; none: all passed.
    pub trouble: Option<Trouble>,
    /// How long it took.
    pub took: Duration,
}

impl Report {
    /// `PASS`, or the kind of trouble.
    pub fn verdict(&self) -> &'static str {
        self.trouble
            .as_ref()
            .map_or("PASS", |trouble| trouble.kind.word())
    }
}

/// Judges a program, telling each step to `tell` as soon as it has passed.
pub fn judge(
    exercise: &Exercise,
    recipe: Recipe,
    seed: u64,
    mut tell: impl FnMut(&str),
) -> Report {
    let start = std::time::Instant::now();
    let mut stage = Stage::new(recipe, seed);
    let mut trouble = None;
    let mut passed = 0;
    for step in exercise.steps {
        stage.talk().clear();
        match (step.play)(&mut stage) {
            Ok(()) => {
                passed += 1;
                tell(&format!("  ok    {}\n", step.says));
            }
            Err(found) => {
                let found = stage.explains(found);
                tell(&failed(exercise, step.says, &found, &stage, seed));
                trouble = Some(found);
                break;
            }
        }
    }
    let (steps, took) = (exercise.steps.len(), start.elapsed());
    Report {
        passed,
        steps,
        trouble,
        took,
    }
}

fn failed(
    exercise: &Exercise,
    step: &str,
    trouble: &Trouble,
    stage: &Stage,
    seed: u64,
) -> String {
    let mut text = format!("  {:5} {step}\n\n", trouble.kind.word());
    let mut add = |name: &str, words: &str| {
        let mut lines = words.lines();
        let first = lines.next().unwrap_or_default();
        writeln!(text, "{name:10} {first}").expect("a string");
        for line in lines {
            writeln!(text, "{:10} {line}", "").expect("a string");
        }
    };
    if trouble.kind == Kind::CheckerError {
        add(
            "checker",
            "this is the checker's own trouble, and says nothing of yours",
        );
    }
    add("expected", &trouble.expected);
    add("seen", &trouble.seen);
    if let Some((expected, seen)) = &trouble.bytes {
        add("", difference(expected, seen).trim_end());
    }
    let talk = stage.talk().told();
    if !talk.is_empty() {
        add("the talk", &talk);
    }
    let (output, complaints) = stage.printed();
    if !output.is_empty() {
        add("it printed", &quoted(&output));
    }
    let complaints: Vec<_> = complaints.lines().filter(|line| !is_noise(line)).collect();
    if !complaints.is_empty() {
        let from = complaints.len().saturating_sub(4);
        add("its errors", &complaints[from..].join("\n"));
    }
    if !trouble.cause.is_empty() {
        add("likely", &trouble.cause);
    }
    let section = trouble.section.unwrap_or(exercise.section);
    add(
        "read",
        &format!("docs/{}.md, \"{section}\"", exercise.lesson),
    );
    add("hint", &format!("cargo run -- hint {}", exercise.name));
    add(
        "again",
        &format!("cargo run -- check {} --seed {seed}", exercise.name),
    );
    text
}

/// What Rust's runtime adds to a panic.
fn is_noise(line: &str) -> bool {
    line.trim().is_empty() || line.starts_with("note: run with `RUST_BACKTRACE")
}
