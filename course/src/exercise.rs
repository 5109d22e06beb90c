//! Which exercises there are, read from their folders each time, so that the map need not
//! wait until the checks are compiled.

use std::fs;
use std::path::Path;

use crate::progress::Progress;

/// What the map shows of an exercise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exercise {
    /// `half-close-echo`
    pub name: String,
    /// The lesson's folder: `06-forever-loop`.
    pub lesson: String,
    /// What it is about, in a line: the first line of its `start.rs`.
    pub about: String,
}

/// All exercises, in the order of the one list of them, `exercises/lib.rs`.
pub fn all(root: &Path) -> Vec<Exercise> {
    let list = fs::read_to_string(root.join("exercises/lib.rs")).unwrap_or_default();
    let named = list.lines().filter_map(|line| {
        let path = line.split('"').nth(1)?.strip_suffix("/check.rs")?;
        path.split_once('/')
    });
    named
        .map(|(lesson, name)| Exercise {
            name: name.into(),
            lesson: lesson.into(),
            about: about(&root.join("exercises").join(lesson).join(name)),
        })
        .collect()
}

/// `//! Exercise NAME (build): what it is about.`
fn about(folder: &Path) -> String {
    let start = fs::read_to_string(folder.join("start.rs")).unwrap_or_default();
    let first = start.lines().next().unwrap_or_default();
    let about = first.split_once(": ").map_or("", |(_, about)| about);
    about.to_string()
}

/// The first exercise of a lesson that has not passed.
pub fn next_of<'a>(
    all: &'a [Exercise],
    lesson: &str,
    progress: &Progress,
) -> Option<&'a Exercise> {
    let mut own = all.iter().filter(|one| one.lesson == lesson);
    own.find(|one| !progress.has_passed(&one.name))
}

/// Whether a lesson has exercises, and all have passed.
pub fn are_passed(all: &[Exercise], lesson: &str, progress: &Progress) -> bool {
    all.iter().any(|one| one.lesson == lesson) && next_of(all, lesson, progress).is_none()
}
