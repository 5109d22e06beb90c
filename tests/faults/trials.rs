//! The trials that the table makes, and what must be true of the table itself.

use std::cell::RefCell;
use std::fs;
use std::panic::{self, AssertUnwindSafe};
use std::thread;

use libtest_mimic::{Failed, Trial};

use crate::list::{Check, FAULTS, Whom};
use crate::row::{Row, Step};
use crate::{lessons, markdown, own_files, windows};

/// A trial for each program and fault, for each step, and for the tables in Markdown.
pub fn all() -> Vec<Trial> {
    keep_words_of_panics();
    let rows = lessons::rows();
    assert_well_formed(&rows);
    if tests::windows_programs().is_some() {
        return windows::trials(&rows);
    }
    let mut trials = Vec::new();
    let own = own_files::cells();
    for fault in FAULTS {
        for row in &rows {
            let programs = own.get(fault.name);
            let is_elsewhere =
                programs.is_some_and(|all| all.iter().any(|one| one == row.name));
            if is_elsewhere {
                assert!(row.own.iter().all(|(own, _)| *own != fault.name), "twice");
            } else if let Some(check) = fault.check(row) {
                let name = format!("{}::{}", fault.name, row.label());
                let row = row.clone();
                trials.push(trial(&name, move || check(&row)));
            }
            for step in row.steps.iter().filter(|step| step.fault == fault.name) {
                let check = fault.check(row).expect("a fault that the row is tried for");
                trials.push(of_step(step, row.of_step(step.program), check));
            }
        }
    }
    type OfAll = fn(&[Row]);
    let of_all: [(&str, OfAll); 4] = [
        ("the_table_is_written_from_the_code", markdown::compare),
        (
            "the_table_of_windows_is_written_from_the_code",
            windows::compare,
        ),
        ("every_program_has_a_row", every_program_has_a_row),
        ("every_fault_has_a_control", every_fault_has_a_control),
    ];
    for (name, check) in of_all {
        let rows = rows.clone();
        trials.push(trial(name, move || check(&rows)));
    }
    trials
}

/// A trial that fails with the words of the panic.
pub fn trial(name: &str, check: impl FnOnce() + Send + 'static) -> Trial {
    let thread = name.to_string();
    Trial::test(name, move || {
        words_of_failure(&thread, check).map_or(Ok(()), |words| Err(words.into()))
    })
}

/// The step fails with the words that name its fault, or is cured of it.
fn of_step(step: &Step, row: Row, check: Check) -> Trial {
    let Some(expected) = step.fails else {
        let name = format!("{}::cured-in-{}", step.fault, step.program);
        return trial(&name, move || check(&row));
    };
    let name = format!("{}::shown-by-{}", step.fault, step.program);
    let thread = name.clone();
    Trial::test(name, move || {
        match words_of_failure(&thread, move || check(&row)) {
            None => Err("it does not have the fault that it is written to show".into()),
            Some(words) if expected.split(" | ").any(|one| words.contains(one)) => Ok(()),
            Some(words) => Err(Failed::from(format!(
                "it fails, but not with {expected:?}:\n{words}"
            ))),
        }
    })
}

thread_local! {
    /// What the last panic of this thread has said, and where.
    static WORDS: RefCell<String> = const { RefCell::new(String::new()) };
}

/// A control is to panic, and nobody wants to read it: a panic's words are kept, and shown
/// only where they are a trial's failure.
fn keep_words_of_panics() {
    panic::set_hook(Box::new(|panic| {
        WORDS.with(|words| *words.borrow_mut() = panic.to_string());
    }));
}

/// What the check says when it fails. It runs in a thread with the trial's name.
fn words_of_failure(
    trial: &str,
    check: impl FnOnce() + Send + 'static,
) -> Option<String> {
    let thread = thread::Builder::new().name(trial.to_string());
    let thread = thread.spawn(|| {
        let outcome = panic::catch_unwind(AssertUnwindSafe(check));
        let words = || WORDS.take() + &tests::take_evidence();
        outcome.is_err().then(words)
    });
    thread.expect("a thread").join().expect("a caught panic")
}

/// Every name is one of the list's, every reason is needed, and no two faults of a program
/// are one test.
fn assert_well_formed(rows: &[Row]) {
    for row in rows {
        let name = row.label();
        let named = |name: &str| FAULTS.iter().find(|fault| fault.name == name);
        for (fault, reason) in &row.not {
            let fault =
                named(fault).unwrap_or_else(|| panic!("{name}: no fault {fault}"));
            let applies = fault.of_its_kind(row).is_some();
            assert!(applies, "{name} is not tried for {} anyway", fault.name);
            assert!(!reason.is_empty(), "{name}: why not {}?", fault.name);
        }
        for (index, (fault, check)) in row.own.iter().enumerate() {
            assert!(named(fault).is_some(), "{name}: no fault {fault}");
            let others = &row.own[..index];
            let same = others
                .iter()
                .find(|(_, other)| std::ptr::fn_addr_eq(*other, *check));
            assert!(same.is_none(), "{name}: one test for {fault} and {same:?}");
        }
        for step in &row.steps {
            let fault = named(step.fault);
            assert!(fault.is_some(), "{name}: no fault {}", step.fault);
            assert!(
                step.fails.is_none_or(|words| !words.is_empty()),
                "{name}: words"
            );
        }
    }
}

/// Each function of a fault is seen to find it: a step or a control has the fault, and the
/// trial fails there. Or the list says why no program can have it.
fn every_fault_has_a_control(rows: &[Row]) {
    let mut without = Vec::new();
    for fault in FAULTS {
        let is_shown = |step: &Step| step.fault == fault.name && step.fails.is_some();
        let shown: Vec<_> = rows
            .iter()
            .filter(|row| row.steps.iter().any(is_shown))
            .collect();
        if shown.is_empty() {
            without.push(fault.name.to_string());
        }
        for whom in Whom::EACH {
            let is_of_it = |row: &Row| fault.function_for(row) == Some(whom);
            let has_reason = fault.no_control.is_some_and(|(one, _)| one == whom);
            let has_control = shown.iter().any(|row| is_of_it(row));
            if rows.iter().any(is_of_it) && has_control == has_reason {
                without.push(format!("{} for {}", fault.name, whom.name()));
            }
        }
    }
    assert!(
        without.is_empty(),
        "neither a control nor a reason: {without:#?}"
    );
}

/// Every program of the lessons has a row: `src/main.rs` has the package's name, each file in
/// `src/bin/` its own. Steps (`NAME-1`) are in the row of their program.
fn every_program_has_a_row(rows: &[Row]) {
    let own_files: Vec<String> = own_files::cells().into_values().flatten().collect();
    let lessons = tests::root().join("lessons");
    let mut without = Vec::new();
    for lesson in fs::read_dir(lessons).expect("lessons/") {
        let lesson = lesson.expect("an entry").path();
        for folder in [lesson.clone(), lesson.join("with-library")] {
            let Ok(manifest) = fs::read_to_string(folder.join("Cargo.toml")) else {
                continue; // a lesson without such a package
            };
            let mut fields = manifest
                .lines()
                .flat_map(|line| line.strip_prefix("name = "));
            let package = fields.next().expect("a name").trim_matches('"');
            let mut programs = vec![package.to_string()];
            for file in fs::read_dir(folder.join("src/bin")).into_iter().flatten() {
                let file = file.expect("an entry").file_name();
                let name = file.to_string_lossy().into_owned();
                programs.push(name.trim_end_matches(".rs").to_string());
            }
            programs.retain(|name| {
                let is_step = name.ends_with(|sign: char| sign.is_ascii_digit());
                !is_step
                    && !rows.iter().any(|row| row.name == *name)
                    && !own_files.contains(name)
            });
            without.extend(programs);
        }
    }
    assert!(without.is_empty(), "programs without a row: {without:?}");
}
