//! The steps of a lesson: a ladder of complete programs, `NAME-1`, `NAME-2` …, the last of
//! which is `NAME` itself.
//!
//!     cargo run -- run 06             lists the steps, and runs the last
//!     cargo run -- run 06.2           runs step 2
//!     cargo run -- run 06 --diff 2    shows what step 2 changes in step 1

use std::fmt::Write;
use std::fs;
use std::path::PathBuf;

use shared::{Context, Error, Result};
use similar::{ChangeTag, TextDiff};

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
        match steps.len() {
            1 => error.hint(format!("it is one program: `cargo run -- run {program}`")),
            last => error.hint(format!(
                "its steps are 1 to {last}; `cargo run -- run {program}` lists them"
            )),
        }
    })
}

/// The list of a program's steps; nothing where it has one only.
pub fn list(lesson: &Lesson, program: &str) -> Result<String> {
    let steps = ladder(lesson, program);
    let mut text = String::new();
    if steps.len() == 1 {
        return Ok(text);
    }
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
    text.push('\n');
    Ok(text)
}

/// What a step changes in the one before, as a page.
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
    let (before, after) = (read(&old)?, read(&new)?);
    let mut page = format!(
        "{TITLE}{} changes {}:{TITLE:#} {}\n",
        new.program,
        old.program,
        title_of(&after)
    );
    page.push_str(&coloured(&without_head(&before), &without_head(&after)));
    Ok(page)
}

/// Both files without their heads: a unified diff.
fn coloured(before: &str, after: &str) -> String {
    let mut page = String::new();
    let diff = TextDiff::from_lines(before, after);
    for hunk in diff.unified_diff().context_radius(3).iter_hunks() {
        writeln!(page, "{NOTE}{}{NOTE:#}", hunk.header()).expect("a string");
        for change in hunk.iter_changes() {
            let line = change.value().trim_end_matches('\n');
            let line = match change.tag() {
                ChangeTag::Delete => format!("{BAD}-{line}{BAD:#}"),
                ChangeTag::Insert => format!("{GOOD}+{line}{GOOD:#}"),
                ChangeTag::Equal => format!(" {line}"),
            };
            writeln!(page, "{line}").expect("a string");
        }
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

/// The program as it is compared: neither its head nor the marks of the book's pieces.
fn without_head(source: &str) -> String {
    let lines = source.lines().filter(|line| !is_mark(line));
    let code = lines.skip_while(|line| line.starts_with("//!") || line.is_empty());
    code.flat_map(|line| [line, "\n"]).collect()
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
    fn heads_and_marks_are_not_compared() {
        let second = FIRST
            .replace("step 1", "step 2")
            .replace("{}", "{ talk() }");
        let shown = coloured(&without_head(FIRST), &without_head(&second));
        let shown = anstream::adapter::strip_str(&shown).to_string();
        assert_eq!(shown, "@@ -1 +1 @@\n-fn main() {}\n+fn main() { talk() }\n");
    }
}
