//! The map: what is next, and the lessons with how far the reader is. It fits a screen of
//! 50 rows and 80 columns.

use std::fmt::Write;

use course::exercise::{self, Exercise};
use course::page::{COMMAND, GOOD, NO_BREAK, NOTE, TITLE, cut, wrapped};
use course::progress::{Progress, State};
use course::workspace::Lesson;

/// The page that `cargo run` shows.
pub fn map(lessons: &[Lesson], exercises: &[Exercise], progress: &Progress) -> String {
    let is_done = |lesson: &Lesson| progress.of(lesson) == State::Done;
    let title = "Sockets in Rust";
    let done = lessons.iter().filter(|lesson| is_done(lesson)).count();
    let count = format!("{done} of {} lessons done", lessons.len());
    let gap = " ".repeat(79 - title.len() - count.len());
    let mut page = format!("{TITLE}{title}{TITLE:#}{gap}{count}\n\n");
    match lessons.iter().find(|lesson| !is_done(lesson)) {
        Some(next) => what_is_next(&mut page, next, exercises, progress),
        None => page.push_str("All lessons are done. Write a server of your own!\n"),
    }
    page.push('\n');
    for some in lessons.chunk_by(|one, other| is_done(one) && is_done(other)) {
        match some {
            [lesson] if !is_done(lesson) => row(&mut page, lesson, progress.of(lesson)),
            some => folded(&mut page, some),
        }
    }
    page.push('\n');
    let all = exercises.len();
    let passed = exercises
        .iter()
        .filter(|one| progress.has_passed(&one.name));
    let passed = passed.count();
    command(
        &mut page,
        "list",
        &format!("the exercises: {passed} of {all} passed"),
    );
    command(&mut page, "doctor", "can this machine do every lesson?");
    command(&mut page, "--help", "all commands");
    page
}

/// The lesson that the reader is in, and the next of its exercises.
fn what_is_next(
    page: &mut String,
    lesson: &Lesson,
    exercises: &[Exercise],
    progress: &Progress,
) {
    let (number, name) = (&lesson.number, &lesson.name);
    writeln!(page, "{TITLE}Next: {number} {name}{TITLE:#}").expect("a string takes all");
    page.push_str(&wrapped(&lesson.description, 2));
    let read = match &lesson.chapters[..] {
        [first, second] => format!("read {first}, then {second}"),
        chapters => format!("read its chapter (docs/{})", chapters.join(", docs/")),
    };
    command(page, "book", &read);
    let again = match progress.of(lesson) {
        State::NotYet => "run it",
        _ => "run it again",
    };
    let same = format!("{again} (the same as `cargo run -p {name}`)");
    command(page, &format!("run {number}"), &same);
    if lesson.steps.iter().any(|(_, program)| program == name) {
        command(
            page,
            &format!("run {number}.1"),
            "run the first step on the way to it",
        );
    }
    if !lesson.programs.is_empty() {
        let also = format!("also: `run {}`", lesson.programs.join("`, `run "));
        page.push_str(&wrapped(&also, 25));
    }
    let next = exercise::next_of(exercises, &lesson.folder, progress);
    let tick = match next {
        None if exercise::are_passed(exercises, &lesson.folder, progress) => {
            "tick it: all its exercises have passed"
        }
        _ => "tick it, when you can do that",
    };
    command(page, &format!("done {number}"), tick);
    if let Some(exercise) = next {
        next_exercise(page, exercise);
    }
}

fn next_exercise(page: &mut String, exercise: &Exercise) {
    let Exercise { name, about, .. } = exercise;
    writeln!(page, "\n{TITLE}Exercise: {name}{TITLE:#}").expect("a string takes all");
    page.push_str(&wrapped(about, 2));
    let file = format!("your file: exercises/mine/examples/{name}.rs");
    page.push_str(&wrapped(&file, 2));
    command(page, "watch", "check it at each save");
}

/// A lesson that is not done: a line.
fn row(page: &mut String, lesson: &Lesson, state: State) {
    let (style, mark) = match state {
        State::Run => (NOTE, "[-]"),
        _ => (anstyle::Style::new(), "[ ]"),
    };
    let Lesson { number, name, .. } = lesson;
    let head = format!("{style}{mark}{style:#} {number} {TITLE}{name:18}{TITLE:#}");
    let what = cut(&lesson.description, 79 - 27);
    writeln!(page, "{head}  {what}").expect("a string takes all");
}

/// Lessons that are done, one after the other: together in a line.
fn folded(page: &mut String, lessons: &[Lesson]) {
    let names = lessons.iter();
    let names = names.map(|lesson| format!("{}{NO_BREAK}{}", lesson.number, lesson.name));
    let text = wrapped(&names.collect::<Vec<_>>().join(", "), 4);
    let rest = text.trim_start();
    write!(page, "{GOOD}[x]{GOOD:#} {rest}").expect("a string takes all");
}

fn command(page: &mut String, args: &str, what: &str) {
    let line = format!("  {COMMAND}cargo run -- {args:9}{COMMAND:#} {what}");
    writeln!(page, "{line}").expect("a string takes all");
}
