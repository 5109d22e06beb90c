//! Two copies of the course, what is built shared by both: neither works on the other's
//! files.

use std::fs;
use std::path::Path;

use tests::{Ended, Program};

use super::course;

/// As much of a course as its map needs.
fn copy(root: &Path) {
    let write = |file: &str, text: &str| {
        let file = root.join(file);
        fs::create_dir_all(file.parent().expect("a folder")).expect("made");
        fs::write(file, text).expect("written");
    };
    write("course/Cargo.toml", "[package]\nname = \"course\"\n");
    let lesson = "[package]\nname = \"talk\"\ndescription = \"talk to somebody\"\n";
    write("lessons/02-talk/Cargo.toml", lesson);
}

/// The guide, which was built in another copy, started by hand in a folder. What the cargo
/// of this test run says about it does not count.
fn guide_in(folder: &Path, args: &[&str]) -> Ended {
    drop(course(folder, &[])); // built
    Program::of("course")
        .args(args)
        .without_env("CARGO_MANIFEST_DIR")
        .in_folder(folder)
        .run()
}

#[test]
fn what_is_done_in_a_copy_is_kept_in_that_copy() {
    let folder = tempfile::tempdir().expect("a folder");
    let (one, two) = (folder.path().join("one"), folder.path().join("two"));
    copy(&one);
    copy(&two);
    guide_in(&one, &["done", "02"]).code(0);
    let progress = |copy: &Path| fs::read_to_string(copy.join(".progress")).ok();
    assert_eq!(progress(&one).as_deref(), Some("02-talk done\n"));
    assert_eq!(progress(&two), None);
    guide_in(&two.join("lessons/02-talk"), &["done", "talk"]).code(0);
    guide_in(&two, &["undone", "talk"]).code(0);
    assert_eq!(progress(&one).as_deref(), Some("02-talk done\n"));
    let text = "02-talk done\n02-talk undone\n";
    assert_eq!(progress(&two).as_deref(), Some(text));
}

#[test]
fn what_cargo_says_of_the_package_goes_before_the_folder() {
    let folder = tempfile::tempdir().expect("a folder");
    let (one, two) = (folder.path().join("one"), folder.path().join("two"));
    copy(&one);
    copy(&two);
    drop(course(folder.path(), &[])); // built
    let ended = Program::of("course")
        .args(["done", "02"])
        .env(
            "CARGO_MANIFEST_DIR",
            &one.join("course").display().to_string(),
        )
        .in_folder(&two)
        .run();
    ended.code(0);
    assert!(one.join(".progress").exists());
    assert!(!two.join(".progress").exists());
}
