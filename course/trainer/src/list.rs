//! `list`: all exercises, and how far the learner is.

use std::fmt::Write;

use checker::Kind;

use course::page::{self, BAD, COMMAND, GOOD, TITLE};
use course::progress::{Outcome, Progress};

use crate::choice;

/// The page that `list` shows.
pub fn list(progress: &Progress) -> String {
    let all = choice::all();
    let passed = all
        .iter()
        .filter(|exercise| progress.has_passed(exercise.name));
    let mut text = format!(
        "{TITLE}Exercises{TITLE:#}: {} of {} passed\n",
        passed.count(),
        all.len()
    );
    let mut lesson = "";
    for exercise in all {
        if exercise.lesson != lesson {
            lesson = exercise.lesson;
            writeln!(text, "\n{TITLE}{lesson}{TITLE:#}").expect("a string takes all");
        }
        let (style, mark) = match progress.outcome(exercise.name) {
            Some(Outcome::Passed) => (GOOD, "[x]"),
            Some(Outcome::Failed) => (BAD, "[!]"),
            None => (anstyle::Style::new(), "[ ]"),
        };
        let kind = match exercise.kind {
            Kind::Repair => "repair",
            Kind::Build => "build",
        };
        let name = exercise.name;
        writeln!(
            text,
            "  {style}{mark}{style:#} {kind:6} {TITLE}{name}{TITLE:#}"
        )
        .expect("a string takes all");
        text.push_str(&page::wrapped(exercise.task, 13));
    }
    if let Some(next) = choice::next(progress) {
        let name = next.name;
        writeln!(
            text,
            "\nNext: {COMMAND}cargo run -- check {name}{COMMAND:#}"
        )
        .expect("a string takes all");
    }
    text
}
