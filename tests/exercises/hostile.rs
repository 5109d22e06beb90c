//! Programs that mean harm: each is contained, nothing of it is left after a second, and
//! the next check is unharmed. All of this needs a sandbox; without namespaces there is none.

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use tests::{Ended, Program, namespace, until_within};

use crate::answers;

pub const EXERCISE: &str = "half-close-echo";

fn check(command: &str) -> Ended {
    let folder = tempfile::tempdir().expect("a folder");
    let progress = folder.path().join("progress").display().to_string();
    Program::of("trainer")
        .args(["check", EXERCISE, "--command", command])
        .env("COURSE_PROGRESS", &progress)
        .run()
}

/// The processes whose command line holds `text`, this test's own aside.
pub fn processes(text: &str) -> Vec<String> {
    let entries = fs::read_dir("/proc").expect("/proc").flatten();
    entries
        .filter_map(|entry| {
            let line = fs::read(entry.path().join("cmdline")).ok()?;
            let line = String::from_utf8_lossy(&line).replace('\0', " ");
            let is_own =
                entry.file_name().to_string_lossy() == std::process::id().to_string();
            (line.contains(text) && !is_own).then_some(line)
        })
        .collect()
}

/// Checks a hostile program: it is rejected, nothing of it stays, and the next check
/// passes. What the checker said. `traces` is in the command lines of what it starts; none:
/// its own name is.
fn contained(name: &str, traces: Option<&str>) -> Option<String> {
    if !namespace::allowed() {
        return None;
    }
    let program = answers::hostile(name);
    let ended = check(&format!("'{}'", program.display()));
    ended.code(1);
    let own = program.display().to_string();
    until_within(Duration::from_secs(1), "nothing of it is left", || {
        processes(traces.unwrap_or(&own)).is_empty().then_some(())
    });
    let left: Vec<PathBuf> = fs::read_dir(std::env::temp_dir())
        .expect("the temporary folder")
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.join("big0").exists())
        .collect();
    assert!(left.is_empty(), "{left:?}");
    check(&answers::solution(EXERCISE)).code(0);
    Some(ended.stdout)
}

#[test]
fn a_child_in_a_session_of_its_own_ends_with_the_check() {
    contained("setsid_child", Some("61.7"));
}

#[test]
fn a_fork_bomb_is_stopped_and_told() {
    if let Some(words) = contained("fork_bomb", None) {
        assert!(words.contains("it started more than"), "{words}");
    }
}

#[test]
fn memory_is_counted_for_all_processes_together() {
    if let Some(words) = contained("eats_memory", None) {
        assert!(words.contains("it used more than 1024 MiB"), "{words}");
    }
}

#[test]
fn threads_are_counted_for_all_processes_together() {
    if let Some(words) = contained("many_threads", None) {
        assert!(
            words.contains("it started more than 1000 threads"),
            "{words}"
        );
    }
}

#[test]
fn orphans_that_have_ended_are_no_crowd() {
    if let Some(words) = contained("leaves_orphans", None) {
        assert!(words.contains("150 orphans, 0 are left"), "{words}");
        assert!(words.contains("  TIMEOUT "), "{words}");
    }
}

#[test]
fn a_gib_of_output_costs_no_memory_and_is_no_pass() {
    contained("much_output", None);
}

#[test]
fn the_solution_cannot_be_read() {
    if let Some(words) = contained("reads_the_solution", None) {
        assert!(words.contains("found: false"), "{words}");
        assert!(words.contains("git: 0"), "{words}");
    }
}

#[test]
fn a_listener_on_another_port_is_seen() {
    if let Some(words) = contained("another_port", None) {
        assert!(words.contains("it listens on 127.0.0.1:7007"), "{words}");
    }
}

#[test]
fn nothing_outside_is_reached() {
    if let Some(words) = contained("connects_outside", None) {
        assert!(words.contains("not reached: Network is unrea"), "{words}");
    }
}

#[test]
fn a_program_that_never_ends_is_ended() {
    if let Some(words) = contained("never_ends", None) {
        assert!(words.contains("  TIMEOUT "), "{words}");
    }
}

#[test]
fn a_program_that_ignores_sigterm_is_ended() {
    if let Some(words) = contained("ignores_sigterm", None) {
        assert!(words.contains("  TIMEOUT "), "{words}");
    }
}

#[test]
fn a_printed_verdict_is_no_verdict() {
    if let Some(words) = contained("prints_a_verdict", None) {
        assert!(words.contains("  FAIL "), "{words}");
    }
}

#[test]
fn the_disk_is_not_filled() {
    if let Some(words) = contained("fills_the_disk", None) {
        let wrote = words.split("wrote ").nth(1).unwrap_or_default();
        let wrote: u32 = wrote
            .split(' ')
            .next()
            .unwrap_or_default()
            .parse()
            .expect(&words);
        assert!((1..=64).contains(&wrote), "{words}");
    }
}

#[test]
fn the_judge_cannot_be_killed_from_within() {
    if let Some(words) = contained("kills_everybody", None) {
        assert!(
            words.contains("  CRASH ") || words.contains("  TIMEOUT "),
            "{words}"
        );
    }
}
