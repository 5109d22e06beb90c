//! An answer that was handed in: which file it is, whether it can be read, and whether
//! anybody has worked on it.

use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::{self, ErrorKind, Read};
use std::path::{Path, PathBuf};

use checker::Exercise;
use checker::workshop::LONGEST;

use crate::marks::{CHECKER_ERROR, COMPILE_ERROR};
use crate::submission::Submission;

/// The file that is graded.
#[derive(Debug)]
pub struct Answer {
    pub file: PathBuf,
    pub text: io::Result<Vec<u8>>,
    /// Whether it is as it was handed out.
    pub is_stub: bool,
    /// What else has the exercise's name, and is somebody's work, too.
    pub others: Vec<PathBuf>,
}

/// The answer to an exercise in a submission: of several files the first that somebody has
/// worked on. None: there is no such file.
pub fn chosen(
    root: &Path,
    submission: &Submission,
    exercise: &Exercise,
) -> Option<Answer> {
    let mut found: Vec<Answer> = Vec::new();
    for file in submission.files_of(exercise) {
        let text = start_of(file);
        let is_stub = text
            .as_ref()
            .is_ok_and(|text| is_stub(root, exercise, text));
        let (file, others) = (file.to_path_buf(), Vec::new());
        found.push(Answer {
            file,
            text,
            is_stub,
            others,
        });
    }
    let worked_on = found.iter().position(|answer| !answer.is_stub);
    if found.is_empty() {
        return None;
    }
    let mut answer = found.remove(worked_on.unwrap_or(0));
    let same = |other: &Answer| match (&other.text, &answer.text) {
        (Ok(other), Ok(own)) => other == own,
        _ => false,
    };
    found.retain(|other| !other.is_stub && !same(other));
    answer.others = found.into_iter().map(|other| other.file).collect();
    Some(answer)
}

/// A number for what the compiler makes of a text: neither comments of whole lines nor blanks
/// change it, so that a copy with another head is still the same answer. None: there is no
/// code in it.
pub fn likeness(text: &[u8]) -> Option<u64> {
    let text = String::from_utf8_lossy(text);
    let lines = text.trim_start_matches('\u{feff}').lines().map(str::trim);
    let code = lines.filter(|line| !line.starts_with("//"));
    let letters = code
        .flat_map(str::chars)
        .filter(|letter| !letter.is_whitespace());
    let code: String = letters.collect();
    let mut hasher = DefaultHasher::new();
    code.hash(&mut hasher);
    (!code.is_empty()).then(|| hasher.finish())
}

/// The file, as far as the workshop takes it, and one byte more: a student's file can be
/// larger than this machine's memory.
fn start_of(file: &Path) -> io::Result<Vec<u8>> {
    let mut text = Vec::new();
    let file = fs::File::open(file)?;
    file.take(LONGEST as u64 + 1).read_to_end(&mut text)?;
    Ok(text)
}

/// The mark for a file that cannot be read. Students choose its rights and its name, and
/// the compiler could not read it either.
pub fn whose_fault(error: &io::Error) -> &'static str {
    match error.kind() {
        ErrorKind::PermissionDenied | ErrorKind::InvalidFilename => COMPILE_ERROR,
        _ => CHECKER_ERROR,
    }
}

/// Whether it is what was handed out.
fn is_stub(root: &Path, exercise: &Exercise, text: &[u8]) -> bool {
    let start = fs::read_to_string(root.join(exercise.folder()).join("start.rs"));
    let (Ok(start), Ok(text)) = (start, std::str::from_utf8(text)) else {
        return false;
    };
    checker::is_untouched(&start, text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_huge_file_no_more_is_read_than_what_shows_that_it_is_too_long() {
        let file = tempfile::NamedTempFile::new().expect("a file");
        file.as_file().set_len(64 << 20).expect("a length");
        let text = start_of(file.path()).expect("it can be read");
        assert_eq!(text.len(), LONGEST + 1);
    }

    #[test]
    fn of_several_files_the_one_that_somebody_has_worked_on_is_the_answer() {
        let exercise = exercises::all().next().expect("an exercise");
        let folder = tempfile::tempdir().expect("a folder");
        let (course, handed_in) =
            (folder.path().join("course"), folder.path().join("ann"));
        let put = |file: PathBuf, text: &str| {
            fs::create_dir_all(file.parent().expect("a folder")).expect("made");
            fs::write(file, text).expect("written");
        };
        put(
            course.join(exercise.folder()).join("start.rs"),
            "fn main() {}\n",
        );
        put(handed_in.join(exercise.file()), "\u{feff}fn main() {}\r\n");
        let name = format!("{}.rs", exercise.name);
        for (place, text) in [
            ("b", "fn main() { 1 }"),
            ("c", "2"),
            ("d/e", "fn main() { 1 }"),
        ] {
            put(handed_in.join(place).join(&name), text);
        }
        let submission = Submission::of(handed_in.clone());
        let answer = chosen(&course, &submission, exercise).expect("an answer");
        assert_eq!(answer.file, handed_in.join("b").join(&name));
        assert_eq!(answer.others, [handed_in.join("c").join(&name)]);
        assert!(!answer.is_stub);
    }

    #[test]
    fn a_copy_with_another_head_and_other_blanks_is_alike() {
        let one = likeness(b"//! By ann.\nfn main() {\n    run();\n}\n");
        assert_eq!(one, likeness(b"//! By ben.\r\nfn main()\r\n{ run(); }\r\n"));
        assert_eq!(
            one,
            likeness("\u{feff}//! By cem.\nfn main(){run();}".as_bytes())
        );
        assert_ne!(one, likeness(b"fn main() { runs(); }"));
        assert_eq!(likeness(b"// Nothing.\n"), None);
    }

    #[test]
    fn a_file_that_is_handed_in_unreadable_is_the_students_fault() {
        let folder = tempfile::tempdir().expect("a folder");
        let long = folder.path().join("x".repeat(300));
        let error = start_of(&long).expect_err("no file has that name");
        assert_eq!(whose_fault(&error), COMPILE_ERROR);
        let denied = ErrorKind::PermissionDenied.into();
        assert_eq!(whose_fault(&denied), COMPILE_ERROR);
        let broken_disk = io::Error::other("EIO");
        assert_eq!(whose_fault(&broken_disk), CHECKER_ERROR);
    }
}
