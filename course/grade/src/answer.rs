//! A file that was handed in: whether it can be read, and whether anybody has worked on it.

use std::fs;
use std::io::{self, ErrorKind, Read};
use std::path::Path;

use checker::Exercise;
use checker::workshop::LONGEST;

use crate::marks::{CHECKER_ERROR, COMPILE_ERROR};

/// The file, as far as the workshop takes it, and one byte more: a student's file can be
/// larger than this machine's memory.
pub fn start_of(file: &Path) -> io::Result<Vec<u8>> {
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
pub fn is_stub(root: &Path, exercise: &Exercise, text: &[u8]) -> bool {
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
