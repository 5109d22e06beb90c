//! `tests/faults.md`, written from the table: `FAULTS=write cargo test -p tests --test faults`.

use std::fmt::Write;
use std::{env, fs};

use similar::TextDiff;

use crate::list::FAULTS;
use crate::own_files;
use crate::row::Row;

const HEAD: &str = "# Programs × faults

What every program of the lessons survives. Each cell is a trial of `tests/faults`, where
this page is written from (`FAULTS=write cargo test -p tests --test faults`).
`cargo test -p tests a_closed_output` runs a row of it, `cargo test -p tests forever-loop` all
that one program is tried for. A *control* has the fault: the same trial fails on it. Where none
can have it, the reason stands in its place. *Home* is the lesson that teaches the fault.

| Trial | Fault | Right | Home | Programs | Controls | Not applicable |
|---|---|---|---|---|---|---|
";

/// Compares the page with the table, or writes it.
pub fn compare(rows: &[Row]) {
    let file = tests::root().join("tests/faults.md");
    let is = page(rows);
    if env::var("FAULTS").is_ok_and(|value| value == "write") {
        fs::write(&file, &is).expect("a page");
    }
    let was = fs::read_to_string(&file).unwrap_or_default();
    assert!(
        was == is,
        "the page is not the table's (FAULTS=write writes it anew)\n{}",
        TextDiff::from_lines(&was, &is)
            .unified_diff()
            .context_radius(0)
            .header("tests/faults.md", "the table")
    );
}

fn page(rows: &[Row]) -> String {
    let mut page = HEAD.to_string();
    let own = own_files::cells();
    let mut count = 0;
    for fault in FAULTS {
        let mut programs: Vec<String> = Vec::new();
        let elsewhere = own.get(fault.name).cloned().unwrap_or_default();
        let mut controls: Vec<String> = Vec::new();
        let mut not: Vec<(&str, Vec<String>)> = Vec::new();
        for row in rows {
            if fault.check(row).is_some() && !elsewhere.contains(&row.name.to_string()) {
                programs.push(row.name.to_string());
            }
            let shown = row.steps.iter().filter(|step| step.fault == fault.name);
            let shown = shown.filter(|step| step.fails.is_some());
            controls.extend(shown.map(|step| step.program.to_string()));
            if let Some((_, why)) = row.not.iter().find(|(name, _)| *name == fault.name) {
                match not.iter_mut().find(|(reason, _)| reason == why) {
                    Some((_, programs)) => programs.push(row.label()),
                    None => not.push((why, vec![row.label()])),
                }
            }
        }
        if let Some((whom, why)) = fault.no_control {
            controls.push(format!("none for {}: {why}", whom.name()));
        }
        programs.extend(elsewhere);
        programs.dedup(); // the designs of one program
        count += programs.len();
        let mut reasons: Vec<String> = not
            .iter()
            .map(|(reason, programs)| format!("{}: {reason}", programs.join(", ")))
            .collect();
        if !fault.others.is_empty() {
            reasons.push(format!("others: {}", fault.others));
        }
        writeln!(
            page,
            "| `{}` | {} | {} | {} | {} | {} | {} |",
            fault.name,
            fault.what,
            fault.right,
            fault.home,
            programs.join(", "),
            controls.join(", "),
            reasons.join("; ")
        )
        .expect("a string");
    }
    let known = |name: &&String| !FAULTS.iter().any(|fault| fault.name == name.as_str());
    let unknown: Vec<_> = own.keys().filter(known).collect();
    assert!(unknown.is_empty(), "not in the list of faults: {unknown:?}");
    writeln!(page, "\n{count} programs × faults.").expect("a string");
    page
}
