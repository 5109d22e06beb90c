//! The formats for other programs.

use chrono::{SecondsFormat, Utc};
use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};
use serde_json::json;
use shared::{Error, Result};

use crate::marks::{CHECKER_ERROR, Mark, Marks, Student};

/// Comma-separated values: a row for each student, two columns for each exercise.
pub fn csv(marks: &Marks) -> Result<String> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let mut head: Vec<String> = ["student", "points", "of", "passed"]
        .map(str::to_string)
        .to_vec();
    for exercise in &marks.exercises {
        head.push(exercise.name.to_string());
        head.push(format!("{} verdict", exercise.name));
    }
    let mut write = |row: Vec<String>| writer.write_record(row).map_err(cannot);
    write(head)?;
    for student in &marks.students {
        let mut row = vec![no_formula(&student.name)];
        row.extend(
            [student.points(), student.most(), student.passed()].map(|n| n.to_string()),
        );
        for mark in &student.marks {
            row.push(mark.points.to_string());
            row.push(mark.word.clone());
        }
        write(row)?;
    }
    let bytes = writer.into_inner().map_err(cannot)?;
    String::from_utf8(bytes).map_err(cannot)
}

/// A spreadsheet takes a text for a formula that begins with one of these.
fn no_formula(text: &str) -> String {
    match text.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        true => format!("'{text}"),
        false => text.to_string(),
    }
}

/// JUnit's XML: a suite for each student, a case for each exercise.
pub fn junit(marks: &Marks) -> Result<String> {
    let mut report = Report::new("grade");
    for student in &marks.students {
        let mut suite = TestSuite::new(student.name.as_str());
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
        let message = format!("{} of {} steps passed", mark.points, mark.most());
        status.set_message(message).set_type(mark.word.as_str());
        status.set_description(mark.words.as_str());
        status
    };
    let mut case = TestCase::new(mark.exercise.name, status);
    case.set_classname(format!("{}.{}", student.name, mark.exercise.lesson));
    case.set_time(mark.took);
    case
}

/// Gradescope's results.json: a test for each exercise.
pub fn gradescope(student: &Student) -> Result<String> {
    let tests: Vec<_> = student
        .marks
        .iter()
        .map(|mark| {
            json!({
                "name": format!("{} ({})", mark.exercise.name, mark.exercise.lesson),
                "score": mark.points,
                "max_score": mark.most(),
                "status": if mark.is_pass() { "passed" } else { "failed" },
                "output": format!("{}\n{}", mark.short(), mark.words),
                "output_format": "text",
                "visibility": "visible",
            })
        })
        .collect();
    let passed = format!("{} of {} exercises", student.passed(), tests.len());
    pretty(&json!({
        "score": student.points(),
        "execution_time": student.took().as_secs(),
        "output": format!("{passed} passed; each step of a check is a point"),
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
                "score": mark.points,
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
