//! What a student has handed in: the exercises' files, by their names.

use std::collections::{BTreeMap, VecDeque};
use std::fs;
use std::path::{Path, PathBuf};

use checker::Exercise;
use shared::eprintln;

use crate::class::is_of_system;
use crate::names::{Meaning, meaning};

/// A student's folder.
#[derive(Debug)]
pub struct Submission {
    /// The folder's name.
    pub name: String,
    pub folder: PathBuf,
    files: Files,
}

/// The files of a folder, by the exercise whose name they have.
type ByExercise = BTreeMap<&'static str, Vec<PathBuf>>;

/// What was found in a student's folder.
#[derive(Debug, Default)]
struct Files {
    /// With an exercise's name, the least deep ones first.
    named: ByExercise,
    /// With nearly such a name.
    near: ByExercise,
}

/// How deep folders are looked into, and how many entries are looked at: a submission can
/// hold a whole copy of the course, and a hostile one anything.
const DEEPEST: usize = 12;
const MOST: usize = 50_000;

/// Where older copies of the course kept its answers, `tests/LESSON/…`, if somebody hands in
/// a whole one. Elsewhere these are good names for a student's folder.
const NOT_THEIRS: [&str; 4] = ["right", "solutions", "stubs", "wrong"];

/// Whose folder it is: its name says so, or, where it is the learner's folder of a course
/// (`exercises/mine/examples`), the name of the folder around that.
fn student_of(folder: &Path) -> String {
    let mut around = folder;
    for part in ["examples", "mine", "exercises"] {
        around = match around.parent() {
            Some(parent) if around.ends_with(part) => parent,
            _ => around,
        };
    }
    let name = around.file_name().or(folder.file_name());
    name.unwrap_or_default().to_string_lossy().into_owned()
}

/// The files in a folder that are named as an exercise, or nearly so; at most so many entries
/// are looked at. A link is not followed: it could lead to another student's work.
fn files(folder: &Path, most: usize) -> Files {
    let mut files = Files::default();
    let mut folders = VecDeque::from([(folder.to_path_buf(), 0)]);
    let mut seen = 0;
    while let Some((inside, depth)) = folders.pop_front() {
        let Ok(entries) = fs::read_dir(&inside) else {
            continue; // what cannot be read was not handed in
        };
        for entry in entries.flatten() {
            seen += 1;
            if seen > most {
                let folder = folder.display();
                eprintln!(
                    "note: {folder} holds more than {most} entries; no more are read"
                );
                return files;
            }
            let name = entry.file_name().to_string_lossy().into_owned();
            let Ok(kind) = entry.file_type() else {
                continue;
            };
            let theirs = !is_of_system(&name)
                && name != "target" // what cargo builds
                && !(is_of_judge(&inside) && NOT_THEIRS.contains(&name.as_str()));
            if kind.is_dir() && theirs && depth < DEEPEST {
                folders.push_back((entry.path(), depth + 1));
            } else if kind.is_file() && !is_of_system(&name) {
                files.take(folder, entry.path(), &name);
            }
        }
    }
    files
}

impl Files {
    /// Takes a file, if its name means something.
    fn take(&mut self, folder: &Path, file: PathBuf, name: &str) {
        let (files, exercise) = match meaning(name) {
            Meaning::Exercise(exercise) => (&mut self.named, exercise),
            Meaning::Near(exercise) if !is_in_room(folder, &file) => {
                (&mut self.near, exercise)
            }
            _ => return,
        };
        files.entry(exercise).or_default().push(file);
    }
}

/// Whether a file lies in one of the course's own rooms, where names are alike: a whole copy
/// of the course can be handed in.
fn is_in_room(folder: &Path, file: &Path) -> bool {
    const ROOMS: [&str; 5] = ["course", "docs", "lessons", "shared", "tests"];
    let below = file.strip_prefix(folder).unwrap_or(file);
    let mut parts = below.components();
    parts.any(|part| ROOMS.iter().any(|room| part.as_os_str() == *room))
}

/// Whether a folder is `tests/LESSON`.
fn is_of_judge(folder: &Path) -> bool {
    folder
        .parent()
        .is_some_and(|rooms| rooms.ends_with("tests"))
}

impl Submission {
    /// The submission in a folder. A name with a line break could make a row of the table of
    /// its own.
    pub fn of(folder: PathBuf) -> Self {
        Self {
            name: student_of(&folder).replace(char::is_control, "?"),
            files: files(&folder, MOST),
            folder,
        }
    }

    /// The files of an exercise: first the one in its place in the course, then the ones that
    /// lie least deep.
    pub fn files_of(&self, exercise: &Exercise) -> Vec<&Path> {
        let files = self.files.named.get(exercise.name);
        let mut files: Vec<_> = files.into_iter().flatten().collect();
        let place = exercise.file();
        files.sort_by_key(|file| {
            let in_place = file.ends_with(&place);
            (!in_place, file.components().count(), (*file).clone())
        });
        files.into_iter().map(PathBuf::as_path).collect()
    }

    /// The files whose names are nearly the exercise's, as the student knows them.
    pub fn near(&self, exercise: &Exercise) -> Vec<String> {
        const MOST: usize = 5;
        let files = self.files.near.get(exercise.name);
        let files = files.into_iter().flatten();
        let mut files: Vec<_> = files.map(|file| self.shown(file)).collect();
        files.sort();
        files.truncate(MOST);
        files
    }

    /// A file's path in the student's folder, on one line.
    pub fn shown(&self, file: &Path) -> String {
        let below = file.strip_prefix(&self.folder).unwrap_or(file);
        below.display().to_string().replace(char::is_control, "?")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_found_anywhere_but_among_the_judges_answers_or_behind_a_link() {
        let exercise = exercises::all().next().expect("an exercise");
        let name = format!("{}.rs", exercise.name);
        let folder = tempfile::tempdir().expect("a folder");
        let found = || {
            let student = Submission::of(folder.path().to_path_buf());
            let first = student.files_of(exercise).first().copied();
            first.map(Path::to_path_buf)
        };
        let put = |path: &str| {
            let path = folder.path().join(path).join(&name);
            fs::create_dir_all(path.parent().expect("a folder")).expect("made");
            fs::write(&path, "").expect("written");
            path
        };
        put("course/tests/06/solutions");
        put("target/debug");
        put(".git");
        put("__MACOSX");
        assert_eq!(found(), None);
        #[cfg(unix)]
        {
            let other = tempfile::NamedTempFile::new().expect("a file");
            let link = folder.path().join(&name);
            std::os::unix::fs::symlink(other.path(), &link).expect("linked");
            assert_eq!(found(), None);
            fs::remove_file(link).expect("removed");
        }
        let deep = put("my/work/old");
        assert_eq!(found(), Some(deep));
        let near = put("solutions");
        assert_eq!(found(), Some(near));
        let place = put(&exercise.file().replace(&name, ""));
        assert_eq!(found(), Some(place));
    }

    #[test]
    fn a_folder_of_examples_has_the_name_of_whoever_it_belongs_to() {
        for (folder, student) in [
            ("/class/ann", "ann"),
            ("/class/ann/examples", "ann"),
            ("/class/ann/mine/examples", "ann"),
            ("/class/ann/exercises/mine/examples", "ann"),
            ("/class/mine", "class"),
            ("/examples", "examples"),
        ] {
            assert_eq!(student_of(Path::new(folder)), student, "{folder}");
        }
    }

    #[test]
    fn a_name_that_is_nearly_an_exercises_is_told_but_not_in_a_copy_of_the_course() {
        let exercise = exercises::all().next().expect("an exercise");
        let folder = tempfile::tempdir().expect("a folder");
        let near = format!("{} (1).rs", exercise.name);
        for inside in ["work", "course/lessons/01/src"] {
            let inside = folder.path().join(inside);
            fs::create_dir_all(&inside).expect("made");
            fs::write(inside.join(&near), "").expect("written");
        }
        let student = Submission::of(folder.path().to_path_buf());
        assert_eq!(student.near(exercise), [format!("work/{near}")]);
        assert!(student.files_of(exercise).is_empty());
    }

    #[test]
    fn a_flood_of_entries_is_neither_read_to_its_end_nor_kept() {
        let exercise = exercises::all().next().expect("an exercise");
        let name = format!("{}.rs", exercise.name);
        let folder = tempfile::tempdir().expect("a folder");
        let flood = folder.path().join("flood");
        for number in 0..30 {
            let inside = flood.join(number.to_string());
            fs::create_dir_all(&inside).expect("made");
            fs::write(inside.join(&name), "").expect("written");
        }
        assert!(files(folder.path(), 20).named.is_empty());
        // What lies near is found all the same; what no exercise asks for is not kept.
        let near = folder.path().join("near");
        fs::create_dir(&near).expect("made");
        for name in [&name, "another.rs", "notes.txt"] {
            fs::write(near.join(name), "").expect("written");
        }
        let found = files(folder.path(), MOST).named;
        assert_eq!(found.len(), 1);
        assert_eq!(found[exercise.name].len(), 31);
        assert_eq!(found[exercise.name][0], near.join(&name));
    }
}
