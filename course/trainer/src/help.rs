//! `hint` and `solution`.

use std::fs;

use shared::{Error, Result};

use crate::choice::{named, own_file};
use course::page::{self, COMMAND, TITLE};
use course::progress;

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
        let name = exercise.name;
        Error::new(format!(
            "this copy of the course has no solution of `{name}`"
        ))
        .hint("a handout comes without; ask your teacher")
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
