//! `handout`: the course for learners, without the judge's answers to the exercises.
//!
//! What goes in is what git tracks, or every file that `.gitignore` does not name where
//! there is no git. The exercises go in as they were shipped, whatever this copy's owner
//! has done with them. The checks themselves stay: they are part of the program.

mod files;

use std::ffi::OsStr;
use std::fs;
use std::path::{Component, Path, PathBuf};

use shared::{Context, Error, Result, eprintln, println};

use files::{git_files, tracked, walked};

use crate::exercise::{self, judges_file};
use crate::workspace;

/// The folders of a lesson's judge that hold answers.
const ANSWERS: [&str; 4] = ["right", "solutions", "stubs", "wrong"];

/// An answer that stands alone: the book shows what the checker says of it.
const ALONE: &str = "tests/appendix/mine.py";

/// The tests of the answers, and their target in the manifest.
const TESTS_OF_ANSWERS: &str = "exercises";

/// Writes the handout into `folder`, which is empty or not there yet.
pub fn handout(folder: &Path) -> Result<()> {
    let root = workspace::root();
    is_free(folder)?;
    let stubs = stubs()?;
    let mut files = tracked(&root);
    if files.is_empty() {
        files = walked(&root)?;
    }
    files.retain(|file| is_for_learners(file));
    // Also those that this copy's owner has moved away: without one a lesson does not build.
    files.extend(stubs.iter().map(|(name, _)| name.clone()));
    files.sort();
    files.dedup();
    let mut count = 0;
    for file in &files {
        let (from, to) = (root.join(file), folder.join(file));
        let stub = stubs.iter().find(|(name, _)| name == file);
        if !from.is_file() && stub.is_none() {
            continue; // tracked, and deleted since
        }
        if let Some(parent) = to.parent() {
            fs::create_dir_all(parent)
                .context(format!("cannot make {}", parent.display()))?;
        }
        let text = match stub {
            Some((_, stub)) => Some(stub.clone()),
            None if file == Path::new("tests/Cargo.toml") => {
                let whole = fs::read_to_string(&from)
                    .context(format!("cannot read {}", from.display()))?;
                Some(without_the_answers(&whole)?)
            }
            None => None,
        };
        let written = match text {
            Some(text) => fs::write(&to, text),
            // A copy of the file, so that what can be executed still can.
            None => fs::copy(&from, &to).map(|_| ()),
        };
        written.context(format!("cannot write {}", to.display()))?;
        count += 1;
    }
    let place = folder.display();
    println!("{count} files are in {place}: the course without its answers");
    println!("try: cd {place} && cargo run");
    tell_untracked(&root);
    Ok(())
}

/// A new file that nobody has added to git is missed only when the handout does not build.
fn tell_untracked(root: &Path) {
    let others = git_files(root, &["--others", "--exclude-standard"]);
    if let Some(first) = others.first() {
        let (count, first) = (others.len(), first.display());
        eprintln!("note: what git does not track is not in it: {first} ({count} in all)");
    }
}

/// A handout never mixes with other files, and never replaces one.
fn is_free(folder: &Path) -> Result<()> {
    let place = folder.display();
    match fs::read_dir(folder) {
        Ok(mut entries) => match entries.next() {
            None => Ok(()),
            Some(_) => Err(Error::new(format!("{place} is not empty"))
                .hint("name a folder that is empty, or not there yet")),
        },
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error).context(format!("cannot use {place}")),
    }
}

/// Each exercise's file, and how it was shipped.
fn stubs() -> Result<Vec<(PathBuf, String)>> {
    let stub = |exercise: &'static judge::Exercise| {
        let text = fs::read_to_string(judges_file(exercise, "stubs")).map_err(|_| {
            let name = exercise.name;
            Error::new(format!("this copy of the course has no stub of `{name}`"))
                .hint("a handout is made from the whole course, not from a handout")
        })?;
        Ok((PathBuf::from(exercise.file()), text))
    };
    exercise::all().into_iter().map(stub).collect()
}

/// False for the judge's answers, and for the tests that need them.
fn is_for_learners(file: &Path) -> bool {
    let parts: Vec<_> = file.components().map(Component::as_os_str).collect();
    let is = |place: usize, name: &str| parts.get(place) == Some(&OsStr::new(name));
    let answer = ANSWERS.iter().any(|folder| is(2, folder));
    let withheld = is(0, "tests") && (answer || is(1, TESTS_OF_ANSWERS));
    !withheld && file != Path::new(ALONE)
}

/// The manifest of the tests, without the target and the feature that need the answers.
///
/// # Errors
/// When one of them is still there: with it the handout would not build.
fn without_the_answers(manifest: &str) -> Result<String> {
    let name = format!("name = \"{TESTS_OF_ANSWERS}\"");
    let lines: Vec<_> = manifest.split_inclusive('\n').collect();
    let tables = lines.chunk_by(|_, next| !next.starts_with('['));
    let kept = tables.filter(|table| !table.iter().any(|line| line.trim_end() == name));
    let text = kept.map(|table| table.concat()).collect::<String>();
    let text = text.replace("default = [\"answers\"]", "default = []");
    for left in [format!("\"{TESTS_OF_ANSWERS}"), "\"answers\"".into()] {
        if text.contains(&left) {
            let what = format!("tests/Cargo.toml has {left} where it is not looked for");
            return Err(
                Error::new(what).hint("write its line as it is in the course's git")
            );
        }
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_and_their_tests_stay_and_checks_go() {
        for (file, goes) in [
            ("tests/06-forever-loop/exercises.rs", true),
            ("tests/06-forever-loop/main.rs", true),
            ("tests/judge/src/lib.rs", true),
            ("lessons/06-forever-loop/exercises/half-close-echo.rs", true),
            ("lessons/06-forever-loop/wrong/x.rs", true),
            ("tests/06-forever-loop/solutions/half-close-echo.rs", false),
            ("tests/06-forever-loop/stubs/half-close-echo.rs", false),
            (
                "tests/06-forever-loop/right/half-close-echo/python.py",
                false,
            ),
            (
                "tests/06-forever-loop/wrong/half-close-echo/text.txt",
                false,
            ),
            ("tests/appendix/mine.py", false),
            ("tests/exercises/hostile/fork_bomb.rs", false),
        ] {
            assert_eq!(is_for_learners(Path::new(file)), goes, "{file}");
        }
    }

    #[test]
    fn the_manifest_of_the_tests_loses_what_needs_answers() {
        let manifest = "[package]\n\n[features]\ndefault = [\"answers\"]\nanswers = []\n\n\
             [[test]]\nname = \"exercises\"\npath = \"exercises/main.rs\"\n\n\
             [[test]]\nname = \"guide\"\npath = \"guide/main.rs\"\n";
        assert_eq!(
            without_the_answers(manifest).expect("both are there"),
            "[package]\n\n[features]\ndefault = []\nanswers = []\n\n\
             [[test]]\nname = \"guide\"\npath = \"guide/main.rs\"\n"
        );
    }

    #[test]
    fn a_manifest_that_would_keep_what_needs_answers_is_an_error() {
        let feature = "[features]\ndefault = [\"answers\"]\n";
        let target = "[[test]]\nname = \"exercises\"\npath = \"exercises/main.rs\"\n";
        let found = without_the_answers(&format!("{feature}# They take long.\n{target}"));
        let rest = "[features]\ndefault = []\n# They take long.\n";
        assert_eq!(found.expect("both are found"), rest);
        assert_eq!(without_the_answers(rest).expect("a handout's own"), rest);
        for manifest in [
            feature.replace("[\"", "[ \""),
            target.replace("name = ", "name="),
            target
                .replace("[[test]]", "[[bench]]")
                .replace("name", "# name"),
        ] {
            let error = without_the_answers(&manifest).expect_err(&manifest);
            assert!(error.report().to_string().contains("tests/Cargo.toml"));
        }
    }
}
