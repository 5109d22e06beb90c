//! What a file gets as it was handed out: a program that is to be repaired does much already.
//!
//! A point is a step above that. It is found once, and kept, so that the points that there
//! are stay the same for the whole class, and for the next grading.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use checker::Exercise;

/// A folder with a file for each exercise.
#[derive(Debug)]
pub struct Given {
    folder: PathBuf,
    /// The checker that found it: another one may have other steps.
    checker: String,
}

impl Given {
    pub fn new(folder: PathBuf, checker: String) -> Self {
        Self { folder, checker }
    }

    /// How many steps this start passes; none: it was not found yet.
    pub fn found(&self, exercise: &Exercise, start: &str) -> Option<usize> {
        let kept = fs::read_to_string(self.file(exercise)).ok()?;
        let rest = kept.strip_prefix(&self.head(start))?;
        rest.trim().parse().ok()
    }

    /// Keeps it. Where that fails, it is found again the next time.
    pub fn keep(&self, exercise: &Exercise, start: &str, steps: usize) {
        fs::create_dir_all(&self.folder).ok();
        let text = format!("{}{steps}\n", self.head(start));
        fs::write(self.file(exercise), text).ok();
    }

    fn file(&self, exercise: &Exercise) -> PathBuf {
        self.folder.join(exercise.name)
    }

    fn head(&self, start: &str) -> String {
        format!("{}\n{start}\n", self.checker)
    }
}

/// What tells this program from the one of another build: the checks are in it.
pub fn checker(program: &Path) -> String {
    let data = fs::metadata(program).ok();
    let date = data.as_ref().and_then(|data| data.modified().ok());
    let date = date.and_then(|date| date.duration_since(UNIX_EPOCH).ok());
    let nanos = date.map_or(0, |date| date.as_nanos());
    format!("{}-{nanos}", data.map_or(0, |data| data.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_kept_for_the_same_start_and_the_same_checker() {
        let exercise = exercises::all().next().expect("an exercise");
        let folder = tempfile::tempdir().expect("a folder");
        let of = |checker: &str| Given::new(folder.path().join("given"), checker.into());
        assert_eq!(of("1").found(exercise, "start"), None);
        of("1").keep(exercise, "start", 3);
        assert_eq!(of("1").found(exercise, "start"), Some(3));
        assert_eq!(of("2").found(exercise, "start"), None);
        assert_eq!(of("1").found(exercise, "another"), None);
    }
}
