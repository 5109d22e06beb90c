//! When a student's files were last written, and whether that was too late.
//!
//! It is the date that the file system has: an archive keeps it, and so does a share; a
//! clone of git has the time of the clone.

use chrono::{DateTime, SecondsFormat, Utc};

use crate::marks::Student;

/// The time after which work is late; none: it never is.
pub type Due = Option<DateTime<Utc>>;

/// When the last file was written that is graded.
pub fn last_written(student: &Student) -> Option<DateTime<Utc>> {
    let files = student.marks.iter().filter_map(|mark| mark.file.as_ref());
    files.filter_map(|file| file.date).max().map(DateTime::from)
}

/// What is late, and how much: `half-close-echo by 2 h`.
pub fn late(student: &Student, due: Due) -> Vec<String> {
    let Some(due) = due else { return Vec::new() };
    let late = student.marks.iter().filter_map(|mark| {
        let date = DateTime::<Utc>::from(mark.file.as_ref()?.date?);
        let minutes = (date - due).num_minutes();
        let by = match minutes {
            0..120 => format!("{minutes} min"),
            120..2880 => format!("{} h", minutes / 60),
            _ => format!("{} days", minutes / 1440),
        };
        (date > due).then(|| format!("{} by {by}", mark.exercise.name))
    });
    late.collect()
}

/// As in `2026-12-01T22:59:00Z`.
pub fn shown(date: DateTime<Utc>) -> String {
    date.to_rfc3339_opts(SecondsFormat::Secs, true)
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, SystemTime};

    use super::*;
    use crate::marks::{Graded, Mark};

    #[test]
    fn a_file_is_late_by_the_time_since_it_was_due() {
        let exercise = exercises::all().next().expect("an exercise");
        let due = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000);
        for (seconds, late_by) in [
            (-1, None),
            (0, None),
            (59, Some("0 min")),
            (7_100, Some("118 min")),
            (7_200, Some("2 h")),
            (300_000, Some("3 days")),
        ] {
            let moved = Duration::from_secs(1_000_000_u64.saturating_add_signed(seconds));
            let mut mark = Mark::without_check(exercise, "FAIL", String::new());
            let date = Some(SystemTime::UNIX_EPOCH + moved);
            mark.file = Some(Graded {
                date,
                likeness: None,
            });
            let student = Student {
                name: "ann".into(),
                marks: vec![mark],
            };
            let expected = late_by.map(|by| format!("{} by {by}", exercise.name));
            let expected: Vec<_> = expected.into_iter().collect();
            assert_eq!(late(&student, Some(due.into())), expected, "{seconds}");
            assert!(late(&student, None).is_empty());
        }
    }
}
