//! The verdict, in words for the learner and in lines for programs.

use std::fmt::Write;
use std::time::{Duration, Instant};

use crate::WHOLE;
use crate::exercise::Exercise;
use crate::program::Recipe;
use crate::stage::Stage;
use crate::trouble::{Kind, Trouble, difference, quoted};

/// Stands with the checker's own trouble.
pub(crate) const NOTHING_IS_SAID: &str =
    "the check could not go on, and says nothing of your program";

/// What a check has found.
#[derive(Debug)]
pub struct Report {
    /// How many steps passed.
    pub passed: usize,
    /// How many there are.
    pub steps: usize,
    /// Why the next one failed; none: all passed.
    pub trouble: Option<Trouble>,
    /// How long it took.
    pub took: Duration,
}

impl Report {
    /// `PASS`, or the kind of trouble.
    pub fn verdict(&self) -> &'static str {
        self.trouble
            .as_ref()
            .map_or("PASS", |trouble| trouble.kind.word())
    }
}

/// Judges a program, telling each step to `tell` as soon as it has passed. It lasts no
/// longer than [`WHOLE`]. `typed` are the options of `check` that name the program; empty:
/// it is the exercise's file.
pub fn judge(
    exercise: &Exercise,
    recipe: Recipe,
    seed: u64,
    typed: &str,
    tell: impl FnMut(&str),
) -> Report {
    judge_within(WHOLE, exercise, recipe, seed, typed, tell)
}

fn judge_within(
    whole: Duration,
    exercise: &Exercise,
    recipe: Recipe,
    seed: u64,
    typed: &str,
    mut tell: impl FnMut(&str),
) -> Report {
    let start = Instant::now();
    let mut stage = Stage::new(recipe, seed, whole);
    let mut trouble = None;
    let mut passed = 0;
    for step in exercise.steps {
        stage.talk().clear();
        let played = (step.play)(&mut stage);
        // A wait that was cut short has proved nothing.
        let played = match stage.is_over() {
            true => Err(too_slow(whole, played.err())),
            false => played,
        };
        match played {
            Ok(()) => {
                passed += 1;
                tell(&format!("  ok    {}\n", step.says));
            }
            Err(found) => {
                let found = stage.explains(found);
                let again = format!("check {} --seed {seed} {typed}", exercise.name);
                let again = again.trim_end();
                tell(&failed(exercise, step.says, &found, &stage, again));
                trouble = Some(found);
                break;
            }
        }
    }
    let (steps, took) = (exercise.steps.len(), start.elapsed());
    Report {
        passed,
        steps,
        trouble,
        took,
    }
}

/// The trouble of a step in which the check's time was over.
fn too_slow(whole: Duration, trouble: Option<Trouble>) -> Trouble {
    if let Some(trouble) = &trouble
        && trouble.kind == Kind::CheckerError
    {
        return trouble.clone();
    }
    let when = trouble.map_or_else(Instant::now, |trouble| trouble.when);
    let expected = format!("all steps within {whole:?}");
    let slow = Trouble::timeout(expected, "the time was over in this step");
    let slow =
        slow.because("the program answers slowly: each step is waited for, all are not");
    Trouble { when, ..slow }
}

fn failed(
    exercise: &Exercise,
    step: &str,
    trouble: &Trouble,
    stage: &Stage,
    again: &str,
) -> String {
    let mut text = format!("  {:5} {step}\n\n", trouble.kind.word());
    let mut add = |name: &str, words: &str| {
        let mut lines = words.lines();
        let first = lines.next().unwrap_or_default();
        writeln!(text, "{name:10} {first}").expect("a string");
        for line in lines {
            writeln!(text, "{:10} {line}", "").expect("a string");
        }
    };
    if trouble.kind == Kind::CheckerError {
        add("checker", NOTHING_IS_SAID);
    }
    add("expected", &trouble.expected);
    add("seen", &trouble.seen);
    if let Some((expected, seen)) = &trouble.bytes {
        add("", difference(expected, seen).trim_end());
    }
    let talk = stage.talk().told();
    if !talk.is_empty() {
        add("the talk", &talk);
    }
    let (output, complaints) = stage.printed();
    if !output.is_empty() {
        add("it printed", &quoted(&output));
    }
    let complaints: Vec<_> = complaints.lines().filter(|line| !is_noise(line)).collect();
    if !complaints.is_empty() {
        let from = complaints.len().saturating_sub(4);
        add("its errors", &complaints[from..].join("\n"));
    }
    if !trouble.cause.is_empty() {
        add("likely", &trouble.cause);
    }
    let section = trouble.section.unwrap_or(exercise.section);
    let (chapter, heading) = exercise.place(section);
    add("read", &format!("docs/{chapter}.md, \"{heading}\""));
    add("hint", &format!("cargo run -- hint {}", exercise.name));
    add("again", &format!("cargo run -- {again}"));
    text
}

/// What Rust's runtime adds to a panic.
fn is_noise(line: &str) -> bool {
    line.trim().is_empty() || line.starts_with("note: run with `RUST_BACKTRACE")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exercise::{Kind as ExerciseKind, Step};

    /// Waits for a program that never comes.
    fn nobody_comes(stage: &mut Stage) -> Result<(), Trouble> {
        stage.door()?.lets_in().map(|_| ())
    }

    /// Passes when it waits, for as long as you like.
    fn nobody_knocks(stage: &mut Stage) -> Result<(), Trouble> {
        let nobody = stage.datagrams()?.hears_any(WHOLE).is_none();
        assert!(nobody);
        Ok(())
    }

    fn exercise(last: fn(&mut Stage) -> Result<(), Trouble>) -> Exercise {
        let step = |play| Step {
            says: "a step",
            play,
        };
        Exercise {
            name: "patience",
            lesson: "00-nothing",
            kind: ExerciseKind::Build,
            task: "Wait.",
            section: "Waiting",
            hints: ["", "", ""],
            steps: Vec::leak(vec![step(|_| Ok(())), step(last), step(|_| Ok(()))]),
        }
    }

    #[test]
    fn a_check_that_takes_too_long_as_a_whole_is_a_timeout_and_what_passed_counts() {
        for last in [nobody_comes, nobody_knocks] {
            let recipe = Recipe {
                command: Vec::new(),
                folder: std::env::temp_dir(),
            };
            let whole = Duration::from_millis(50);
            let mut words = String::new();
            let tell = |line: &str| words.push_str(line);
            let report = judge_within(whole, &exercise(last), recipe, 1, "", tell);
            assert_eq!((report.passed, report.verdict()), (1, "TIMEOUT"), "{words}");
            assert!(report.took < crate::ANSWER, "{:?}", report.took);
            assert!(
                words.contains("expected   all steps within 50ms"),
                "{words}"
            );
        }
    }

    #[test]
    fn a_section_of_a_second_chapter_has_its_name_in_front() {
        let exercise = exercise(|_| Ok(()));
        assert_eq!(exercise.place("Waiting"), ("00-nothing", "Waiting"));
        assert_eq!(exercise.place("00-more#Hurry"), ("00-more", "Hurry"));
    }

    #[test]
    fn the_judges_own_trouble_is_no_timeout() {
        let error = std::io::Error::other("no place");
        let own = Trouble::checker("a place", &error);
        assert_eq!(too_slow(WHOLE, Some(own)).kind, Kind::CheckerError);
    }
}
