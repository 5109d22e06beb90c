//! What was found, written down at once: a line of JSON for each check. After Ctrl+C, or
//! a power cut, `--continue` goes on from there, and nothing is checked twice.

use std::collections::HashMap;
use std::fs::{self, File};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::{self, Write};
use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use checker::Exercise;
use serde_json::{Value, json};

use crate::submission::Submission;

/// The lines of this run, and those of the last one that still hold.
#[derive(Debug)]
pub struct Journal {
    file: Mutex<File>,
    known: HashMap<String, Found>,
    pub seed: u64,
}

/// What came of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    pub word: String,
    pub passed: usize,
    pub took: Duration,
    pub words: String,
}

impl Journal {
    /// Opens it: with what stands there when it is to be continued, and was written by the
    /// same checker for the same seed; otherwise empty. `fresh` is the seed where none is
    /// wanted, and none stands there.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn open(
        path: &Path,
        checker: &str,
        goes_on: bool,
        seed: Option<u64>,
        fresh: u64,
    ) -> io::Result<Self> {
        let text = match goes_on {
            true => fs::read_to_string(path).unwrap_or_default(),
            false => String::new(),
        };
        let lines: Vec<Value> = text.lines().map_while(as_json).collect();
        let head = lines.first().filter(|head| head["checker"] == checker);
        let seed_then = head.and_then(|head| head["seed"].as_u64());
        let seed_now = seed.or(seed_then).unwrap_or(fresh);
        let lines = match seed_then == Some(seed_now) {
            true => &lines[1..],
            false => &[],
        };
        // What broke off in the middle is not copied.
        let mut file = File::create(path)?;
        write_line(&mut file, &json!({"checker": checker, "seed": seed_now}))?;
        for line in lines {
            write_line(&mut file, line)?;
        }
        Ok(Self {
            file: Mutex::new(file),
            known: lines.iter().filter_map(found).collect(),
            seed: seed_now,
        })
    }

    /// What came of this file in the run that is continued.
    pub fn found(&self, key: &str) -> Option<Found> {
        self.known.get(key).cloned()
    }

    /// Writes down what came of a file.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn note(&self, key: &str, found: &Found) -> io::Result<()> {
        let line = json!({
            "key": key,
            "word": found.word,
            "passed": found.passed,
            "took": found.took.as_micros() as u64,
            "words": found.words,
        });
        let file = self.file.lock();
        write_line(&mut file.unwrap_or_else(PoisonError::into_inner), &line)
    }
}

/// For this file of this student: another text is another check.
pub fn key(submission: &Submission, exercise: &Exercise, text: &[u8]) -> String {
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    let (number, folder) = (hasher.finish(), submission.folder.display());
    format!("{} {number:016x} {folder}", exercise.name)
}

fn as_json(line: &str) -> Option<Value> {
    serde_json::from_str(line).ok()
}

fn found(line: &Value) -> Option<(String, Found)> {
    let found = Found {
        word: line["word"].as_str()?.into(),
        passed: line["passed"].as_u64()?.try_into().ok()?,
        took: Duration::from_micros(line["took"].as_u64()?),
        words: line["words"].as_str()?.into(),
    };
    Some((line["key"].as_str()?.into(), found))
}

/// In one write(2): a line is there as a whole, mostly.
fn write_line(file: &mut File, line: &Value) -> io::Result<()> {
    file.write_all(format!("{line}\n").as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_that_broke_off_is_continued_with_its_seed_and_another_begins_afresh() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("journal");
        let found = Found {
            word: "FAIL".into(),
            passed: 3,
            took: Duration::from_millis(5),
            words: "likely\n\u{1b}ü".into(),
        };
        let journal = Journal::open(&path, "a", false, Some(7), 1).expect("opened");
        journal.note("echo", &found).expect("written");
        drop(journal);
        let mut file = File::options().append(true).open(&path).expect("it");
        file.write_all(b"{\"key\":\"half a li").expect("written");
        let open = |checker, goes_on, seed| {
            Journal::open(&path, checker, goes_on, seed, 1).expect("opened")
        };
        for _ in 0..2 {
            let journal = open("a", true, None);
            assert_eq!(
                (journal.seed, journal.found("echo")),
                (7, Some(found.clone()))
            );
            assert_eq!(journal.found("another"), None);
        }
        assert_eq!(open("a", true, Some(8)).found("echo"), None);
        let journal = open("a", true, Some(8));
        journal.note("echo", &found).expect("written");
        assert_eq!(open("b", true, None).found("echo"), None);
        assert_eq!(open("b", false, None).seed, 1);
    }
}
