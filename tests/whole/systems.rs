//! Where the course differs from system to system (`tests/systems.md`), written from the
//! code: `SYSTEMS=write cargo test -p tests --test whole systems`.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::{Path, PathBuf};

use similar::TextDiff;

use crate::rooms::all_in;
use crate::{numbered_in, programs, read};

const HEAD: &str = "# Places that differ from system to system

Every file of the course with a `cfg` in it, its conditions, and what covers each side. On Linux that is a
test target: `cargo test -p tests --test NAME`. `.ci/platforms` builds all of it for Windows and type-checks it
for macOS and FreeBSD, warnings denied; *Wine* names the program whose trials it runs there. The table is
written from the code: `SYSTEMS=write cargo test -p tests --test whole systems`.

| File | Conditions | Linux | Wine |
|---|---|---|---|
";

#[test]
fn the_table_of_systems_is_written_from_the_code() {
    let mut page = HEAD.to_string();
    for file in files() {
        let conditions = conditions(&read(&file));
        if conditions.is_empty() {
            continue;
        }
        let conditions: Vec<_> = conditions
            .into_iter()
            .map(|(condition, count)| format!("`{condition}` × {count}"))
            .collect();
        let (target, wine) = (target(&file), tried_under_wine(&file));
        writeln!(
            page,
            "| `{}` | {} | `{target}` | {wine} |",
            file.display(),
            conditions.join(", ")
        )
        .expect("a string");
        let exists =
            target == "-p shared" || tests::root().join("tests").join(&target).exists();
        assert!(
            exists,
            "{}: there is no test target {target}",
            file.display()
        );
    }
    let file = tests::root().join("tests/systems.md");
    if std::env::var("SYSTEMS").is_ok_and(|value| value == "write") {
        std::fs::write(&file, &page).expect("a page");
    }
    let was = std::fs::read_to_string(&file).unwrap_or_default();
    assert!(
        was == page,
        "systems.md is not what the code says (SYSTEMS=write writes it anew)\n{}",
        TextDiff::from_lines(&was, &page)
            .unified_diff()
            .context_radius(0)
    );
}

/// The Rust files of what learners run: lessons, `shared` and the guide.
fn files() -> Vec<PathBuf> {
    let own = |file: PathBuf| file.strip_prefix(tests::root()).map(Path::to_path_buf);
    let mut files: Vec<_> = ["lessons", "shared", "course"]
        .iter()
        .flat_map(|room| all_in(&tests::root().join(room)))
        .filter(|file| file.extension().is_some_and(|end| end == "rs"))
        .map(|file| own(file).expect("it is in there"))
        .collect();
    files.sort();
    files
}

/// The conditions of a file, and how often each stands there. Tests of the file itself are
/// left out.
fn conditions(text: &str) -> BTreeMap<String, usize> {
    let code = text.split("#[cfg(test)]").next().unwrap_or_default();
    let mut found = BTreeMap::new();
    for start in ["#[cfg(", "cfg!(", "#[cfg_attr("] {
        for (_, rest) in code.match_indices(start).map(|(at, _)| code.split_at(at)) {
            let rest = &rest[start.len()..];
            let end = match start {
                "#[cfg(" => rest.find(")]"),
                // As far as the last bracket that closes one of its own.
                "cfg!(" => rest
                    .find(')')
                    .map(|end| end + usize::from(rest[..end].contains('('))),
                _ => rest.find(", "),
            };
            let condition = rest[..end.expect("an end")].replace('\n', " ");
            let condition = condition.split_whitespace().collect::<Vec<_>>().join(" ");
            if !condition.contains("test") && condition != "debug_assertions" {
                *found.entry(condition).or_default() += 1;
            }
        }
    }
    found
}

/// The test target that runs this file on Linux.
fn target(file: &Path) -> String {
    let mut parts = file.iter().map(|part| part.to_string_lossy().into_owned());
    let (room, folder) = (parts.next(), parts.next().unwrap_or_default());
    match (room.as_deref(), folder.as_str()) {
        (Some("lessons"), lesson) => lesson.to_string(),
        (Some("shared"), _) => "-p shared".to_string(),
        (_, "checker") => "exercises".to_string(),
        (_, "trace") => "trace".to_string(),
        _ => "cli".to_string(),
    }
}

/// The program of this file that `.ci/platforms` tries under Wine.
fn tried_under_wine(file: &Path) -> String {
    if file.starts_with("shared") {
        return "every program".to_string();
    }
    let table = read("tests/platforms.md");
    let all = numbered_in("lessons")
        .into_iter()
        .flat_map(|lesson| programs(&lesson));
    let own = all.into_iter().find(|(_, of)| of == file);
    match own {
        Some((name, _)) if table.contains(&format!("| `{name}` | compiles")) => {
            format!("`{name}`")
        }
        Some((name, _)) if table.contains(&format!("`{name}`")) => {
            "it says where it runs".to_string()
        }
        _ => "–".to_string(),
    }
}
