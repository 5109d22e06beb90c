//! The steps of a lesson in the classroom: listed, run one by one, and compared.

use std::fs;
use std::path::Path;

use tempfile::TempDir;
use tests::Ended;

use super::{course, no_progress};

/// A course with one lesson of three steps, and a client without steps.
fn small_course() -> TempDir {
    let root = tempfile::tempdir().expect("a folder");
    let lesson = root.path().join("lessons/02-talk");
    for folder in ["src/bin", "diffs"] {
        fs::create_dir_all(lesson.join(folder)).expect("made");
    }
    let write = |file: &str, text: &str| {
        fs::write(lesson.join(file), text).expect("written");
    };
    write(
        "Cargo.toml",
        "[package]\nname = \"talk\"\ndescription = \"talk\"\n",
    );
    let one = "//! Lesson 02, step 1: it says hello.\n\nfn main() {\n    hello();\n}\n";
    write("src/bin/talk-1.rs", one);
    let two = one
        .replace("step 1: it", "step 2: it also")
        .replace("hello()", "hello(2)");
    write("src/bin/talk-2.rs", &two);
    write(
        "src/main.rs",
        &one.replace(", step 1", "").replace("hello()", "talk()"),
    );
    let changes = |before: &str, after: &str| {
        format!("@@ -1,3 +1,3 @@\n fn main() {{\n-    {before};\n+    {after};\n }}\n")
    };
    write("diffs/talk-2.diff", &changes("hello()", "hello(2)"));
    write("diffs/talk.diff", &changes("hello(2)", "talk()"));
    write(
        "src/bin/talk-client.rs",
        "//! Lesson 02: it listens.\n\nfn main() {}\n",
    );
    root
}

/// The guide in that course, with a cargo that prints its arguments and does nothing.
fn guide(root: &Path, args: &[&str]) -> Ended {
    let (_folder, progress) = no_progress();
    let guide = course(&progress, args).env("CARGO", "echo");
    guide.env("COURSE_ROOT", &root.display().to_string()).run()
}

#[test]
fn a_lesson_lists_its_steps_and_runs_the_last() {
    let root = small_course();
    for word in ["02", "talk"] {
        let ended = guide(root.path(), &["run", word]);
        ended.code(0);
        let listed = [
            "The steps of talk (changes: `run 02 --diff 2`)",
            "  1    5 lines  cargo run -- run 02.1",
            "     it says hello",
            "  2    5 lines  cargo run -- run 02.2",
            "     it also says hello",
            "  3    5 lines  cargo run -- run 02",
            "     it says hello",
        ];
        let lines: Vec<_> = ended.stderr.lines().take(7).collect();
        assert_eq!(lines, listed, "{ended:?}");
        let ran = ended
            .stdout
            .contains("--package talk --bin talk --quiet --");
        assert!(ran, "{ended:?}");
    }
    let ended = guide(root.path(), &["run", "talk-client"]);
    assert_eq!(ended.stderr, "", "it has no steps");
}

#[test]
fn a_lesson_names_the_other_programs_that_have_steps() {
    let root = small_course();
    let programs = root.path().join("lessons/02-talk/src/bin");
    let step = programs.join("talk-client-1.rs");
    fs::copy(programs.join("talk-client.rs"), step).expect("copied");
    let others = "Steps of other programs: `run talk-client`\n";
    let ended = guide(root.path(), &["run", "02"]);
    assert!(ended.stderr.contains(others), "{ended:?}");
    fs::remove_file(programs.join("talk-1.rs")).expect("removed");
    fs::remove_file(programs.join("talk-2.rs")).expect("removed");
    let ended = guide(root.path(), &["run", "02"]);
    assert!(ended.stderr.starts_with(others), "{ended:?}");
    let ended = guide(root.path(), &["run", "02.3"]);
    let hint = "hint: these have steps: `run talk-client`\n";
    assert!(ended.stderr.ends_with(hint), "{ended:?}");
    let ended = guide(root.path(), &["run", "talk-client"]);
    assert!(!ended.stderr.contains("other programs"), "{ended:?}");
}

#[test]
fn a_step_runs_by_its_number_and_by_its_name_with_its_arguments() {
    let root = small_course();
    for word in ["02.2", "2.2", "talk.2", "talk-2"] {
        let ended = guide(root.path(), &["run", word, "127.0.0.1:0"]);
        ended.code(0);
        let ran = "--package talk --bin talk-2 --quiet -- 127.0.0.1:0\n";
        assert!(ended.stdout.ends_with(ran), "{word}: {ended:?}");
        assert_eq!(ended.stderr, "", "{word}");
    }
    let ended = guide(root.path(), &["run", "02.3"]);
    assert!(ended.stdout.contains("--bin talk --quiet"), "{ended:?}");
}

#[test]
fn what_a_step_changes_is_shown_without_the_heads() {
    let root = small_course();
    let hunk = |number, title: &str, line| {
        let (old, new) = match number {
            2 => ("talk-1", "talk-2"),
            _ => ("talk-2", "talk"),
        };
        let before = if number == 2 { "hello()" } else { "hello(2)" };
        format!(
            "{new} changes {old}: {title}\n\
             @@ -1,3 +1,3 @@\n fn main() {{\n-    {before};\n+    {line};\n }}\n"
        )
    };
    let ended = guide(root.path(), &["run", "02", "--diff", "2"]);
    ended.code(0);
    assert_eq!(ended.stdout, hunk(2, "it also says hello", "hello(2)"));
    let ended = guide(root.path(), &["run", "talk", "--diff=3"]);
    assert_eq!(ended.stdout, hunk(3, "it says hello", "talk()"));
}

#[test]
fn a_step_that_is_not_there_is_exit_code_2_with_the_numbers_that_are() {
    let root = small_course();
    for (args, hint) in [
        (
            &["run", "02.4"][..],
            "its steps are 1 to 3; `cargo run -- run talk` lists",
        ),
        (&["run", "02.0"], "its steps are 1 to 3"),
        (&["run", "02.x"], "its steps are 1 to 3"),
        (&["run", "02", "--diff", "9"], "its steps are 1 to 3"),
        (
            &["run", "02", "--diff", "1"],
            "lessons/02-talk/src/bin/talk-1.rs",
        ),
        (&["run", "02", "--diff"], "cargo run -- run 06 --diff 2"),
        (&["run", "talk-client.2"], "it is one program"),
        (&["run", "03.1"], "`cargo run` shows the lessons"),
    ] {
        let ended = guide(root.path(), args);
        ended.code(2);
        assert!(ended.stderr.contains(hint), "{args:?}: {ended:?}");
        assert_eq!(ended.stdout, "", "{args:?}");
    }
}
