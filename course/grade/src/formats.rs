//! The formats for other programs.

use chrono::{SecondsFormat, Utc};
use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};
use serde_json::json;
use shared::{Error, Result};

use crate::marks::{CHECKER_ERROR, Mark, Marks, Student};

/// JUnit's XML: a suite for each student, a case for each exercise.
pub fn junit(marks: &Marks) -> Result<String> {
    let mut report = Report::new("grade");
    for student in &marks.students {
        let mut suite = TestSuite::new(for_xml(&student.name));
        suite.set_time(student.took());
        suite.add_property(("seed", marks.seed.to_string().as_str()));
        for mark in &student.marks {
            suite.add_test_case(test_case(student, mark));
        }
        report.add_test_suite(suite);
    }
    report.to_string().map_err(cannot)
}

fn test_case(student: &Student, mark: &Mark) -> TestCase {
    let status = if mark.is_pass() {
        TestCaseStatus::success()
    } else {
        // An error is not the student's.
        let kind = match mark.word.as_str() {
            CHECKER_ERROR => NonSuccessKind::Error,
            _ => NonSuccessKind::Failure,
        };
        let mut status = TestCaseStatus::non_success(kind);
        let message = format!("{} of {} points", mark.points(), mark.most());
        status.set_message(message).set_type(mark.word.as_str());
        status.set_description(for_xml(&mark.told()));
        status
    };
    let mut case = TestCase::new(mark.exercise.name, status);
    case.set_classname(format!(
        "{}.{}",
        for_xml(&student.name),
        mark.exercise.lesson
    ));
    case.set_time(mark.took);
    case
}

/// A text without the characters that XML has no way to write (XML 1.0, 2.2): one of them, in
/// what one program has printed, and nobody can read the file of the whole class.
fn for_xml(text: &str) -> String {
    let allowed = |letter: char| matches!(letter, '\t' | '\n' | '\r' | ' '..='\u{fffd}' | '\u{10000}'..);
    text.replace(|letter| !allowed(letter), "\u{fffd}")
}

/// Gradescope's results.json: a test for each exercise.
pub fn gradescope(student: &Student) -> Result<String> {
    let tests: Vec<_> = student
        .marks
        .iter()
        .map(|mark| {
            json!({
                "name": format!("{} ({})", mark.exercise.name, mark.exercise.lesson),
                "score": mark.points(),
                "max_score": mark.most(),
                "status": if mark.is_pass() { "passed" } else { "failed" },
                "output": format!("{}\n{}", mark.short(), mark.told()),
                "output_format": "text",
                "visibility": "visible",
            })
        })
        .collect();
    let passed = format!("{} of {} exercises", student.passed(), tests.len());
    pretty(&json!({
        "score": student.points(),
        "execution_time": student.took().as_secs(),
        "output": format!("{passed} passed; a point for each step beyond those that pass untouched"),
        "visibility": "visible",
        "stdout_visibility": "hidden",
        "tests": tests,
    }))
}

/// Classroom 50's result.json: a test for each exercise. What else its runner knows comes
/// from the environment that it makes; empty where there is none.
pub fn classroom50(student: &Student) -> Result<String> {
    let from_runner = |name| std::env::var(name).unwrap_or_default();
    let commit = from_runner("COMMIT_URL");
    let review = match from_runner("REVIEW_URL") {
        empty if empty.is_empty() => commit.clone(),
        review => review,
    };
    let tests: Vec<_> = student
        .marks
        .iter()
        .map(|mark| {
            json!({
                "test-name": mark.exercise.name,
                "passed": mark.is_pass(),
                "score": mark.points(),
                "max-score": mark.most(),
            })
        })
        .collect();
    pretty(&json!({
        "schema": "classroom50/result/v1",
        "classroom": from_runner("CLASSROOM"),
        "assignment": from_runner("ASSIGNMENT"),
        "submission": from_runner("SUBMISSION_TAG"),
        "commit": commit,
        "release": from_runner("RELEASE_URL"),
        "review": review,
        "datetime": Utc::now().to_rfc3339_opts(SecondsFormat::Secs, true),
        "score": student.points(),
        "max-score": student.most(),
        "tests": tests,
    }))
}

fn pretty(value: &serde_json::Value) -> Result<String> {
    let text = serde_json::to_string_pretty(value).map_err(cannot)?;
    Ok(text + "\n")
}

fn cannot(error: impl std::fmt::Display) -> Error {
    Error::new(format!("cannot write the points: {error}"))
        .hint("the table is written without a --format")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_xml_cannot_write_is_replaced_and_all_else_stays() {
        assert_eq!(
            for_xml("a\u{ffff}\u{fffe}\u{1b}\0b"),
            "a\u{fffd}\u{fffd}\u{fffd}\u{fffd}b"
        );
        let fine = "a\t\r\n\u{7f}ü\u{fffd}\u{10ffff}]]>";
        assert_eq!(for_xml(fine), fine);
    }
}
