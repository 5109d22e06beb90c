//! What came of an answer, kept for the next time that the same one is handed in.

use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io;
use std::path::{Path, PathBuf};

use super::{Built, program_name};
use crate::Exercise;

/// The files of an answer: its text, and the compiler's words or the program.
const ANSWER: &str = "answer.rs";
const WORDS: &str = "words.txt";

/// A folder for all answers on one ground, with a folder for each.
#[derive(Debug)]
pub struct Cache {
    folder: PathBuf,
}

impl Cache {
    /// Opens what `folder` holds for answers on this ground, and removes what it holds for
    /// any other: each change of the course or of the compiler leaves such a heap behind.
    ///
    /// # Errors
    /// When a file cannot be written or removed.
    pub fn open(folder: &Path, ground: u64) -> io::Result<Self> {
        let own = folder.join(format!("{ground:016x}"));
        fs::create_dir_all(&own)?;
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            if entry.path() == own {
                continue;
            }
            match entry.file_type()?.is_dir() {
                true => fs::remove_dir_all(entry.path())?,
                false => fs::remove_file(entry.path())?,
            }
        }
        Ok(Self { folder: own })
    }

    /// What came of this answer the last time; none: it was not there yet.
    pub fn found(&self, exercise: &Exercise, text: &[u8]) -> Option<Built> {
        let place = self.place(exercise, text);
        // Not the number alone: a file is never taken for another one.
        if fs::read(place.join(ANSWER)).ok()? != text {
            return None;
        }
        if let Ok(words) = fs::read_to_string(place.join(WORDS)) {
            return Some(Built::Refused(words));
        }
        let program = place.join(program_name(exercise));
        program.is_file().then_some(Built::Program(program))
    }

    /// Keeps what came of an answer, with a copy of its program, and returns it as it is
    /// kept: whole or not at all, also when the disk is full, or this process is killed.
    ///
    /// # Errors
    /// When a file cannot be written.
    pub fn keep(
        &self,
        exercise: &Exercise,
        text: &[u8],
        built: Built,
    ) -> io::Result<Built> {
        let new = self.folder.join("new");
        fs::remove_dir_all(&new).ok(); // of one that was killed; else there is none
        fs::create_dir(&new)?;
        fs::write(new.join(ANSWER), text)?;
        let place = self.place(exercise, text);
        let built = match built {
            Built::Program(program) => {
                let name = program_name(exercise);
                fs::copy(program, new.join(&name))?;
                Built::Program(place.join(name))
            }
            Built::Refused(words) => {
                fs::write(new.join(WORDS), &words)?;
                Built::Refused(words)
            }
        };
        fs::remove_dir_all(&place).ok(); // another answer with this number: hardly ever
        fs::rename(new, place)?;
        Ok(built)
    }

    fn place(&self, exercise: &Exercise, text: &[u8]) -> PathBuf {
        let mut hasher = DefaultHasher::new();
        (exercise.name, text).hash(&mut hasher);
        self.folder.join(format!("{:016x}", hasher.finish()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exercise() -> &'static Exercise {
        static ECHO: Exercise = Exercise {
            name: "echo",
            lesson: "06-echo",
            kind: crate::Kind::Build,
            task: "",
            section: "",
            hints: [""; 3],
            steps: &[],
        };
        &ECHO
    }

    /// A folder of the test's own, removed at its end.
    struct Folder(PathBuf);

    impl Folder {
        fn new(name: &str) -> Self {
            let name = format!("course-kept-{}-{name}", std::process::id());
            let folder = std::env::temp_dir().join(name);
            fs::create_dir_all(&folder).expect("a folder");
            Self(folder)
        }
    }

    impl Drop for Folder {
        fn drop(&mut self) {
            fs::remove_dir_all(&self.0).ok(); // nothing depends on it
        }
    }

    #[test]
    fn an_answer_is_found_again_and_no_other_one() {
        let folder = Folder::new("found");
        let kept = Cache::open(&folder.0, 1).expect("it opens");
        assert_eq!(kept.found(exercise(), b"a"), None);
        let refused = Built::Refused("no\n".into());
        kept.keep(exercise(), b"a", refused.clone()).expect("kept");
        assert_eq!(kept.found(exercise(), b"a"), Some(refused));
        assert_eq!(kept.found(exercise(), b"b"), None);
        let program = folder.0.join("program");
        fs::write(&program, "program").expect("written");
        let built = Built::Program(program);
        let own = kept.keep(exercise(), b"b", built).expect("kept");
        assert_eq!(kept.found(exercise(), b"b"), Some(own.clone()));
        let Built::Program(own) = own else {
            panic!("it is no program");
        };
        assert_eq!(fs::read_to_string(own).expect("it"), "program");
    }

    /// Its memory is a file that can be opened, and not read from the start.
    #[cfg(target_os = "linux")]
    #[test]
    fn a_program_whose_copy_broke_off_is_not_found() {
        let folder = Folder::new("broken");
        let kept = Cache::open(&folder.0, 1).expect("it opens");
        let built = Built::Program("/proc/self/mem".into());
        kept.keep(exercise(), b"a", built).expect_err("it breaks");
        assert_eq!(kept.found(exercise(), b"a"), None);
    }

    #[test]
    fn what_stands_on_another_ground_is_removed_at_the_next_start() {
        let folder = Folder::new("ground");
        let refused = Built::Refused("no\n".into());
        let old = Cache::open(&folder.0, 1).expect("it opens");
        old.keep(exercise(), b"a", refused.clone()).expect("kept");
        fs::write(folder.0.join("stray"), "").expect("written");
        let new = Cache::open(&folder.0, 2).expect("it opens");
        assert_eq!(new.found(exercise(), b"a"), None);
        new.keep(exercise(), b"a", refused.clone()).expect("kept");
        assert_eq!(fs::read_dir(&folder.0).expect("a folder").count(), 1);
        let again = Cache::open(&folder.0, 2).expect("it opens");
        assert_eq!(again.found(exercise(), b"a"), Some(refused));
    }
}
