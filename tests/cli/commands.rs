//! Every command that the pages, the programs' heads and their `--help` show, typed as it
//! stands. One that had an option too many failed for a day, because each test added one.

use std::collections::BTreeSet;
use std::fs;
use std::sync::Mutex;
use std::thread;
use std::time::{Duration, Instant};

use tests::{Program, kernel, root, until_within};

use crate::{PATIENCE, course};

/// For a program that neither ends nor listens: it measures, or waits for a peer.
const LONG_ENOUGH: Duration = Duration::from_secs(3);

/// Files in which commands stand: the pages and the lessons' programs.
fn files() -> Vec<String> {
    let mut files = vec!["README.md".into(), "CONTRIBUTING.md".into()];
    let mut folders = vec!["docs".to_string(), "lessons".to_string()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(root().join(&folder)).expect("a folder") {
            let entry = entry.expect("an entry");
            let path = format!("{folder}/{}", entry.file_name().display());
            if entry.file_type().expect("its type").is_dir() {
                folders.push(path);
            } else if path.ends_with(".md") || path.ends_with(".rs") {
                files.push(path);
            }
        }
    }
    files
}

/// All commands that begin with `cargo run`, without what stands behind them for a reader.
fn commands() -> BTreeSet<String> {
    let mut commands = BTreeSet::new();
    for file in files() {
        let text = fs::read_to_string(root().join(&file)).expect(&file);
        for line in text.lines() {
            for (at, _) in line.match_indices("cargo run") {
                let quoted = line[..at].ends_with('`');
                let shown = ["", "$ ", "//!     ", "example: "];
                if !quoted && !shown.contains(&&line[..at]) {
                    continue; // in the middle of a sentence, or of a program
                }
                let command = line[at..].split('`').next().unwrap_or_default();
                let behind = ["  ", " #", " >", "\\n"];
                let ends = behind.iter().filter_map(|mark| command.find(mark));
                let end = ends.min().unwrap_or(command.len());
                commands.insert(command[..end].trim_end().to_string());
            }
        }
    }
    commands
}

/// The program and the arguments of `cargo run -p PACKAGE [--bin PROGRAM] [-- ARGUMENT ...]`.
fn program_of(command: &str) -> Option<(String, Vec<String>)> {
    let mut words = shlex::split(command)?.into_iter().skip(2);
    let mut program = None;
    while let Some(word) = words.next() {
        match &*word {
            "-p" | "--bin" => program = words.next(),
            "--release" => {}
            "--" => break,
            _ => return None,
        }
    }
    Some((program?, words.collect()))
}

/// Whether a reader puts something in the place of a word: `URL`, or a program of theirs.
fn has_a_place_for_the_readers(program: &str, arguments: &[String]) -> bool {
    let is_place = |word: &String| word.chars().all(|letter| letter.is_ascii_uppercase());
    program == "mine" || arguments.iter().any(is_place)
}

/// Starts it in a network of its own, without a keyboard, until it has ended, listens, or has
/// run for a while. It may find no peer; but nothing of it may be misunderstood.
fn is_understood(
    command: &str,
    program: &str,
    arguments: &[String],
) -> Result<(), String> {
    let folder = tempfile::tempdir().expect("a folder");
    let program = Program::of(program)
        .args(arguments)
        .env("MAIL_PASSWORD", "x") // the chapters say to set these before
        .env("REMOTE_TOKEN", "x")
        .in_folder(folder.path());
    let mut running = tests::namespace::around(program, "ip link set lo up").start();
    running.close_keyboard();
    let pid = running.pid();
    let started = Instant::now();
    let ended = until_within(LONG_ENOUGH * 4, "a look at it", || {
        let settled =
            !kernel::listening(pid).is_empty() || started.elapsed() > LONG_ENOUGH;
        match running.runs() {
            false => Some(true),
            true if settled => Some(false),
            true => None,
        }
    });
    let (code, stderr) = match ended {
        true => {
            let ended = running.ends();
            (ended.code, ended.stderr)
        }
        false => (None, running.stderr()),
    };
    let failed = code == Some(2) || stderr.contains("panicked");
    if failed {
        return Err(format!("{command}\n  exit code {code:?}: {stderr}"));
    }
    Ok(())
}

#[cfg(target_os = "linux")]
#[test]
fn every_program_understands_the_commands_that_stand_somewhere() {
    if !tests::namespace::allowed() {
        return;
    }
    let found: Vec<_> = commands()
        .into_iter()
        .filter_map(|command| program_of(&command).map(|parts| (command, parts)))
        .filter(|(_, (program, words))| !has_a_place_for_the_readers(program, words))
        .collect();
    assert!(found.len() > 150, "only {}", found.len());
    let (left, failed) = (Mutex::new(found), Mutex::new(Vec::new()));
    thread::scope(|scope| {
        for _ in 0..6 {
            scope.spawn(|| {
                let next = || left.lock().expect("no panic").pop();
                while let Some((command, (program, words))) = next() {
                    let understood = is_understood(&command, &program, &words);
                    failed.lock().expect("no panic").extend(understood.err());
                }
            });
        }
    });
    let failed = failed.into_inner().expect("no panic");
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}

/// The guide's commands are tried where they are tested; here, that there is no other one.
#[test]
fn the_guide_knows_every_command_that_stands_somewhere() {
    let folder = tempfile::tempdir().expect("a folder");
    let progress = folder.path().join("progress");
    let help = course(&progress, &["--help"]).run();
    let list = course(&progress, &["list"]).start();
    let exercises = list.ends_within(PATIENCE).stdout;
    for command in commands() {
        let words = shlex::split(&command).expect("words");
        let [_, _, dashes, name, rest @ ..] = &words[..] else {
            continue; // `cargo run`
        };
        if dashes != "--" || name.starts_with("--") {
            continue;
        }
        let is_known = |line: &str| line.split_whitespace().next() == Some(name);
        assert!(help.stdout.lines().any(is_known), "{command}");
        let takes_exercise = ["check", "hint", "solution", "start", "reset"];
        if let Some(exercise) = rest.first()
            && takes_exercise.contains(&&**name)
            && exercise != "NAME"
            && !exercise.starts_with("--")
        {
            assert!(exercises.contains(&**exercise), "{command}");
        }
    }
}
