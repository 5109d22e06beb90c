//! What a student gets to read.

use std::fmt::Write;

use crate::late::{self, Due};
use crate::marks::{MISSING, Student};

/// The points, and for each exercise what the checker saw. What others have handed in is no
/// part of it.
pub fn feedback(student: &Student, seed: u64, due: Due) -> String {
    let (points, most) = (student.points(), student.most());
    let (passed, all) = (student.passed(), student.marks.len());
    let mut text = format!(
        "{}: {points} of {most} points, {passed} of {all} exercises passed\n\
         A point is a step that passes, and that did not in the file as it was handed out.\n",
        student.name
    );
    let mut line = |words: String| writeln!(text, "{words}").expect("a string takes all");
    for late in late::late(student, due) {
        line(format!("late: {late}"));
    }
    let missing = student.marks.iter().filter(|mark| mark.word == MISSING);
    let missing: Vec<_> = missing.map(|mark| mark.exercise.name).collect();
    if !missing.is_empty() {
        line(format!("not handed in: {}", missing.join(", ")));
    }
    for mark in &student.marks {
        let silent = mark.word == MISSING && mark.notes.is_empty();
        if !silent {
            let (name, lesson) = (mark.exercise.name, mark.exercise.lesson);
            line(format!(
                "\n== {name} ({lesson}): {}\n\n{}",
                mark.short(),
                mark.told()
            ));
        }
    }
    line(format!("seed {seed}"));
    text
}
