//! The table of facts (`tests/facts.md`), written from the comments of the tests that show
//! them: `FACTS=write cargo test -p tests --test whole facts`.
//!
//! ```text
//! /// Claim: A buffer has the size that you asked for.
//! /// Truth: Linux doubles it, … (socket(7), tcp(7)).
//! #[test]
//! fn a_buffer_is_doubled_and_has_a_least_and_a_largest_size() {
//! ```
//!
//! A claim has one truth, at its first test; another test of it repeats the claim alone.

use std::fmt::Write;

use similar::TextDiff;

use crate::{names_in, read};

const HEAD: &str = "# Claims, truths, tests

What socket tutorials often get wrong, and the course says right. The truth is shown on real
sockets by the tests in the last cell: `cargo test -p tests --test ROOM NAME`. Truths about
other systems than Linux come from their documentation, and are not tested here. The table is
written from the comments of these tests: `FACTS=write cargo test -p tests --test whole facts`.

| Common claim | Truth | Test: room and name |
|---|---|---|
";

struct Fact {
    claim: String,
    truth: Option<String>,
    test: String,
}

/// The facts in the comments of a file's functions, in their order.
fn facts_in(room: &str, text: &str) -> Vec<Fact> {
    let mut found = Vec::new();
    let mut module = String::new();
    let (mut claim, mut truth): (Option<String>, Option<String>) = (None, None);
    let mut is_test = room == "faults";
    for line in text.lines() {
        let code = line.trim_start();
        if let Some(words) = code.strip_prefix("/// Claim: ") {
            claim = Some(words.to_string());
        } else if let Some(words) = code.strip_prefix("/// Truth: ") {
            truth = Some(words.to_string());
        } else if let Some(words) = code.strip_prefix("/// ") {
            if let Some(last) = truth.as_mut().or(claim.as_mut()) {
                *last += " ";
                *last += words;
            }
        } else if code == "#[test]" {
            is_test = true;
        } else if let Some(name) = code.strip_prefix("fn ") {
            let name = name.split('(').next().unwrap_or_default();
            assert!(claim.is_none() || is_test, "{room}: {name} is no test");
            is_test = room == "faults";
            if let Some(claim) = claim.take() {
                found.push(Fact {
                    claim: claim.trim_end_matches('.').to_string(),
                    truth: truth
                        .take()
                        .map(|truth| truth.trim_end_matches('.').to_string()),
                    test: format!("{room} {module}{name}"),
                });
            }
        } else if let Some(name) = line.strip_prefix("mod ")
            && let Some((name, _)) = name.split_once(" {")
        {
            module = format!("{name}::");
        }
    }
    found
}

#[test]
fn the_table_of_facts_is_written_from_the_tests() {
    let mut facts = Vec::new();
    for room in names_in("tests") {
        // What is own to a program in the table of faults is named after its trial.
        let folder = match room.as_str() {
            "faults" => "tests/faults/lessons".to_string(),
            room => format!("tests/{room}"),
        };
        for name in names_in(&folder) {
            if name.ends_with(".rs") && name != "tables.rs" {
                facts.extend(facts_in(&room, &read(format!("{folder}/{name}"))));
            }
        }
    }
    let mut page = HEAD.to_string();
    for fact in &facts {
        let Some(truth) = &fact.truth else {
            continue;
        };
        let of_claim = facts.iter().filter(|other| other.claim == fact.claim);
        let truths = of_claim.clone().filter(|other| other.truth.is_some());
        assert_eq!(truths.count(), 1, "one claim, one truth: {}", fact.claim);
        let tests: Vec<_> = of_claim.map(|fact| format!("`{}`", fact.test)).collect();
        let tests = tests.join(", ");
        writeln!(page, "| {} | {truth} | {tests} |", fact.claim).expect("a string");
    }
    for fact in facts.iter().filter(|fact| fact.truth.is_none()) {
        let has_truth = page.contains(&format!("| {} | ", fact.claim));
        assert!(has_truth, "{}: no truth for {:?}", fact.test, fact.claim);
    }
    let file = tests::root().join("tests/facts.md");
    if std::env::var("FACTS").is_ok_and(|value| value == "write") {
        std::fs::write(&file, &page).expect("a page");
    }
    let was = read("tests/facts.md");
    assert!(
        was == page,
        "facts.md is not what the tests say (FACTS=write writes it anew)\n{}",
        TextDiff::from_lines(&was, &page)
            .unified_diff()
            .context_radius(0)
    );
}
