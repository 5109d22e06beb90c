//! The table of facts (`tests/facts.md`): every cell is a test that exists.

use std::collections::BTreeSet;

use crate::{names_in, read};

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
