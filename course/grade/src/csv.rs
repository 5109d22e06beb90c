//! Comma-separated values: of students, and of steps.

use csv::Writer;
use shared::{Error, Result};

use crate::late::{self, Due};
use crate::marks::{Mark, Marks, Student};

/// A row for each student, three columns for each exercise.
pub fn students(marks: &Marks, due: Due) -> Result<String> {
    let mut head = words(["student", "points", "of", "passed"]);
    for exercise in &marks.exercises {
        let name = exercise.name;
        head.extend([name.into(), format!("{name} verdict"), format!("{name} of")]);
    }
    head.extend(words(["last written", "late", "notes", "same answers"]));
    let mut rows = vec![head];
    for student in &marks.students {
        let numbers = [student.points(), student.most(), student.passed()];
        let mut row = vec![student.name.clone()];
        row.extend(numbers.map(|number| number.to_string()));
        for mark in &student.marks {
            let (points, most) = (mark.points().to_string(), mark.most().to_string());
            row.extend([points, mark.word.clone(), most]);
        }
        row.push(late::last_written(student).map_or(String::new(), late::shown));
        row.push(late::late(student, due).join("; "));
        row.push(notes(student));
        row.push(marks.same_answers(student).join("; "));
        rows.push(row);
    }
    written(rows)
}

fn notes(student: &Student) -> String {
    let notes = student.marks.iter().flat_map(|mark| mark.notes.clone());
    notes.collect::<Vec<_>>().join("; ")
}

/// A row for each step of each exercise: how many came to it, and how many passed it.
pub fn steps(marks: &Marks) -> Result<String> {
    let head = ["exercise", "step", "says", "checked", "reached", "passed"];
    let mut rows = vec![words(head)];
    for (place, exercise) in marks.exercises.iter().enumerate() {
        let all = marks.students.iter().map(|student| &student.marks[place]);
        let checked: Vec<&Mark> = all.filter(|mark| mark.is_checked()).collect();
        for (before, step) in exercise.steps.iter().enumerate() {
            let with = |least| checked.iter().filter(|mark| mark.passed >= least).count();
            let numbers = [before + 1, checked.len(), with(before), with(before + 1)];
            let [number, checked, reached, passed] = numbers.map(|one| one.to_string());
            let says = step.says.to_string();
            rows.push(vec![
                exercise.name.into(),
                number,
                says,
                checked,
                reached,
                passed,
            ]);
        }
    }
    written(rows)
}

fn words<const N: usize>(words: [&str; N]) -> Vec<String> {
    words.map(str::to_string).to_vec()
}

fn written(rows: Vec<Vec<String>>) -> Result<String> {
    let mut writer = Writer::from_writer(Vec::new());
    for row in rows {
        let row = row.iter().map(|field| no_formula(field));
        writer.write_record(row).map_err(cannot)?;
    }
    String::from_utf8(writer.into_inner().map_err(cannot)?).map_err(cannot)
}

/// A spreadsheet takes a text for a formula that begins with one of these.
fn no_formula(text: &str) -> String {
    match text.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        true => format!("'{text}"),
        false => text.to_string(),
    }
}

fn cannot(error: impl std::fmt::Display) -> Error {
    Error::new(format!("cannot write the points: {error}"))
        .hint("the table is written without a --format")
}
