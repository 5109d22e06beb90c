//! The table for people: a row for each student, never broader than 80 columns.

use comfy_table::{CellAlignment, ColumnConstraint, ContentArrangement, Table, Width};

use crate::marks::{MISSING, Marks, Student, UNCHANGED};

const COLUMNS: u16 = 80;

/// The longest name that is shown in one line.
const NAME: u16 = 20;

/// The whole page.
pub fn table(marks: &Marks) -> String {
    let (students, class) = (students(marks), class(marks));
    let lines = format!("{students}\n\n{class}\n\nseed {}\n", marks.seed);
    let lines = lines.lines().map(str::trim_end);
    lines.flat_map(|line| [line, "\n"]).collect()
}

/// What each student gets.
fn students(marks: &Marks) -> Table {
    let mut table = plain(["student", "points", "passed", "not passed"]);
    for student in &marks.students {
        table.add_row([
            student.name.clone(),
            format!("{}/{}", student.points(), student.most()),
            format!("{}/{}", student.passed(), student.marks.len()),
            not_passed(student),
        ]);
    }
    if let Some(name) = table.column_mut(0) {
        name.set_constraint(ColumnConstraint::UpperBoundary(Width::Fixed(NAME)));
    }
    for column in [1, 2] {
        if let Some(number) = table.column_mut(column) {
            number.set_constraint(ColumnConstraint::ContentWidth);
        }
    }
    table
}

/// How the class did with each exercise.
fn class(marks: &Marks) -> Table {
    let mut table = plain(["exercise", "passed", "mean points"]);
    let all = marks.students.len();
    for (place, exercise) in marks.exercises.iter().enumerate() {
        let of_all = || marks.students.iter().map(|student| &student.marks[place]);
        let passed = of_all().filter(|mark| mark.is_pass()).count();
        let points: usize = of_all().map(|mark| mark.points).sum();
        // Tenths, without floating point.
        let mean = (points * 10 + all / 2).checked_div(all).unwrap_or(0);
        table.add_row([
            exercise.name.to_string(),
            format!("{passed}/{all}"),
            format!("{}.{} of {}", mean / 10, mean % 10, exercise.steps.len()),
        ]);
    }
    table
}

/// Columns without lines between them, the numbers to the right.
fn plain<const N: usize>(head: [&str; N]) -> Table {
    let mut table = Table::new();
    table.load_preset(comfy_table::presets::NOTHING);
    table.set_content_arrangement(ContentArrangement::Dynamic);
    table.set_width(COLUMNS).set_header(head);
    for (place, column) in table.column_iter_mut().enumerate() {
        column.set_padding((0, 2));
        if head[place] == "points" || head[place] == "passed" {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table
}

/// What did not pass: what was tried by name, the rest by number.
fn not_passed(student: &Student) -> String {
    let tried = student.marks.iter().filter(|mark| {
        !mark.is_pass() && ![MISSING, UNCHANGED].contains(&mark.word.as_str())
    });
    let mut pieces: Vec<_> = tried
        .map(|mark| format!("{} {}", mark.exercise.name, mark.short()))
        .collect();
    for (word, words) in [(UNCHANGED, "unchanged"), (MISSING, "not handed in")] {
        let count = student.marks.iter().filter(|mark| mark.word == word);
        match count.count() {
            0 => {}
            count => pieces.push(format!("{count} {words}")),
        }
    }
    pieces.join(", ")
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::marks::Mark;

    #[test]
    fn a_row_is_never_broader_than_80_columns() {
        let exercises: Vec<_> = exercises::all().collect();
        let student = |name: &str, word: &str| Student {
            name: name.into(),
            marks: exercises
                .iter()
                .map(|exercise| Mark {
                    exercise,
                    word: word.into(),
                    points: exercise.steps.len() / 2,
                    took: Duration::ZERO,
                    words: String::new(),
                })
                .collect(),
        };
        let marks = Marks {
            seed: u64::MAX,
            students: vec![
                student(&"é".repeat(100), "COMPILE-ERROR"),
                student("bob", "FAIL"),
                student("carol", MISSING),
                student("dave", "PASS"),
            ],
            exercises,
        };
        let text = table(&marks);
        assert!(
            text.lines().all(|line| line.chars().count() <= 80),
            "{text}"
        );
        let count = marks.exercises.len();
        assert!(text.contains(&format!("{count} not handed in\n")), "{text}");
        assert!(text.contains(&format!("{count}/{count}\n")), "{text}");
    }
}
