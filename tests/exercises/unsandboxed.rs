//! Where there can be no sandbox, or not all of one, programs are judged without, and what
//! they have started ends with the check.

use std::path::Path;

use tests::{Program, namespace, tool, until_within};

use crate::answers;
use crate::hostile::{EXERCISE, processes};

/// The setups of systems that refuse a sandbox: at once; where the program is to lose its
/// rights; and where the checker is to have a list of processes of its own, because a part of
/// the old one is hidden (mount_namespaces(7)).
const REFUSALS: [&str; 3] = [
    "echo 0 > /proc/sys/user/max_user_namespaces",
    "echo 1 > /proc/sys/user/max_user_namespaces",
    "mount -t tmpfs none /proc/tty",
];

/// A check on a system with this setup.
fn check(setup: &str, exercise: &str, command: &str) -> (Program, tempfile::TempDir) {
    let folder = tempfile::tempdir().expect("a folder");
    let progress = folder.path().join("progress").display().to_string();
    let check = Program::of("trainer")
        .args(["check", exercise, "--command", command])
        .env("COURSE_PROGRESS", &progress);
    (namespace::with_files(check, setup), folder)
}

#[test]
fn a_right_answer_passes_where_a_sandbox_is_refused_at_once_or_half_way() {
    if !namespace::allowed() {
        return;
    }
    let solution = answers::solution(EXERCISE);
    for setup in REFUSALS {
        let (check, _folder) = check(setup, EXERCISE, &solution);
        check.run().code(0);
    }
}

#[test]
fn a_check_that_is_stopped_ends_the_program_and_its_children_without_a_sandbox_too() {
    if !namespace::allowed() {
        return;
    }
    let command = "sh -c 'sleep 61.3 & sleep 61.4'";
    let (check, _folder) = check(REFUSALS[0], EXERCISE, command);
    let check = check.start();
    // The shell and the checker have the words in their arguments, too.
    let is_sleep = |line: &String| line.starts_with("sleep 61.");
    let sleeping = || {
        processes("sleep 61.")
            .iter()
            .filter(|line| is_sleep(line))
            .count()
    };
    until_within(tests::WHOLE, "both sleep", || {
        (sleeping() == 2).then_some(())
    });
    check.interrupt();
    check.ends().code(1);
    until_within(tests::ANSWER, "none sleeps", || {
        (sleeping() == 0).then_some(())
    });
}

#[test]
fn a_check_without_a_verdict_says_so_and_what_had_passed() {
    if !namespace::allowed() {
        return;
    }
    // Only without a sandbox it can kill the checker.
    let program = answers::hostile("kills_the_judge");
    let command = format!("'{}'", program.display());
    let (check, _folder) = check(REFUSALS[0], EXERCISE, &command);
    let ended = check.run();
    for words in [
        "\n  CHECKER-ERROR there is no verdict\n",
        "\nchecker    the check could not go on, and says nothing of your program\n",
        "\nCHECKER-ERROR  1 of ",
    ] {
        assert!(ended.code(1).stdout.contains(words), "{words}: {ended:#?}");
    }
    let left = || processes("kills_the_judge").is_empty().then_some(());
    until_within(tests::ANSWER, "the program ends with its judge", left);
}

#[test]
fn a_sandbox_that_cannot_be_made_any_more_is_no_check_and_no_program_runs() {
    let folder = tempfile::tempdir().expect("a folder");
    let mark = folder.path().join("it has run").display().to_string();
    let gone = folder.path().join("gone").display().to_string();
    for sandbox in ["open", "read-only"] {
        // Nothing is hidden, and nothing else is to be seen.
        let places = ["0", "0"];
        let supervisor = ["--supervise-the-check", sandbox, &gone];

        let ended = Program::of("trainer")
            .args(supervisor)
            .args(places)
            .args([EXERCISE, "7", "", "touch", &mark])
            .run();
        assert!(ended.code(1).stdout.starts_with("cannot start the check: "));
        assert!(!Path::new(&mark).exists());
    }
}

/// All of the root's folders but one, as another root.
const WITHOUT_MNT: &str = "mount -t tmpfs none /media
    for path in /*; do
        if [ -L $path ]; then cp -P $path /media
        elif [ -d $path ] && [ $path != /mnt ]; then
            mkdir /media$path
            mount --rbind $path /media$path
        fi
    done
    mkdir /media/old
    cd /media
    pivot_root . old
    umount -l /old
    cd /tmp";

#[test]
fn a_system_without_a_folder_for_mounts_has_a_sandbox_with_names_all_the_same() {
    tool!("pivot_root");
    if !namespace::allowed() || !Path::new("/media").is_dir() {
        return;
    }
    let exercise = exercises::all().find(|one| one.lesson == "02-resolve");
    let exercise = exercise.expect("an exercise").name;
    let solution = answers::solution(exercise);
    let (check, _folder) = check(WITHOUT_MNT, exercise, &solution);
    check.run().code(0);
}

#[test]
fn a_sandbox_is_read_only_where_something_is_mounted_that_the_user_cannot_reach() {
    let folder = tempfile::tempdir().expect("a folder");
    if !namespace::allowed() || !nix::unistd::geteuid().is_root() {
        tests::skip("only root can make a folder of another user");
        return;
    }
    let (ours, theirs) = (folder.path().join("ours"), folder.path().join("theirs"));
    for path in [&ours, &theirs.join("inner")] {
        std::fs::create_dir_all(path).expect("a folder");
    }
    let theirs = theirs.display();
    let setup = format!(
        "mount -t tmpfs none {theirs}/inner; chown 65534 {theirs}; chmod 700 {theirs}\n\
         exec \"$0\" \"$@\""
    );
    let ours = ours.display().to_string();
    let ended = Program::of("trainer")
        .args([
            "--supervise-the-check",
            "read-only",
            &ours,
            "0",
            "0",
            EXERCISE,
            "7",
            "",
            "true",
        ])
        .through("/bin/sh", ["-ec", &setup])
        .through("unshare", ["-m"])
        .start() // its keyboard stays open: the verdict is wanted
        .ends();
    assert!(ended.stdout.contains("failed\tFAIL\t"), "{ended:#?}");
}
