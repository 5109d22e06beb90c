//! The table for people: a row for each student, never broader than 80 columns.

use std::fmt::Write;

use crate::marks::{MISSING, Marks, Student, UNCHANGED};

const COLUMNS: usize = 80;

/// The longest name that is shown whole.
const NAME: usize = 20;

/// The whole page.
pub fn table(marks: &Marks) -> String {
    let names = marks.students.iter().map(|one| one.name.chars().count());
    let width = names.max().unwrap_or(0).clamp("student".len(), NAME);
    let mut text = String::new();
    let row = format!("{:width$}  {:>7}  {:>7}  ", "student", "points", "passed");
    writeln!(text, "{row}not passed").expect("a string takes all");
    for student in &marks.students {
        let points = format!("{}/{}", student.points(), student.most());
        let passed = format!("{}/{}", student.passed(), student.marks.len());
        let name = cut(&student.name);
        let start = format!("{name:width$}  {points:>7}  {passed:>7}  ");
        text.push_str(&wrapped(start, &not_passed(student)));
    }
    text.push_str(&class(marks));
    text
}

/// How the class did with each exercise.
fn class(marks: &Marks) -> String {
    let names = marks.exercises.iter().map(|one| one.name.len());
    let width = names.max().unwrap_or(0).max("exercise".len());
    let mut text = String::new();
    let all = marks.students.len();
    writeln!(
        text,
        "\n{:width$}  {:>7}  mean points",
        "exercise", "passed"
    )
    .expect("a string takes all");
    for (place, exercise) in marks.exercises.iter().enumerate() {
        let of_all = || marks.students.iter().map(|student| &student.marks[place]);
        let passed = of_all().filter(|mark| mark.is_pass()).count();
        let passed = format!("{passed}/{all}");
        let points: usize = of_all().map(|mark| mark.points).sum();
        // Tenths, without floating point.
        let mean = (points * 10 + all / 2).checked_div(all).unwrap_or(0);
        let (name, most) = (exercise.name, exercise.steps.len());
        writeln!(
            text,
            "{name:width$}  {passed:>7}  {}.{} of {most}",
            mean / 10,
            mean % 10
        )
        .expect("a string takes all");
    }
    writeln!(text, "\nseed {}", marks.seed).expect("a string takes all");
    text
}

/// What did not pass, in pieces that are not broken: those that were tried by name, the
/// others by number.
fn not_passed(student: &Student) -> Vec<String> {
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
    pieces
}

fn cut(name: &str) -> String {
    if name.chars().count() <= NAME {
        return name.to_string();
    }
    let start: String = name.chars().take(NAME - 1).collect();
    format!("{start}…")
}

/// The pieces behind the start of a row, in as many lines as they need.
fn wrapped(start: String, pieces: &[String]) -> String {
    let indent = start.chars().count();
    let mut text = start;
    let mut column = indent;
    for (number, piece) in pieces.iter().enumerate() {
        let comma = if number + 1 < pieces.len() { "," } else { "" };
        let width = piece.chars().count() + comma.len();
        if number > 0 && column + 1 + width > COLUMNS {
            text.push('\n');
            text.push_str(&" ".repeat(indent));
            column = indent;
        } else if number > 0 {
            text.push(' ');
            column += 1;
        }
        text.push_str(piece);
        text.push_str(comma);
        column += width;
    }
    let mut text: String = text
        .lines()
        .map(|line| format!("{}\n", line.trim_end()))
        .collect();
    if text.is_empty() {
        text.push('\n');
    }
    text
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
