//! The steps of a lesson: a ladder of complete programs, `NAME-1`, `NAME-2` …, the last of
//! which is `NAME` itself.
//!
//!     cargo run -- run 06             lists the steps, and runs the last
//!     cargo run -- run 06.2           runs step 2
//!     cargo run -- run 06 --diff 2    shows what step 2 changes in step 1

use std::collections::BTreeSet;
use std::fmt::Write;
use std::fs;
use std::path::PathBuf;

use anstyle::Style;
use shared::{Context, Error, Result};

use course::page::{BAD, COMMAND, GOOD, NOTE, TITLE, wrapped};
use course::workspace::{self, Lesson};

/// A program of a ladder. The program without a number is the last one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    pub number: usize,
    /// `forever-loop-1`, or `forever-loop`.
    pub program: String,
    pub file: PathBuf,
}

/// The ladder of a program, the program itself the last; one step where it has no others.
pub fn ladder(lesson: &Lesson, program: &str) -> Vec<Step> {
    let steps = lesson.steps.iter();
    let steps = steps.filter(|(name, of)| of == program && name != of);
    let names = steps.map(|(name, _)| name.as_str()).chain([program]);
    let step = |(number, name): (usize, &str)| Step {
        number: number + 1,
        program: name.to_string(),
        file: lesson.file(name),
    };
    names.enumerate().map(step).collect()
}

/// The step with this number.
///
/// # Errors
/// Exit code 2, with the numbers that there are.
pub fn step(lesson: &Lesson, program: &str, number: &str) -> Result<Step> {
    let steps = ladder(lesson, program);
    let found = steps.iter().find(|one| number.parse() == Ok(one.number));
    found.cloned().ok_or_else(|| {
        let error = Error::usage(format!("{program} has no step `{number}`"));
        let others = others(lesson, program);
        match steps.len() {
            1 if !others.is_empty() => error.hint(format!("these have steps: {others}")),
            1 => error.hint(format!("it is one program: `cargo run -- run {program}`")),
            last => error.hint(format!(
                "its steps are 1 to {last}; `cargo run -- run {program}` lists them"
            )),
        }
    })
}

/// How to list the other ladders of a lesson, for who asks for the lesson: some have several.
fn others(lesson: &Lesson, program: &str) -> String {
    if program != lesson.name {
        return String::new();
    }
    let steps = lesson.steps.iter().filter(|(name, of)| name != of);
    let programs: BTreeSet<_> = steps.map(|(_, of)| of).collect();
    let others = programs.into_iter().filter(|of| *of != program);
    let commands: Vec<_> = others.map(|of| format!("`run {of}`")).collect();
    commands.join(", ")
}

/// The list of a program's steps, and where the lesson's others are; nothing where there
/// are none.
pub fn list(lesson: &Lesson, program: &str) -> Result<String> {
    let mut text = String::new();
    if ladder(lesson, program).len() > 1 {
        text = ladder_list(lesson, program)?;
    }
    let others = others(lesson, program);
    if !others.is_empty() {
        text.push_str(&wrapped(&format!("Steps of other programs: {others}"), 0));
    }
    if !text.is_empty() {
        text.push('\n');
    }
    Ok(text)
}

fn ladder_list(lesson: &Lesson, program: &str) -> Result<String> {
    let steps = ladder(lesson, program);
    let mut text = String::new();
    let word = match program == lesson.name {
        true => &lesson.number,
        false => program,
    };
    let title = format!("{TITLE}The steps of {program}{TITLE:#}");
    writeln!(text, "{title} (changes: `run {word} --diff 2`)").expect("a string");
    for step in &steps {
        let source = read(step)?;
        let (number, lines) = (step.number, source.lines().count());
        let run = match number == steps.len() {
            true => format!("run {word}"),
            false => format!("run {word}.{number}"),
        };
        let run = format!("{COMMAND}cargo run -- {run}{COMMAND:#}");
        writeln!(text, "{number:>3}  {lines:>3} lines  {run}").expect("a string");
        text.push_str(&wrapped(&title_of(&source), 5));
    }
    Ok(text)
}

/// What a step changes in the one before, as a page: the same difference that the book
/// shows, which a test makes from the two files.
///
/// # Errors
/// Exit code 2 for a number that is no step, and for the first, which changes nothing.
pub fn diff(lesson: &Lesson, program: &str, number: &str) -> Result<String> {
    let new = step(lesson, program, number)?;
    if new.number == 1 {
        let what = format!("step 1 of {program} has no step before it");
        return Err(Error::usage(what).hint(format!(
            "its program is {}",
            course::page::relative(&new.file)
        )));
    }
    let old = step(lesson, program, &(new.number - 1).to_string())?;
    let folder = workspace::root().join("lessons").join(&lesson.folder);
    let file = folder.join("diffs").join(format!("{}.diff", new.program));
    let difference =
        fs::read_to_string(&file).context(format!("cannot read {}", file.display()))?;
    let mut page = format!(
        "{TITLE}{} changes {}:{TITLE:#} {}\n",
        new.program,
        old.program,
        title_of(&read(&new)?)
    );
    page.push_str(&coloured(&difference));
    Ok(page)
}

/// A unified diff: what went, what came, and where.
fn coloured(difference: &str) -> String {
    let mut page = String::new();
    for line in difference.lines() {
        let style = match line.as_bytes().first() {
            Some(b'-') => BAD,
            Some(b'+') => GOOD,
            Some(b'@') => NOTE,
            _ => Style::new(),
        };
        writeln!(page, "{style}{line}{style:#}").expect("a string");
    }
    page
}

fn read(step: &Step) -> Result<String> {
    let file = &step.file;
    fs::read_to_string(file).context(format!("cannot read {}", file.display()))
}

/// The title in the head: `//! Lesson 06, step 1: TITLE.`, over one line or two.
fn title_of(source: &str) -> String {
    let head = source.lines().skip_while(|line| is_mark(line));
    let head = head.map_while(|line| line.strip_prefix("//!"));
    let lines = head.take_while(|line| !line.trim().is_empty());
    let title = lines.map(str::trim).collect::<Vec<_>>().join(" ");
    let title = title.split_once(": ").map_or("", |(_, title)| title);
    let end = title.find(". ").unwrap_or(title.len());
    title[..end].trim_end_matches('.').to_string()
}

fn is_mark(line: &str) -> bool {
    line.trim_start().starts_with("// ANCHOR")
}

/// The lesson, its program, and the step that a word means: `06.2` or `talk.1`; none
/// where it has no number of a step.
pub fn numbered<'a>(
    lessons: &'a [Lesson],
    word: &str,
) -> Option<(&'a Lesson, String, String)> {
    let (name, number) = word.rsplit_once('.')?;
    let (lesson, program) = workspace::find(lessons, name).ok()?;
    Some((lesson, program, number.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIRST: &str = "\
// ANCHOR: all
//! Lesson 02, step 1: a server that talks once. Twice it
//! does not.
//!
//!     cargo run -p talk --bin talk-1

fn main() {}
";

    #[test]
    fn the_title_of_a_step_stands_in_its_head() {
        assert_eq!(title_of(FIRST), "a server that talks once");
        let two = "//! Lesson 02: one that ends\n//! cleanly.\n\nfn main() {}\n";
        assert_eq!(title_of(two), "one that ends cleanly");
        assert_eq!(title_of("fn main() {}\n"), "");
    }

    #[test]
    fn a_difference_has_its_colours_and_keeps_its_lines() {
        let difference = "@@ -1 +1 @@\n-fn main() {}\n+fn main() { talk() }\n \n";
        let shown = coloured(difference);
        assert!(shown.contains("\u{1b}["), "{shown:?}");
        assert_eq!(anstream::adapter::strip_str(&shown).to_string(), difference);
    }
}
