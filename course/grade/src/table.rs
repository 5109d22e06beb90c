//! The table for people: a row for each student, never broader than 80 columns.

use checker::Exercise;
use comfy_table::{CellAlignment, ColumnConstraint, ContentArrangement, Table, Width};

use crate::late::{self, Due};
use crate::marks::{MISSING, Mark, Marks, Student, UNCHANGED};

const COLUMNS: u16 = 80;

/// The longest name that is shown in one line.
const NAME: u16 = 20;

/// The whole page.
pub fn table(marks: &Marks, due: Due) -> String {
    let mut page = format!("{}\n\n{}\n", students(marks), class(marks));
    for (title, lines) in [
        ("Where most fail", failed_steps(marks)),
        ("Late", for_each(marks, |student| late::late(student, due))),
        ("Notes", for_each(marks, notes)),
        ("The same answers", marks.same_groups()),
    ] {
        if !lines.is_empty() {
            page += &format!("\n{title}\n");
            page.extend(lines.iter().map(|line| wrapped(line)));
        }
    }
    page += &format!("\nseed {}\n", marks.seed);
    let lines = page.lines().map(str::trim_end);
    lines.flat_map(|line| [line, "\n"]).collect()
}

/// Of each exercise the step at which most fail.
fn failed_steps(marks: &Marks) -> Vec<String> {
    let of_exercise = |(place, exercise): (usize, &&Exercise)| {
        let all = marks.students.iter().map(|student| &student.marks[place]);
        let failed: Vec<_> = all.filter_map(Mark::failed_step).collect();
        let count = |step| failed.iter().filter(|one| **one == step).count();
        let worst = failed.iter().max_by_key(|step| count(**step))?;
        let (count, (number, says)) = (count(*worst), *worst);
        Some(format!(
            "{}: {count} at step {number}, \"{says}\"",
            exercise.name
        ))
    };
    let exercises = marks.exercises.iter().enumerate();
    exercises.filter_map(of_exercise).collect()
}

fn notes(student: &Student) -> Vec<String> {
    let notes = student.marks.iter().flat_map(|mark| mark.notes.clone());
    notes.collect()
}

/// `ann: a note`
fn for_each(marks: &Marks, lines: impl Fn(&Student) -> Vec<String>) -> Vec<String> {
    let named = |student: &Student| {
        let lines = lines(student).into_iter();
        let lines = lines.map(|line| format!("{}: {line}", student.name));
        lines.collect::<Vec<_>>()
    };
    marks.students.iter().flat_map(named).collect()
}

/// A line of words in as many as it needs, each two columns in.
fn wrapped(line: &str) -> String {
    let mut table = Table::new();
    table.load_preset(comfy_table::presets::NOTHING);
    table.set_content_arrangement(ContentArrangement::Dynamic);
    table.set_width(COLUMNS).add_row([line]);
    for column in table.column_iter_mut() {
        column.set_padding((2, 0));
    }
    format!("{table}\n")
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
        let points: usize = of_all().map(Mark::points).sum();
        let most = of_all().map(Mark::most).max().unwrap_or(0);
        // Tenths, without floating point.
        let mean = (points * 10 + all / 2).checked_div(all).unwrap_or(0);
        table.add_row([
            exercise.name.to_string(),
            format!("{passed}/{all}"),
            format!("{}.{} of {}", mean / 10, mean % 10, most),
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
    use super::*;

    #[test]
    fn a_row_is_never_broader_than_80_columns() {
        let exercises: Vec<_> = exercises::all().collect();
        let student = |name: &str, word: &str| Student {
            name: name.into(),
            marks: exercises
                .iter()
                .map(|exercise| Mark {
                    passed: exercise.steps.len() / 2,
                    notes: vec!["x".repeat(100) + &" word".repeat(20)],
                    ..Mark::without_check(exercise, word, String::new())
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
        let text = table(&marks, None);
        assert!(
            text.lines().all(|line| line.chars().count() <= 80),
            "{text}"
        );
        let count = marks.exercises.len();
        assert!(text.contains(&format!("{count} not handed in\n")), "{text}");
        assert!(text.contains(&format!("{count}/{count}\n")), "{text}");
    }
}
