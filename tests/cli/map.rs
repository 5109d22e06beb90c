//! `cargo run`: the map, and the progress in it.

use std::fs;
use std::path::PathBuf;

use tempfile::TempDir;
use tests::tool;

use super::{course, lessons, no_progress};

/// A progress in which these lessons are done.
fn done<'a>(lessons: impl IntoIterator<Item = &'a String>) -> (TempDir, PathBuf) {
    let (folder, progress) = no_progress();
    let lines = lessons.into_iter().map(|lesson| format!("{lesson} done\n"));
    fs::write(&progress, lines.collect::<String>()).expect("written");
    (folder, progress)
}

fn value<'a>(manifest: &'a str, key: &str) -> &'a str {
    let start = format!("{key} = ");
    let mut lines = manifest.lines();
    let value = lines.find_map(|line| line.strip_prefix(&*start));
    value.expect(key).trim_matches('"')
}

#[test]
fn the_map_has_a_line_for_each_lesson_in_their_order() {
    let (_folder, progress) = no_progress();
    let ended = course(&progress, &[]).run();
    ended.code(0);
    let rows = ended.stdout.lines();
    let mut rows = rows.filter_map(|line| line.strip_prefix("[ ] "));
    for (folder, manifest) in lessons() {
        let (number, name) = folder.split_once('-').expect("NN-name");
        let row = rows.next().unwrap_or_default();
        let what = row.strip_prefix(&format!("{number} {name:18}  "));
        let what = what.unwrap_or_else(|| panic!("{folder}: {row}"));
        let start = what.trim_end_matches(" …");
        assert!(value(&manifest, "description").starts_with(start), "{row}");
        assert!(start.len() > 30, "{row}");
    }
    assert_eq!(rows.next(), None);
}

#[test]
fn what_is_next_stands_first_with_all_of_its_programs_on_one_screen() {
    let all: Vec<_> = lessons().into_iter().map(|(folder, _)| folder).collect();
    for (number, (folder, manifest)) in lessons().into_iter().enumerate() {
        // The lesson is the next with all before it done, and with all but it.
        let others = all.iter().filter(|one| **one != folder);
        for (_folder, progress) in [done(&all[..number]), done(others)] {
            let shown = course(&progress, &[]).run().stdout;
            let name = value(&manifest, "name");
            let first = shown.lines().nth(2).unwrap_or_default();
            assert_eq!(first, format!("Next: {} {name}", &folder[..2]));
            let words = shown.split_whitespace().collect::<Vec<_>>().join(" ");
            assert!(words.contains(value(&manifest, "description")), "{words}");
            for program in further_programs(&folder) {
                let run = format!("`run {program}`");
                assert!(shown.contains(&run), "{run}: {shown}");
            }
            assert!(shown.lines().count() < 50, "{shown}");
            let broad = shown.lines().find(|line| line.chars().count() > 79);
            assert_eq!(broad, None);
        }
    }
}

/// Those beside the one with the lesson's name, without the steps.
fn further_programs(lesson: &str) -> Vec<String> {
    let lesson = tests::root().join("lessons").join(lesson);
    let files = fs::read_dir(lesson.join("src/bin")).into_iter().flatten();
    let files = files.map(|entry| entry.expect("an entry").path());
    let files = files.filter(|path| path.extension().is_some_and(|end| end == "rs"));
    let names = files.map(|path| path.file_stem().expect("a name").to_os_string());
    let names = names.map(|name| name.into_string().expect("UTF-8"));
    let is_step = |name: &String| name.ends_with(|last: char| last.is_ascii_digit());
    let mut names: Vec<_> = names.filter(|name| !is_step(name)).collect();
    // A program that is a package of its own, because of the library that it needs.
    if let Ok(manifest) = fs::read_to_string(lesson.join("with-library/Cargo.toml")) {
        names.push(value(&manifest, "name").to_string());
    }
    names
}

#[test]
fn lessons_that_are_done_are_folded() {
    let all: Vec<_> = lessons().into_iter().map(|(folder, _)| folder).collect();
    let (_folder, progress) = done(&all[..3]);
    let shown = course(&progress, &[]).run().stdout;
    let line = "\n[x] 01 create, 02 resolve, 03 connect\n[ ] 04 send-recv ";
    assert!(shown.contains(line), "{shown}");
}

#[test]
fn the_next_exercise_is_one_of_the_next_lesson() {
    let (_folder, progress) = no_progress();
    let map = || course(&progress, &[]).run().stdout;
    let note = |line: &str| {
        let text = fs::read_to_string(&progress).unwrap_or_default();
        fs::write(&progress, text + line).expect("written");
    };
    note("01-create done\n02-resolve done\n");
    let folder = tests::root().join("exercises/03-connect");
    let is_open = |shown: &str| {
        let name = shown
            .lines()
            .find_map(|line| line.strip_prefix("Exercise: "));
        name.map(str::to_string)
    };
    let mut open = is_open(&map());
    assert!(open.is_some());
    while let Some(name) = open {
        assert!(folder.join(&name).is_dir(), "{name}");
        let list = course(&progress, &["list"]).run().stdout;
        let next = format!("Next: cargo run -- check {name}\n");
        assert!(list.ends_with(&next), "{list}");
        note(&format!("{name} passed\n"));
        open = is_open(&map());
    }
    let shown = map();
    assert!(shown.contains("Next: 03 connect"), "{shown}");
    assert!(shown.contains("tick it: all its exercises have passed"));
    assert!(!shown.contains("Exercise: "), "{shown}");
}

#[test]
fn in_a_pipe_the_map_has_no_colour_and_fits_80_columns() {
    let (_folder, progress) = no_progress();
    let shown = course(&progress, &[]).run().stdout;
    assert!(!shown.contains('\x1b'), "{shown:?}");
    for line in shown.lines() {
        assert!(line.chars().count() < 80, "{line}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn on_a_terminal_the_map_has_colours_unless_no_color_is_set() {
    let script = tool!("script");
    let (_folder, progress) = no_progress();
    drop(course(&progress, &[])); // built
    let test = std::env::current_exe().expect("the path of this test");
    let guide = test.ancestors().nth(2).expect("target/PROFILE/deps/TEST");
    let guide = guide.join("course").display().to_string();
    let shown = |no_color: &str| {
        // script(1) runs a shell command on a terminal of its own.
        let ended = tests::Program::at(&script)
            .args(["-qec", "\"$GUIDE\"", "/dev/null"])
            .env("GUIDE", &guide)
            .env("COURSE_PROGRESS", &progress.display().to_string())
            .env("TERM", "xterm")
            .env("NO_COLOR", no_color)
            .run();
        ended.code(0);
        ended.stdout
    };
    assert!(shown("").contains("\x1b["));
    assert!(!shown("1").contains("\x1b["));
}

#[test]
fn a_closed_output_is_no_panic() {
    let (_folder, progress) = no_progress();
    for args in [&[][..], &["--help"], &["doctor"]] {
        let mut running = course(&progress, args).start_with_closed_output();
        running.close_keyboard();
        // The doctor's exit code is its judgement of this machine: 0 or 1, no panic.
        let ended = running.ends();
        assert!(matches!(ended.code, Some(0 | 1)), "{ended:?}");
        assert_eq!(ended.stderr, "");
    }
}

#[test]
fn done_ticks_a_lesson_and_undone_takes_it_back() {
    let (_folder, progress) = no_progress();
    let map = || course(&progress, &[]).run().stdout;
    assert!(map().contains("\nNext: 01 create\n"));
    course(&progress, &["done", "1"]).run().code(0);
    let shown = map();
    assert!(shown.contains("[x] 01 create"), "{shown}");
    assert!(shown.contains(" 1 of "), "{shown}");
    assert!(shown.contains("\nNext: 02 resolve\n"), "{shown}");
    course(&progress, &["done", "connect"]).run().code(0);
    course(&progress, &["done", "03-connect"]).run().code(0);
    assert!(map().contains(" 2 of "));
    let ended = course(&progress, &["undone", "create"]).run();
    let ended = ended.code(0);
    assert_eq!(ended.stdout, "01-create is no longer done\n");
    assert!(map().contains("[ ] 01 create"));
    let kept = fs::read_to_string(&progress).expect("the progress");
    assert_eq!(kept, "01-create done\n03-connect done\n01-create undone\n");
}

#[test]
fn when_all_is_done_the_map_says_so() {
    let all: Vec<_> = lessons().into_iter().map(|(folder, _)| folder).collect();
    let (_folder, progress) = done(&all);
    let shown = course(&progress, &[]).run().stdout;
    assert!(shown.contains("All lessons are done."), "{shown}");
    assert!(!shown.contains("[ ]"), "{shown}");
}

#[test]
fn a_progress_that_cannot_be_written_is_told() {
    let (folder, _) = no_progress();
    let nowhere = folder.path().join("nowhere/progress");
    let ended = course(&nowhere, &["done", "01"]).run();
    ended.code(1).complained("cannot write ");
    // The map and a lesson go without.
    course(&nowhere, &[]).run().code(0);
    let ended = course(&nowhere, &["run", "connect"]).run();
    ended.code(0);
    assert!(ended.stderr.contains("note: the progress is not kept"));
}

#[test]
fn a_wrong_command_is_two_lines_and_exit_code_2() {
    let (_folder, progress) = no_progress();
    for (args, error, hint) in [
        (&["03"][..], "`03`", "did you mean `cargo run -- run 03`?"),
        (
            &["connect"],
            "unknown command `connect`",
            "did you mean `cargo run -- run connect`?",
        ),
        (
            &["dcotor"],
            "unknown command `dcotor`",
            "did you mean `cargo run -- doctor`?",
        ),
        (
            &["--prot", "1"],
            "unknown option `--prot`",
            "did you mean `--port`?",
        ),
        (
            &["book", "--no-opne"],
            "unknown option `--no-opne`",
            "did you mean `--no-open`?",
        ),
        (
            &["book", "--port", "70000"],
            "`70000` is not a port",
            "65535",
        ),
        (&["run"], "no lesson was named", "cargo run -- run 01"),
        (
            &["run", "conect"],
            "there is no lesson `conect`",
            "did you mean `connect`?",
        ),
        (
            &["run", "99"],
            "there is no lesson `99`",
            "`cargo run` shows the lessons",
        ),
        (
            &["done", "conect"],
            "there is no lesson `conect`",
            "did you mean `connect`?",
        ),
        (
            &["done", "01", "02"],
            "one argument too many: `02`",
            "--help",
        ),
    ] {
        let ended = course(&progress, args).run();
        ended.code(2).complained(error);
        assert!(ended.stderr.contains(hint), "{hint}: {ended:?}");
        assert_eq!(ended.stdout, "");
    }
    assert!(!progress.exists());
}
