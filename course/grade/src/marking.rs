//! Has each exercise of each student compiled and judged, one after the other, so that
//! nobody's program disturbs the check of another one.

use shared::{Result, eprintln};

use crate::args::Options;
use crate::marks::{Marks, Student};
use crate::room::Room;
use crate::submission::Submission;

/// Marks all submissions; none when `stop` ended it.
pub fn mark(
    options: &Options,
    submissions: &[Submission],
    stop: &dyn Fn() -> bool,
) -> Result<Option<Marks>> {
    let room = Room::new(options, submissions)?;
    let width = submissions.iter().map(|one| one.name.chars().count());
    let width = width.max().unwrap_or(0);
    let total = submissions.len() * options.exercises.len();
    // Not every format holds it, and the same points need the same seed.
    eprintln!("Students: {}, seed {}", submissions.len(), options.seed);
    let mut students = Vec::new();
    for submission in submissions {
        let mut student = Student {
            name: submission.name.clone(),
            marks: Vec::new(),
        };
        for &exercise in &options.exercises {
            let file = submission.file(exercise);
            let Some(mark) = room.marked(exercise, file, stop)? else {
                return Ok(None);
            };
            let count = students.len() * options.exercises.len() + student.marks.len();
            let (number, name, what) = (count + 1, &student.name, mark.short());
            let digits = total.to_string().len();
            let exercise = exercise.name;
            eprintln!("{number:digits$}/{total} {name:width$} {exercise}: {what}");
            student.marks.push(mark);
        }
        students.push(student);
    }
    Ok(Some(Marks {
        seed: options.seed,
        exercises: options.exercises.clone(),
        students,
    }))
}
