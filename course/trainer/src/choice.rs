//! Which exercise a word means, and which one comes next.

use std::path::PathBuf;

use checker::Exercise;
use shared::{Error, Result};

use course::progress::Progress;
use course::workspace::{self, Lesson};

/// All exercises, in the order of the lessons. A handout has no judge's files, and still
/// has all exercises: they are compiled into this program.
pub fn all() -> Vec<&'static Exercise> {
    exercises::all().collect()
}

/// The exercise with this name.
///
/// # Errors
/// Exit code 2, with the nearest name, when there is none.
pub fn named(name: &str) -> Result<&'static Exercise> {
    let found = exercises::all().find(|exercise| exercise.name == name);
    found.ok_or_else(|| {
        let error = Error::usage(format!("there is no exercise `{name}`"));
        let names = exercises::all().map(|exercise| exercise.name);
        match workspace::nearest(name, names) {
            Some(near) => error.hint(format!("did you mean `{near}`?")),
            None => error.hint("`cargo run -- list` shows all exercises"),
        }
    })
}

/// The exercises that a word names: one by its name, those of a lesson by its number or
/// name, or `all`.
///
/// # Errors
/// Exit code 2, when it names none.
pub fn meant(lessons: &[Lesson], word: &str) -> Result<Vec<&'static Exercise>> {
    if word == "all" {
        return Ok(all());
    }
    if let Some(one) = exercises::all().find(|exercise| exercise.name == word) {
        return Ok(vec![one]);
    }
    let Ok((lesson, _)) = workspace::find(lessons, word) else {
        return named(word).map(|one| vec![one]);
    };
    let of_lesson = exercises::all().filter(|one| one.lesson == lesson.folder);
    let of_lesson: Vec<_> = of_lesson.collect();
    if of_lesson.is_empty() {
        let what = format!(
            "lesson {} has no exercise that can be checked",
            lesson.folder
        );
        let hint =
            "its chapter has exercises to try; `cargo run -- list` shows the others";
        return Err(Error::usage(what).hint(hint));
    }
    Ok(of_lesson)
}

/// The next exercise: the first that has not passed, of the lesson that the reader is in or
/// of one after it; what was left open in a lesson that is done comes last.
pub fn next(progress: &Progress) -> Option<&'static Exercise> {
    let open = || {
        exercises::ALL
            .iter()
            .filter(|one| !progress.has_passed(one.name))
    };
    let not_done = open().find(|one| !progress.is_done(one.lesson));
    not_done.or_else(|| open().next())
}

/// The first of these that has not passed; where all have, the first.
pub fn first_open(
    exercises: &[&'static Exercise],
    progress: &Progress,
) -> Option<&'static Exercise> {
    let mut all = exercises.iter();
    let open = all.find(|exercise| !progress.has_passed(exercise.name));
    open.or(exercises.first()).copied()
}

/// The next exercise behind this one that has not passed. Behind the last comes the first,
/// and at the end this one itself; none: all have passed.
pub fn after(exercise: &Exercise, progress: &Progress) -> Option<&'static Exercise> {
    let all = all();
    let place = all.iter().position(|one| one.name == exercise.name)?;
    let mut round = all[place + 1..].iter().chain(&all[..=place]).copied();
    round.find(|one| !progress.has_passed(one.name))
}

/// A file of the exercise's own folder: `start.rs` or `solution.rs`.
pub fn own_file(exercise: &Exercise, name: &str) -> PathBuf {
    workspace::root().join(exercise.folder()).join(name)
}
