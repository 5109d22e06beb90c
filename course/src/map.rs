//! The map: the lessons, how far the reader is, and what is next.

use std::fmt::Write;

use checker::Exercise;

use crate::exercise;
use crate::page::{COMMAND, GOOD, NOTE, TITLE, wrapped};
use crate::progress::{Progress, State};
use crate::workspace::Lesson;

/// The page that `cargo run` shows.
pub fn map(lessons: &[Lesson], progress: &Progress) -> String {
    let done = |lesson: &&Lesson| progress.of(lesson) == State::Done;
    let title = "Sockets in Rust";
    let count = format!(
        "{} of {} lessons done",
        lessons.iter().filter(done).count(),
        lessons.len()
    );
    let gap = " ".repeat(79 - title.len() - count.len());
    let mut page = format!("{TITLE}{title}{TITLE:#}{gap}{count}\n\n");
    for lesson in lessons {
        row(&mut page, lesson, progress.of(lesson));
    }
    page.push('\n');
    match lessons.iter().find(|lesson| !done(lesson)) {
        Some(next) => what_is_next(&mut page, next, progress.of(next)),
        None => page.push_str("All lessons are done. Write a server of your own!\n"),
    }
    if let Some(exercise) = exercise::next(progress) {
        let Exercise { name, task, .. } = exercise;
        writeln!(page, "\n{TITLE}Exercise: {name}{TITLE:#}").expect("a string takes all");
        page.push_str(&wrapped(&format!("{task}: {}", exercise.file()), 2));
        command(&mut page, "watch", "check it at each save");
    }
    let doctor = "can this machine do every lesson?";
    page.push('\n');
    command(&mut page, "doctor", doctor);
    command(&mut page, "--help", "all commands");
    page
}

fn row(page: &mut String, lesson: &Lesson, state: State) {
    let (style, mark, word) = match state {
        State::Done => (GOOD, "[x]", "done"),
        State::Run => (NOTE, "[-]", "run, not done"),
        State::NotYet => (anstyle::Style::new(), "[ ]", ""),
    };
    let Lesson { number, name, .. } = lesson;
    let head = format!("{style}{mark}{style:#} {number} {TITLE}{name:20}{TITLE:#}");
    let run = format!("{COMMAND}cargo run -- run {number}{COMMAND:#}");
    let row = format!("{head} {run}   {style}{word}");
    writeln!(page, "{}{style:#}", row.trim_end()).expect("a string takes all");
    page.push_str(&wrapped(&lesson.description, 7));
    if !lesson.programs.is_empty() {
        let also = format!("also: `run {}`", lesson.programs.join("`, `run "));
        page.push_str(&wrapped(&also, 7));
    }
}

fn what_is_next(page: &mut String, lesson: &Lesson, state: State) {
    let Lesson {
        number,
        name,
        folder,
        ..
    } = lesson;
    let again = match state {
        State::NotYet => "run it (the same as `cargo run -p ",
        _ => "run it again (the same as `cargo run -p ",
    };
    writeln!(page, "{TITLE}Next: {number} {name}{TITLE:#}").expect("a string takes all");
    command(
        page,
        "book",
        &format!("read its chapter (docs/{folder}.md)"),
    );
    command(page, &format!("run {number}"), &format!("{again}{name}`)"));
    command(page, &format!("done {number}"), "tick it");
}

fn command(page: &mut String, args: &str, what: &str) {
    let line = format!("  {COMMAND}cargo run -- {args:9}{COMMAND:#} {what}");
    writeln!(page, "{line}").expect("a string takes all");
}
