//! `check`, `hint`, `solution`, `reset` and `list`, in a copy of the course that a test may
//! edit.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, Once};

use once_cell::sync::Lazy;
use tests::{Program, root, tool};

use super::{PATIENCE, course, no_progress, target_folder};

pub const NAME: &str = "half-close-echo";
pub const LESSON: &str = "06-forever-loop";

/// A copy of the rooms that an exercise needs. It stays in the target folder, so that it
/// is compiled once; one test at a time works in it.
pub struct Copy {
    pub root: PathBuf,
    pub progress: PathBuf,
    _folder: tempfile::TempDir,
    _alone: MutexGuard<'static, ()>,
}

impl Copy {
    pub fn new() -> Self {
        static ALONE: Lazy<Mutex<()>> = Lazy::new(Mutex::default);
        let alone = ALONE
            .lock()
            .unwrap_or_else(|poisoned| poisoned.into_inner());
        let copy = target_folder().join("copy-of-the-course");
        for file in ["Cargo.toml", "Cargo.lock"] {
            copy_new(&root().join(file), &copy.join(file));
        }
        for folder in ["course", "exercises", "lessons", "shared", "tests"] {
            copy_all(&root().join(folder), &copy.join(folder));
        }
        // A test before this one, or an older course, may have left its own files there.
        for mine in [
            "exercises/mine/examples",
            "lessons/06-forever-loop/exercises",
        ] {
            let mine = copy.join(mine);
            fs::remove_dir_all(&mine).ok();
            fs::create_dir_all(&mine).expect("made");
        }
        let (folder, progress) = no_progress();
        let copy = Self {
            root: copy,
            progress,
            _folder: folder,
            _alone: alone,
        };
        copy.writes(&copy.judges("start.rs"));
        // Cargo compiles all that the exercise needs, once, before a test has a deadline.
        static COMPILED: Once = Once::new();
        COMPILED.call_once(|| {
            drop(course(&copy.progress, &[])); // built, if it was not
            let guide = copy.guide();
            fs::create_dir_all(guide.parent().expect("a folder")).expect("made");
            fs::copy(target_folder().join("debug/trainer"), guide).expect("copied");
            let compiles = copy.run(&["check", NAME]).start();
            drop(compiles.ends_within(PATIENCE));
        });
        copy
    }

    /// The copy's own part of the guide, in its own target folder: that is where it builds. Cargo tells
    /// packages apart by their place in the workspace. In our target folder it would take
    /// the copy's for ours, and what is changed in ours would not be built any more.
    fn guide(&self) -> PathBuf {
        self.root.join("target/debug/trainer")
    }

    pub fn run(&self, args: &[&str]) -> Program {
        Program::at(self.guide())
            .args(args)
            .env("COURSE_PROGRESS", &self.progress.display().to_string())
            .env("COURSE_ROOT", &self.root.display().to_string())
    }

    pub fn file(&self) -> PathBuf {
        self.file_of(NAME)
    }

    fn file_of(&self, exercise: &str) -> PathBuf {
        self.root
            .join(format!("exercises/mine/examples/{exercise}.rs"))
    }

    /// Where older copies of the course had it.
    fn old_file(&self) -> PathBuf {
        self.root
            .join(format!("lessons/{LESSON}/exercises/{NAME}.rs"))
    }

    /// A file of the exercise's folder.
    pub fn judges(&self, name: &str) -> String {
        let file = root().join(format!("exercises/{LESSON}/{NAME}/{name}"));
        fs::read_to_string(file).expect("a file of the exercise")
    }

    /// Saves the exercise's file.
    pub fn writes(&self, text: &str) {
        fs::write(self.file(), text).expect("written");
    }
}

/// Copies a file that has changed: cargo looks at its date.
fn copy_new(from: &Path, to: &Path) {
    let bytes = fs::read(from).expect("a file of the course");
    if fs::read(to).ok().as_ref() != Some(&bytes) {
        fs::create_dir_all(to.parent().expect("a folder")).expect("a folder");
        fs::write(to, bytes).expect("written");
    }
}

fn copy_all(from: &Path, to: &Path) {
    for entry in fs::read_dir(from).expect("a folder of the course") {
        let path = entry.expect("an entry").path();
        let to = to.join(path.file_name().expect("a name"));
        if path.ends_with("mine/examples") {
            continue; // the work of whoever runs this test
        }
        if path.is_dir() {
            copy_all(&path, &to);
        } else {
            copy_new(&path, &to);
        }
    }
}

#[test]
fn a_stub_fails_and_the_words_say_why_and_what_to_do() {
    let copy = Copy::new();
    let ended = copy.run(&["check", NAME, "--seed", "7"]).run();
    ended.code(1);
    for words in [
        "half-close-echo (lesson 06, seed 7)",
        "  ok    the program listens on the address that it is given",
        "  CRASH a word comes back before the client has closed",
        "likely     there is still a `todo!` at exercises/mine/examples/",
        "read       docs/06-forever-loop.md",
        "hint       cargo run -- hint half-close-echo",
        "again      cargo run -- check half-close-echo --seed 7",
        "CRASH  1 of ",
    ] {
        assert!(ended.stdout.contains(words), "{words}: {}", ended.stdout);
    }
}

#[test]
fn a_right_answer_passes_and_is_kept_on_the_list_and_opens_the_solution() {
    let copy = Copy::new();
    // `check 06` checks all exercises of the lesson.
    for exercise in exercises::all().filter(|one| one.lesson == LESSON) {
        let solution = format!("{}/solution.rs", exercise.folder());
        let solution = fs::read(root().join(solution)).expect("a solution");
        fs::write(copy.root.join(exercise.file()), solution).expect("written");
    }
    let ended = copy.run(&["check", "06"]).run();
    ended.code(0);
    assert!(ended.stdout.contains("PASS  all "), "{}", ended.stdout);
    let list = copy.run(&["list"]).run().stdout;
    assert!(list.contains("[x] build  half-close-echo"), "{list}");
    let solution = copy.run(&["solution", NAME]).run();
    assert_eq!(solution.code(0).stdout, copy.judges("solution.rs"));
}

#[test]
fn the_same_seed_is_the_same_check() {
    let copy = Copy::new();
    let said = || copy.run(&["check", NAME, "--seed", "99"]).run().stdout;
    let sent = |words: &str| {
        let mut lines = words.lines();
        lines
            .find(|line| line.starts_with("expected"))
            .map(str::to_string)
    };
    assert_eq!(sent(&said()), sent(&said()));
    let other = copy.run(&["check", NAME, "--seed", "98"]).run().stdout;
    assert_ne!(sent(&said()), sent(&other));
}

#[test]
fn a_compile_error_is_shown_as_cargo_shows_it() {
    let copy = Copy::new();
    copy.writes("//! Mine.\nfn main() { let x: u8 = \"no\"; }\n");
    let ended = copy.run(&["check", NAME]).run();
    ended.code(1);
    assert!(
        ended.stderr.contains("error[E0308]: mismatched types"),
        "{ended:?}"
    );
    assert!(ended.stdout.contains("COMPILE-ERROR"), "{ended:?}");
}

#[test]
fn another_program_is_checked_through_its_command() {
    let copy = Copy::new();
    let python = tool!("python3");
    let file = root().join(format!("exercises/{LESSON}/{NAME}/right/python.py"));
    let mine = copy.progress.with_file_name("my answer.py");
    fs::copy(file, &mine).expect("copied");
    let command = format!("{} '{}'", python.display(), mine.display());
    let ended = copy.run(&["check", NAME, "--command", &command]).run();
    assert!(ended.code(0).stdout.contains("PASS"), "{ended:?}");
    let nothing = copy.run(&["check", NAME, "--command", "/nowhere/x"]).run();
    for words in [
        "  CHECKER-ERROR ",
        "seen       cannot start /nowhere/x: No such file",
        "likely     there is no such program",
        "CHECKER-ERROR  0 of ",
    ] {
        assert!(
            nothing.code(1).stdout.contains(words),
            "{words}: {nothing:?}"
        );
    }
}

#[test]
fn again_repeats_the_check_of_another_program() {
    let (_folder, progress) = no_progress();
    // It ends before it listens, whatever the seed is.
    let command = "sh -c \"exit 3\"";
    let ended = course(
        &progress,
        &["check", NAME, "--seed", "7", "--command", command],
    );
    let again = format!("check {NAME} --seed 7 --command 'sh -c \"exit 3\"'\n");
    let said = ended.run().code(1).stdout.clone();
    assert!(
        said.contains(&format!("again      cargo run -- {again}")),
        "{said}"
    );
}

/// The program that the guide becomes for these commands, without cargo before it.
fn trainer(progress: &Path, args: &[&str]) -> Program {
    let trainer = Program::of("trainer").args(args);
    trainer.env("COURSE_PROGRESS", &progress.display().to_string())
}

/// A program that stands for cargo: a shell script.
fn instead_of_cargo(folder: &Path, script: &str) -> PathBuf {
    let file = folder.join("cargo");
    // A child of ours writes it. Where this test had it open, a child that another test
    // starts meanwhile would hold it, too, and nobody could run it: "text file busy".
    let write = "printf '#!/bin/sh\n%s\n' \"$1\" > \"$0\" && chmod +x \"$0\"";
    let shell = Program::at("/bin/sh").args(["-c", write]);
    shell
        .args([file.as_os_str(), script.as_ref()])
        .run()
        .code(0);
    file
}

#[test]
fn ctrl_c_while_cargo_builds_ends_check_all_without_a_word_about_the_program() {
    let (folder, progress) = no_progress();
    let cargo = instead_of_cargo(folder.path(), "echo building >&2; exec sleep 600");
    let check = trainer(&progress, &["check", LESSON]);
    let check = check.env("CARGO", &cargo.display().to_string()).start();
    check.complains("building");
    // A terminal sends it to all: to the guide and to cargo.
    let group = nix::unistd::Pid::from_raw(check.pid().cast_signed());
    nix::sys::signal::killpg(group, nix::sys::signal::SIGINT).expect("our own child");
    let ended = check.ends();
    ended.code(1);
    assert!(!ended.stdout.contains("COMPILE-ERROR"), "{ended:?}");
    assert_eq!(ended.stderr, "building\n");
}

#[test]
fn a_cargo_that_was_killed_is_no_compile_error() {
    let (folder, progress) = no_progress();
    let cargo = instead_of_cargo(folder.path(), "kill -KILL $$");
    let check = trainer(&progress, &["check", NAME]);
    let ended = check.env("CARGO", &cargo.display().to_string()).run();
    ended.code(1).complained("cargo was ended by SIGKILL");
    assert!(!ended.stdout.contains("COMPILE-ERROR"), "{ended:?}");
}

#[test]
fn what_has_passed_is_counted_and_marked_alike() {
    let (_folder, progress) = no_progress();
    let kept = format!("{NAME} passed\n{NAME} failed 1\nthread-pool failed 2\n");
    fs::write(&progress, kept).expect("written");
    let list = course(&progress, &["list"]).run().stdout;
    assert!(list.contains("Exercises: 1 of "), "{list}");
    assert!(list.contains(&format!("[x] build  {NAME}")), "{list}");
    assert_eq!(list.matches("[x]").count(), 1, "{list}");
    assert_eq!(list.matches("[!]").count(), 1, "{list}");
}

#[test]
fn a_program_that_is_checked_gets_few_variables_of_the_environment() {
    let copy = Copy::new();
    let names = "$COURSE_TEST_TOKEN-$RUST_BACKTRACE-$LC_ALL-${PATH:+path}";
    let command = format!("sh -c 'echo {names} >&2; exit 1'");
    let check = copy.run(&["check", NAME, "--command", &command]);
    let check = check.env("COURSE_TEST_TOKEN", "hunter2");
    let ended = check.env("RUST_BACKTRACE", "1").run();
    assert!(
        ended.code(1).stdout.contains("its errors --C.UTF-8-path\n"),
        "{ended:?}"
    );
}

#[test]
fn hints_go_further_each_time_and_a_failure_picks_the_first() {
    let copy = Copy::new();
    let hint = || copy.run(&["hint", NAME]).run().stdout;
    assert!(hint().contains("hint 1 of 3"));
    assert!(hint().contains("hint 2 of 3"));
    assert!(hint().contains("hint 3 of 3"));
    assert!(hint().contains("hint 3 of 3"), "there are no more");
    // This mistake is told by a step that asks for the second hint.
    let wrong = format!("exercises/{LESSON}/{NAME}/wrong/one-recv.rs");
    copy.writes(&fs::read_to_string(root().join(wrong)).expect("a wrong answer"));
    copy.run(&["check", NAME]).run().code(1);
    assert!(hint().contains("hint 2 of 3"));
}

#[test]
fn the_solution_is_for_those_who_have_passed_or_peek() {
    let copy = Copy::new();
    let ended = copy.run(&["solution", NAME]).run();
    ended
        .code(1)
        .complained("`half-close-echo` has not passed yet");
    assert_eq!(ended.stdout, "");
    let peeked = copy.run(&["solution", NAME, "--peek"]).run();
    assert_eq!(peeked.code(0).stdout, copy.judges("solution.rs"));
}

#[test]
fn reset_puts_the_stub_back_and_keeps_the_learners_file() {
    let copy = Copy::new();
    copy.writes("// my first try\n");
    let backups = ["rs.bak", "rs.bak2"].map(|end| copy.file().with_extension(end));
    copy.run(&["reset", NAME]).run().code(0);
    copy.writes("// my second try\n");
    copy.run(&["reset", NAME]).run().code(0);
    copy.run(&["reset", NAME]).run().code(0); // nothing to keep now
    let text = |path: &PathBuf| fs::read_to_string(path).expect("a file");
    assert_eq!(text(&copy.file()), copy.judges("start.rs"));
    assert_eq!(
        backups.each_ref().map(text),
        ["// my first try\n", "// my second try\n"]
    );
}

#[test]
fn a_file_is_made_when_it_is_first_asked_for_and_then_left_alone() {
    let copy = Copy::new();
    fs::remove_file(copy.file()).expect("removed");
    let made = copy.run(&["start", NAME]).run();
    let words = format!("your file is new: exercises/mine/examples/{NAME}.rs\n");
    assert!(made.code(0).stdout.starts_with(&words), "{made:?}");
    let text = || fs::read_to_string(copy.file()).expect("a file");
    assert_eq!(text(), copy.judges("start.rs"));
    copy.writes("// mine\n");
    let there = copy.run(&["start", NAME]).run();
    let words = format!("your file is exercises/mine/examples/{NAME}.rs\n");
    assert!(there.code(0).stdout.starts_with(&words), "{there:?}");
    assert_eq!(text(), "// mine\n");
    // A check makes it, too; not where it checks another program.
    fs::remove_file(copy.file()).expect("removed");
    let other = copy.run(&["check", NAME, "--command", "true"]).run();
    assert!(!other.stdout.contains("your file"), "{other:?}");
    assert!(!copy.file().exists());
    let check = copy.run(&["check", NAME]).run();
    assert!(check.stdout.starts_with("your file is new: "), "{check:?}");
    assert!(check.stdout.contains("CRASH  1 of "), "{check:?}");
}

#[test]
fn a_file_that_does_not_compile_disturbs_no_other_check() {
    let copy = Copy::new();
    copy.writes(&copy.judges("solution.rs"));
    fs::write(copy.file_of("impatient-client"), "fn main() { no }\n").expect("written");
    copy.run(&["check", NAME]).run().code(0);
}

#[test]
fn work_in_the_old_place_is_taken_over_once_and_nothing_is_lost() {
    let copy = Copy::new();
    let text = |path: &Path| fs::read_to_string(path).expect("a file");
    // As it was handed out it is nobody's work, whatever its head said at that time.
    let handed_out = copy
        .judges("start.rs")
        .replace("-p mine", "-p forever-loop");
    fs::write(copy.old_file(), &handed_out).expect("written");
    let start = copy.run(&["start", NAME]).run();
    assert!(!start.code(0).stdout.contains("has moved"), "{start:?}");
    assert_eq!(text(&copy.file()), copy.judges("start.rs"));
    // Work takes the place of a file that has none.
    let work = "fn main() {} // my old work\n";
    fs::write(copy.old_file(), work).expect("written");
    let check = copy.run(&["check", NAME]).run();
    let words = format!(
        "your file has moved: lessons/{LESSON}/exercises/{NAME}.rs is now \
         exercises/mine/examples/{NAME}.rs\n"
    );
    assert!(check.code(1).stdout.starts_with(&words), "{check:?}");
    assert_eq!(text(&copy.file()), work);
    let again = copy.run(&["check", NAME]).run();
    assert!(!again.stdout.contains("has moved"), "{again:?}");
    // Where there is work in both places, both are kept.
    copy.writes("// my new work\n");
    fs::write(copy.old_file(), work).expect("written");
    let start = copy.run(&["start", NAME]).run();
    assert!(start.code(0).stdout.contains("is kept as"), "{start:?}");
    assert_eq!(text(&copy.file()), work);
    let kept = copy.file().with_extension("rs.bak");
    assert_eq!(text(&kept), "// my new work\n");
}

#[test]
fn an_unknown_exercise_is_exit_code_2_with_the_nearest_name() {
    let (_folder, progress) = no_progress();
    for args in [
        &["check", "half-close-eco"][..],
        &["hint", "half-close-eco"],
        &["reset", "half-close-eco"],
        &["start", "half-close-eco"],
        &["solution", "half-close-eco"],
        &["watch", "half-close-eco"],
    ] {
        let ended = course(&progress, args).run();
        ended
            .code(2)
            .complained("there is no exercise `half-close-eco`");
        assert!(
            ended.stderr.contains("did you mean `half-close-echo`?"),
            "{ended:?}"
        );
    }
    for args in [
        &["hint"][..],
        &["check", NAME, "--seed", "x"],
        &["list", "all"],
    ] {
        course(&progress, args).run().code(2);
    }
}
