//! What a student has handed in: the exercises' files, by their names.

use std::collections::{BTreeMap, VecDeque};
use std::fs;
use std::path::{Path, PathBuf};

use checker::Exercise;
use shared::{Context, Error, Result, eprintln};

use crate::args::{self, Options};

/// A student's folder.
#[derive(Debug)]
pub struct Submission {
    /// The folder's name.
    pub name: String,
    pub folder: PathBuf,
    files: BTreeMap<String, Vec<PathBuf>>,
}

/// How deep folders are looked into, and how many entries are looked at: a submission can
/// hold a whole copy of the course, and a hostile one anything.
const DEEPEST: usize = 12;
const MOST: usize = 50_000;

/// Where older copies of the course kept its answers, `tests/LESSON/…`, if somebody hands in
/// a whole one. Elsewhere these are good names for a student's folder.
const NOT_THEIRS: [&str; 4] = ["right", "solutions", "stubs", "wrong"];

/// All submissions that the command line names, each once.
pub fn students(options: &Options) -> Result<Vec<Submission>> {
    let mut folders = options.folders.clone();
    for each in &options.each {
        let cannot = format!("cannot read {}", each.display());
        let mut inside = Vec::new();
        for entry in fs::read_dir(each).context(&cannot)? {
            let entry = entry.context(&cannot)?;
            let hidden = entry.file_name().to_string_lossy().starts_with('.');
            if entry.path().is_dir() && !hidden {
                inside.push(entry.path());
            }
        }
        if inside.is_empty() {
            return Err(Error::new(format!("no folder is in {}", each.display()))
                .hint("it is to hold a folder for each student"));
        }
        inside.sort();
        folders.extend(inside);
    }
    let mut students: Vec<Submission> = Vec::new();
    for folder in folders {
        let whole = fs::canonicalize(&folder)
            .context(format!("cannot read {}", folder.display()))?;
        if !whole.is_dir() {
            return Err(Error::usage(format!("{} is no folder", folder.display()))
                .hint("name the folder of a student"));
        }
        let name = student_of(&whole);
        // A name with a line break could make a row of the table of its own.
        let name = name.replace(char::is_control, "?");
        let other = students.iter().find(|other| other.name == name);
        if let Some(other) = other {
            let (one, two) = (other.folder.display(), whole.display());
            return Err(Error::usage(format!("{one} and {two} have one name"))
                .hint("a student's folder has the student's name: name each once"));
        }
        students.push(Submission {
            name,
            files: files(&whole, MOST),
            folder: whole,
        });
    }
    if options.format.is_for_one() && students.len() > 1 && options.output.is_none() {
        return Err(args::needs_folder());
    }
    Ok(students)
}

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

/// The files in a folder that are named as an exercise, by name, the least deep ones first;
/// at most so many entries are looked at. A link is not followed: it could lead to another
/// student's work.
fn files(folder: &Path, most: usize) -> BTreeMap<String, Vec<PathBuf>> {
    let mut files: BTreeMap<String, Vec<PathBuf>> = BTreeMap::new();
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
            let theirs = !name.starts_with('.')
                && name != "target" // what cargo builds
                && !(is_of_judge(&inside) && NOT_THEIRS.contains(&name.as_str()));
            if kind.is_dir() && theirs && depth < DEEPEST {
                folders.push_back((entry.path(), depth + 1));
            } else if kind.is_file() && is_of_exercise(&name) {
                files.entry(name).or_default().push(entry.path());
            }
        }
    }
    files
}

/// Whether an exercise's file has this name.
fn is_of_exercise(name: &str) -> bool {
    let name = name.strip_suffix(".rs");
    name.is_some_and(|name| exercises::all().any(|exercise| exercise.name == name))
}

/// Whether a folder is `tests/LESSON`.
fn is_of_judge(folder: &Path) -> bool {
    folder
        .parent()
        .is_some_and(|rooms| rooms.ends_with("tests"))
}

impl Submission {
    /// The file of an exercise: the one in its place in the course, or the one that lies
    /// least deep.
    pub fn file(&self, exercise: &Exercise) -> Option<&Path> {
        let files = self.files.get(&format!("{}.rs", exercise.name))?;
        let place = exercise.file();
        let order = |file: &&PathBuf| {
            (
                !file.ends_with(&place),
                file.components().count(),
                (*file).clone(),
            )
        };
        files.iter().min_by_key(order).map(PathBuf::as_path)
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
            let folder = folder.path().to_path_buf();
            let student = Submission {
                name: "a".into(),
                files: files(&folder, MOST),
                folder,
            };
            student.file(exercise).map(Path::to_path_buf)
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
        assert!(files(folder.path(), 20).is_empty());
        // What lies near is found all the same; what no exercise asks for is not kept.
        let near = folder.path().join("near");
        fs::create_dir(&near).expect("made");
        for name in [&name, "another.rs", "notes.txt"] {
            fs::write(near.join(name), "").expect("written");
        }
        let found = files(folder.path(), MOST);
        assert_eq!(found.len(), 1);
        assert_eq!(found[&name].len(), 31);
        assert_eq!(found[&name][0], near.join(&name));
    }
}
