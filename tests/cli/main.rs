//! The guide: the map, the way to a lesson, the doctor, and the book with all its pages.

mod book;
mod browser;
mod commands;
mod copies;
mod devtools;
mod doctor;
#[cfg(all(unix, answers))]
mod exercises;
#[cfg(all(unix, answers))]
mod grade;
#[cfg(all(unix, answers))]
mod handout;
mod map;
mod pages;
mod pictures;
mod run;
mod steps;
#[cfg(all(target_os = "linux", answers))]
mod surroundings;
#[cfg(all(unix, answers))]
mod watch;

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use once_cell::sync::Lazy;
use tempfile::TempDir;
use tests::Program;

/// For what cargo has to compile first, and for the course's book. With ten times more to do
/// than it has processors, a machine needed more than three minutes for a fresh handout.
const PATIENCE: Duration = Duration::from_secs(600);

/// The guide, with the progress file of a test's own.
fn course(progress: &Path, args: &[&str]) -> Program {
    // The guide asks cargo for other packages. Built once, here, that takes no time in a
    // test, and no test waits for the compiler of another one.
    static BUILT: Lazy<()> = Lazy::new(|| {
        for program in [
            "course",
            "trainer",
            "book",
            "connect",
            "forever-loop",
            "bind-listen-accept-client",
            "http-with-library",
        ] {
            drop(Program::of(program));
        }
    });
    Lazy::force(&BUILT);
    Program::of("course")
        .args(args)
        .may_take(PATIENCE)
        .env("COURSE_PROGRESS", &progress.display().to_string())
        .env("CARGO_TARGET_DIR", &target_folder().display().to_string())
}

/// The target folder of this test run: what the guide builds goes there, too.
fn target_folder() -> PathBuf {
    let test = std::env::current_exe().expect("the path of this test");
    let target = test.ancestors().nth(3);
    target.expect("target/PROFILE/deps/TEST").to_path_buf()
}

/// A folder of a test's own, and a file in it that does not exist yet.
fn no_progress() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("progress");
    (folder, file)
}

/// The folders of the lessons, sorted, with their manifests.
fn lessons() -> Vec<(String, String)> {
    let mut lessons: Vec<_> = fs::read_dir(tests::root().join("lessons"))
        .expect("lessons/")
        .map(|entry| entry.expect("an entry").path())
        .filter_map(|path| {
            let manifest = fs::read_to_string(path.join("Cargo.toml")).ok()?;
            let name = path.file_name()?.to_str()?.to_string();
            Some((name, manifest))
        })
        .collect();
    lessons.sort();
    assert!(lessons.len() >= 17, "{lessons:?}");
    lessons
}
