//! The tests that hold the course together: every lesson is in every room, chapters show
//! what really stands in the files, and the tables of faults and facts name tests that
//! exist.

mod chapters;
mod idioms;
mod readme;
mod rooms;
mod skips;
mod steps;
mod systems;
mod tables;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// The file's text; panics with its name where it cannot be read.
fn read(path: impl AsRef<Path>) -> String {
    let path = tests::root().join(path);
    fs::read_to_string(&path)
        .unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The names in a folder, sorted.
fn names_in(folder: impl AsRef<Path>) -> BTreeSet<String> {
    let folder = tests::root().join(folder);
    let Ok(entries) = fs::read_dir(folder) else {
        return BTreeSet::new();
    };
    entries
        .map(|entry| entry.expect("an entry").file_name())
        .map(|name| name.into_string().expect("UTF-8"))
        .collect()
}

/// `01-create`, `02-resolve` …: what begins with a number in this folder.
fn numbered_in(folder: &str) -> BTreeSet<String> {
    let names = names_in(folder).into_iter();
    names
        .filter(|name| name.starts_with(|first: char| first.is_ascii_digit()))
        .map(|name| name.trim_end_matches(".md").to_string())
        .collect()
}

/// A lesson's programs: name and file. `src/main.rs` has the package's name, each file in
/// `src/bin/` its own. What needs a library that compiles for long is a package of its own,
/// so that the others start as quickly as ever: `with-library/src/main.rs`.
fn programs(lesson: &str) -> Vec<(String, PathBuf)> {
    let folder = PathBuf::from("lessons").join(lesson).join("src");
    let package = lesson.split_once('-').expect("NN-name").1.to_string();
    let mut programs = vec![(package, folder.join("main.rs"))];
    for file in names_in(folder.join("bin")) {
        if let Some(name) = file.strip_suffix(".rs") {
            programs.push((name.to_string(), folder.join("bin").join(&file)));
        }
    }
    let own = PathBuf::from("lessons").join(lesson).join("with-library");
    if tests::root().join(&own).exists() {
        let manifest = read(own.join("Cargo.toml"));
        let name = field(&manifest, "name");
        programs.push((name, own.join("src/main.rs")));
    }
    programs
}

/// A lesson's library, where it has one: what its programs have in common and teach.
fn library(lesson: &str) -> Option<PathBuf> {
    let file = PathBuf::from("lessons").join(lesson).join("src/lib.rs");
    tests::root().join(&file).exists().then_some(file)
}

/// The string behind `NAME = ` in a manifest; empty, where there is none.
fn field(manifest: &str, name: &str) -> String {
    let start = format!("{name} = \"");
    let mut lines = manifest.lines();
    let value = lines.find_map(|line| line.strip_prefix(start.as_str()));
    value.unwrap_or_default().trim_end_matches('"').to_string()
}

/// The chapters of a lesson: docs/NN-name.md, and further ones with its number.
fn chapters_of(lesson: &str) -> impl Iterator<Item = (String, String)> {
    let number = lesson[..3].to_string();
    let chapters = chapters().into_iter();
    chapters.filter(move |(name, _)| name.starts_with(&number))
}

/// Every chapter: its name in docs/ and its text.
fn chapters() -> Vec<(String, String)> {
    let names = names_in("docs").into_iter();
    let chapters = names.filter(|name| name.ends_with(".md"));
    chapters
        .map(|name| (name.clone(), read(format!("docs/{name}"))))
        .collect()
}
