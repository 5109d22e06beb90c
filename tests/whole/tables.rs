//! The tables of faults (`tests/faults.md`) and facts (`tests/facts.md`): every cell is a
//! test that exists, and every such test is in its table.

use std::collections::BTreeSet;

use crate::{names_in, numbered_in, programs, read};

/// The rows of a Markdown table, without its head: each a list of trimmed cells.
fn rows(text: &str) -> Vec<Vec<String>> {
    let rows = text.lines().filter(|line| line.starts_with('|'));
    rows.skip(2)
        .map(|row| {
            let cells = row.trim_matches('|').split('|');
            cells.map(|cell| cell.trim().to_string()).collect()
        })
        .collect()
}

/// The names of the functions behind `#[test]` in a Rust file, with the module in front
/// where the file has modules of its own: `connect::a_wrong_argument_is_told`.
fn tests_in(text: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut module = String::new();
    let mut is_test = false;
    for line in text.lines() {
        let code = line.trim_start();
        if let Some(name) = line.strip_prefix("mod ")
            && let Some((name, _)) = name.split_once(" {")
        {
            module = format!("{name}::");
        } else if code.starts_with("#[test]") {
            is_test = true;
        } else if is_test && let Some(name) = code.strip_prefix("fn ") {
            let name = name.split('(').next().unwrap_or_default();
            found.insert(format!("{module}{name}"));
            is_test = false;
        }
    }
    found
}

#[test]
fn the_table_of_faults_names_every_test_and_every_program() {
    let table = read("tests/faults.md");
    let mut told = BTreeSet::new();
    for row in rows(&table) {
        let [fault, _, tested, why_not] = &row[..] else {
            panic!("four cells: {row:?}");
        };
        assert!(!why_not.is_empty(), "{fault}: why not the others?");
        for program in tested.split(", ").filter(|program| !program.is_empty()) {
            let program = program.replace('-', "_");
            let fault = fault.trim_matches('`');
            assert!(told.insert(format!("{program}::{fault}")), "twice: {row:?}");
        }
    }
    let mut there = BTreeSet::new();
    for lesson in numbered_in("lessons") {
        let tests = tests_in(&read(format!("tests/{lesson}/faults.rs")));
        for (program, _) in programs(&lesson) {
            let module = format!("{}::", program.replace('-', "_"));
            assert!(
                tests.iter().any(|test| test.starts_with(&module)),
                "{program} is in no test of {lesson}/faults.rs"
            );
        }
        there.extend(tests);
    }
    let untold: Vec<_> = there.difference(&told).collect();
    assert!(untold.is_empty(), "not in the table: {untold:#?}");
    let missing: Vec<_> = told.difference(&there).collect();
    assert!(missing.is_empty(), "no such test: {missing:#?}");
}

#[test]
fn the_table_of_facts_names_tests_that_exist() {
    let rows = rows(&read("tests/facts.md"));
    assert!(rows.len() >= 20, "only {} facts", rows.len());
    for row in rows {
        let [claim, _, places] = &row[..] else {
            panic!("three cells: {row:?}");
        };
        for place in places.split(", ") {
            let place = place.trim_matches('`');
            let (room, test) = place.split_once(' ').expect("ROOM TEST");
            let there = names_in(format!("tests/{room}"))
                .iter()
                .filter(|name| name.ends_with(".rs"))
                .any(|name| {
                    tests_in(&read(format!("tests/{room}/{name}"))).contains(test)
                });
            assert!(there, "{claim}: there is no test {place}");
        }
    }
}
