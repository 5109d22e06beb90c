//! `hint`, `solution` and `reset`.

use std::fs;
use std::path::{Path, PathBuf};

use checker::Exercise;
use shared::{Context, Error, Result, println};

use super::{file, named, own_file};
use crate::page::{self, COMMAND, TITLE};
use crate::progress;

/// Shows a hint: the one that helps against what failed last, and each further time one
/// that goes further.
pub fn hint(name: &str) -> Result<()> {
    let exercise = named(name)?;
    let level = progress::read().next_hint(name);
    let count = exercise.hints.len();
    let words = exercise.hints[usize::from(level) - 1];
    let title = format!("{TITLE}{name}, hint {level} of {count}{TITLE:#}\n");
    page::show(&(title + &page::wrapped(words, 2)));
    if usize::from(level) < count {
        page::show(&format!(
            "  One that goes further: {COMMAND}the same again{COMMAND:#}\n"
        ));
    } else if own_file(exercise, "solution.rs").is_file() {
        let more = format!("{COMMAND}cargo run -- solution {name} --peek{COMMAND:#}");
        page::show(&format!("  All that is left: {more}\n"));
    }
    progress::note(name, &format!("{} {level}", progress::HINTED))
}

/// Shows a solution, to those who have passed or want to peek.
pub fn solution(name: &str, peek: bool) -> Result<()> {
    let exercise = named(name)?;
    let text = fs::read_to_string(own_file(exercise, "solution.rs"));
    let text = text.map_err(|_| {
        absent(exercise, "solution").hint("a handout comes without; ask your teacher")
    })?;
    if !peek && !progress::read().has_passed(name) {
        let what = format!("`{name}` has not passed yet");
        let hint =
            format!("`cargo run -- hint {name}` helps; --peek shows it all the same");
        return Err(Error::new(what).hint(hint));
    }
    page::show(&text);
    Ok(())
}

/// Puts the stub back, and keeps the learner's file beside it.
pub fn reset(name: &str) -> Result<()> {
    let exercise = named(name)?;
    let file = file(exercise);
    let start = own_file(exercise, "start.rs");
    let stub = fs::read(&start).context(format!("cannot read {}", start.display()))?;
    let shown = |path: &PathBuf| page::relative(path);
    if let Ok(own) = fs::read(&file) {
        if own == stub {
            println!("{} is as it was at the beginning", shown(&file));
            return Ok(());
        }
        let backup = free_name(&file);
        fs::rename(&file, &backup).context(format!("cannot keep {}", file.display()))?;
        println!("your file is kept as {}", shown(&backup));
    }
    fs::write(&file, stub).context(format!("cannot write {}", file.display()))?;
    println!("{} is as it was at the beginning", shown(&file));
    Ok(())
}

/// `NAME.rs.bak`, `NAME.rs.bak2` …: the first that is not there.
fn free_name(file: &Path) -> PathBuf {
    let name = |count: usize| match count {
        1 => file.with_extension("rs.bak"),
        _ => file.with_extension(format!("rs.bak{count}")),
    };
    let mut names = (1..).map(name);
    names.find(|path| !path.exists()).unwrap_or_else(|| name(1))
}

fn absent(exercise: &Exercise, what: &str) -> Error {
    Error::new(format!(
        "this copy of the course has no {what} of `{}`",
        exercise.name
    ))
}
