//! Who is in the class: the folders that the command line names.

use std::fs;
use std::path::{Path, PathBuf};

use shared::{Context, Error, Result, eprintln};

use crate::args::{self, Options};
use crate::submission::Submission;

/// All submissions that the command line names, each once.
pub fn students(options: &Options) -> Result<Vec<Submission>> {
    let mut folders = options.folders.clone();
    for each in &options.each {
        folders.extend(folders_in(each)?);
    }
    let mut students: Vec<Submission> = Vec::new();
    for folder in folders {
        let shown = folder.display();
        let whole = fs::canonicalize(&folder).context(format!("cannot read {shown}"))?;
        if !whole.is_dir() {
            return Err(Error::usage(format!("{shown} is no folder"))
                .hint("name the folder of a student"));
        }
        if let Some(same) = students.iter().find(|other| other.folder == whole) {
            eprintln!(
                "note: {shown} is the folder of {}, and counts once",
                same.name
            );
            continue;
        }
        let student = Submission::of(whole);
        if let Some(other) = students.iter().find(|other| other.name == student.name) {
            let (one, two) = (other.folder.display(), student.folder.display());
            return Err(Error::usage(format!("{one} and {two} have one name"))
                .hint("a student's folder has the student's name: name each once"));
        }
        students.push(student);
    }
    if options.format.is_for_one() && students.len() > 1 && options.output.is_none() {
        return Err(args::needs_folder());
    }
    Ok(students)
}

/// The students' folders in a class's. A file that lies among them is nobody's: that is told.
fn folders_in(each: &Path) -> Result<Vec<PathBuf>> {
    let cannot = format!("cannot read {}", each.display());
    let (mut folders, mut loose) = (Vec::new(), Vec::new());
    for entry in fs::read_dir(each).context(&cannot)? {
        let entry = entry.context(&cannot)?;
        let name = entry.file_name();
        if is_of_system(&name.to_string_lossy()) {
            continue;
        }
        match entry.path().is_dir() {
            true => folders.push(entry.path()),
            false => loose.push(entry.path()),
        }
    }
    folders.sort();
    loose.sort();
    for file in &loose {
        let file = file.display();
        eprintln!("note: {file} is no student's folder, and is not graded");
    }
    if folders.is_empty() {
        return Err(Error::new(format!("no folder is in {}", each.display()))
            .hint("it is to hold a folder for each student"));
    }
    Ok(folders)
}

/// What file managers add by themselves, hidden or, on a Mac, to each archive.
pub fn is_of_system(name: &str) -> bool {
    name.starts_with('.') || name == "__MACOSX"
}
