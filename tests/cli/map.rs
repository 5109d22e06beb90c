//! `cargo run`: the map, and the progress in it.

use std::fs;

use tests::tool;

use super::{course, lessons, no_progress};

#[test]
fn the_map_shows_every_lesson_with_its_line_and_its_command() {
    let (_folder, progress) = no_progress();
    let ended = course(&progress, &[]).run();
    ended.code(0);
    let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let shown = words(&ended.stdout);
    let mut last = 0;
    for (folder, manifest) in lessons() {
        let (number, name) = folder.split_once('-').expect("NN-name");
        let line = manifest
            .lines()
            .find_map(|line| line.strip_prefix("description = "))
            .expect("a description");
        let row = format!("[ ] {number} {name} cargo run -- run {number} ");
        let row = row + &words(line.trim_matches('"'));
        let at = shown.find(&row);
        let at = at.unwrap_or_else(|| panic!("{row:?} is not in {shown}"));
        assert!(at >= last, "{folder} stands out of order");
        last = at;
    }
}

#[test]
fn the_map_shows_the_further_programs_of_a_lesson() {
    let (_folder, progress) = no_progress();
    let shown = course(&progress, &[]).run().stdout;
    for (folder, _) in lessons() {
        let programs = tests::root().join("lessons").join(&folder).join("src/bin");
        for program in fs::read_dir(programs).into_iter().flatten().flatten() {
            let program = program.path().with_extension("");
            let program = program.file_name().expect("a name").to_string_lossy();
            if program.ends_with(|last: char| last.is_ascii_digit()) {
                continue; // a step
            }
            let run = format!("`run {program}`");
            assert!(shown.contains(&run), "{run}: {shown}");
        }
        // A program that is a package of its own, because of the library that it needs.
        let own = tests::root()
            .join("lessons")
            .join(folder)
            .join("with-library");
        if let Ok(manifest) = fs::read_to_string(own.join("Cargo.toml")) {
            let name = manifest
                .lines()
                .find_map(|line| line.strip_prefix("name = "));
            let run = format!("`run {}`", name.unwrap_or_default().trim_matches('"'));
            assert!(shown.contains(&run), "{run}: {shown}");
        }
    }
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
    assert!(shown.contains("1 of "), "{shown}");
    assert!(shown.contains("\nNext: 02 resolve\n"), "{shown}");
    course(&progress, &["done", "connect"]).run().code(0);
    course(&progress, &["done", "03-connect"]).run().code(0);
    assert!(map().contains("2 of "));
    course(&progress, &["undone", "create"]).run().code(0);
    assert!(map().contains("[ ] 01 create"));
    let kept = fs::read_to_string(&progress).expect("the progress");
    assert_eq!(kept, "01-create done\n03-connect done\n01-create undone\n");
}

#[test]
fn when_all_is_done_the_map_says_so() {
    let (_folder, progress) = no_progress();
    let all = lessons().into_iter();
    let all: String = all.map(|(folder, _)| format!("{folder} done\n")).collect();
    fs::write(&progress, all).expect("written");
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
    for (args, hint) in [
        (&["03"][..], "did you mean `cargo run -- run 03`?"),
        (&["connect"], "did you mean `cargo run -- run connect`?"),
        (&["dcotor"], "did you mean `cargo run -- doctor`?"),
        (&["--prot", "1"], "did you mean `--port`?"),
        (&["book", "--no-opne"], "did you mean `--no-open`?"),
        (&["book", "--port", "70000"], "65535"),
        (&["run"], "cargo run -- run 01"),
        (&["run", "conect"], "did you mean `connect`?"),
        (&["run", "99"], "`cargo run` shows the lessons"),
        (&["done", "conect"], "did you mean `connect`?"),
        (&["done", "01", "02"], "--help"),
    ] {
        let ended = course(&progress, args).run();
        ended.code(2).complained("");
        assert!(ended.stderr.contains(hint), "{hint}: {ended:?}");
        assert_eq!(ended.stdout, "");
    }
    assert!(!progress.exists());
}
