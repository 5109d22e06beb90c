//! `handout`: the course for learners, without the checker's answers to the exercises.
//!
//! What goes in is what git tracks, or every file that `.gitignore` does not name where
//! there is no git: not the learner's own files, whatever this copy's owner has done. The
//! checks themselves stay: they are part of the program.

mod files;

use std::ffi::OsStr;
use std::fs;
use std::path::{Component, Path};

use shared::{Context, Error, Result, eprintln, println};

use files::{git_files, tracked, walked};

use course::workspace;

/// What an exercise's folder has for its teacher only.
const ANSWERS: [&str; 4] = ["right", "solution.rs", "wrong", "wrong.txt"];

/// Writes the handout into `folder`, which is empty or not there yet.
pub fn handout(folder: &Path) -> Result<()> {
    let root = workspace::root();
    is_free(folder)?;
    let mut files = tracked(&root);
    if files.is_empty() {
        files = walked(&root)?;
    }
    files.retain(|file| is_for_learners(file));
    let mut count = 0;
    for file in &files {
        let (from, to) = (root.join(file), folder.join(file));
        if !from.is_file() {
            continue; // tracked, and deleted since
        }
        if let Some(parent) = to.parent() {
            fs::create_dir_all(parent)
                .context(format!("cannot make {}", parent.display()))?;
        }
        // A copy of the file, so that what can be executed still can.
        fs::copy(&from, &to).context(format!("cannot write {}", to.display()))?;
        count += 1;
    }
    let place = folder.display();
    println!("{count} files are in {place}: the course without its answers");
    let place = place.to_string();
    let quoted = shlex::try_quote(&place).unwrap_or_default();
    println!("try: cd {quoted} && cargo run");
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

/// False for the answers to the exercises, `exercises/LESSON/NAME/…`, and for the learner's
/// work where older copies of the course had it. The tests that need answers look whether
/// they are there (`tests/build.rs`).
fn is_for_learners(file: &Path) -> bool {
    let parts: Vec<_> = file.components().map(Component::as_os_str).collect();
    let is_answer = |part: &OsStr| ANSWERS.iter().any(|name| part == *name);
    match parts[..] {
        [room, _, _, part, ..] if room == "exercises" => !is_answer(part),
        [room, _, part, ..] if room == "lessons" => part != "exercises",
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_stay_and_checks_and_tests_go() {
        for (file, goes) in [
            ("course/checker/src/lib.rs", true),
            ("exercises/06-forever-loop/half-close-echo/check.rs", true),
            ("exercises/06-forever-loop/half-close-echo/start.rs", true),
            (
                "exercises/06-forever-loop/half-close-echo/solution.rs",
                false,
            ),
            (
                "exercises/06-forever-loop/half-close-echo/right/python.py",
                false,
            ),
            (
                "exercises/06-forever-loop/half-close-echo/wrong/text.rs",
                false,
            ),
            ("exercises/06-forever-loop/half-close-echo/wrong.txt", false),
            ("exercises/mine/lib.rs", true),
            (
                "lessons/06-forever-loop/exercises/half-close-echo.rs",
                false,
            ),
            ("lessons/06-forever-loop/src/wrong/x.rs", true),
            ("tests/06-forever-loop/main.rs", true),
            ("tests/exercises/hostile/fork_bomb.rs", true),
        ] {
            assert_eq!(is_for_learners(Path::new(file)), goes, "{file}");
        }
    }
}
