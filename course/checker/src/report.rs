//! A check from its first step to its verdict, and what it says on the way.

use std::time::{Duration, Instant};

use crate::clock;
use crate::exercise::Exercise;
use crate::failure::{Failure, Kind, difference, quoted};
use crate::program::Recipe;
use crate::recorder;
use crate::stage::Stage;
use crate::verdict::{Event, Verdict};

/// Stands with the checker's own failure.
pub(crate) const NOTHING_IS_SAID: &str =
    "the check could not go on, and says nothing of your program";

/// Judges a program, telling each event to `tell` as soon as it is there, the verdict last.
/// It lasts no longer than [`clock::whole`]. `typed` are the options of `check` that name the program; empty:
/// it is the exercise's file.
pub fn judge(
    exercise: &Exercise,
    recipe: Recipe,
    seed: u64,
    typed: &str,
    tell: impl FnMut(Event),
) {
    judge_within(clock::whole(), exercise, recipe, seed, typed, tell);
}

fn judge_within(
    whole: Duration,
    exercise: &Exercise,
    recipe: Recipe,
    seed: u64,
    typed: &str,
    mut tell: impl FnMut(Event),
) {
    let start = Instant::now();
    let mut stage = Stage::new(recipe, seed, whole);
    let mut failure = None;
    let mut passed = 0;
    for step in exercise.steps {
        stage.wire_log().clear();
        let played = (step.play)(&mut stage);
        // A wait that was cut short has proved nothing.
        let played = match stage.is_over() {
            true => Err(too_slow(whole, played.err())),
            false => played,
        };
        match played {
            Ok(()) => {
                passed += 1;
                tell(Event::Passed(step.says.into()));
            }
            Err(found) => {
                recorder::keep(found.when, "fails");
                let found = stage.explains(found);
                tell(Event::Failed(found.kind, step.says.into()));
                let again = format!("check {} --seed {seed} {typed}", exercise.name);
                let all = about(exercise, &found, &stage, again.trim_end());
                all.into_iter().for_each(&mut tell);
                failure = Some(found);
                break;
            }
        }
    }
    tell(Event::Ended(Verdict {
        failure: failure.as_ref().map(|failure| failure.kind),
        passed,
        steps: exercise.steps.len(),
        hint: failure.as_ref().map_or(1, |failure| failure.hint),
        took: start.elapsed(),
    }));
}

/// The failure of a step in which the check's time was over.
fn too_slow(whole: Duration, failure: Option<Failure>) -> Failure {
    if let Some(failure) = &failure
        && failure.kind == Kind::CheckerError
    {
        return failure.clone();
    }
    let when = failure.map_or_else(Instant::now, |failure| failure.when);
    let expected = format!("all steps within {whole:?}");
    let slow = Failure::timeout(expected, "the time was over in this step");
    let slow =
        slow.likely("the program answers slowly: each step is waited for, all are not");
    Failure { when, ..slow }
}

/// All that there is to say about a failure.
fn about(
    exercise: &Exercise,
    failure: &Failure,
    stage: &Stage,
    again: &str,
) -> Vec<Event> {
    let mut events = Vec::new();
    let mut add = |name: &str, words: &str| {
        let mut lines = words.lines();
        let first = lines.next().unwrap_or_default();
        events.push(Event::About(name.into(), first.into()));
        events.extend(lines.map(|line| Event::About(String::new(), line.into())));
    };
    if failure.kind == Kind::CheckerError {
        add("checker", NOTHING_IS_SAID);
    }
    add("expected", &failure.expected);
    add("seen", &failure.seen);
    if let Some((expected, seen)) = &failure.bytes {
        add("", difference(expected, seen).trim_end());
    }
    let wire_log = stage.wire_log().told();
    if !wire_log.is_empty() {
        add("the talk", &wire_log);
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
    if !failure.cause.is_empty() {
        add("likely", &failure.cause);
    }
    let section = failure.section.unwrap_or(exercise.section);
    let (chapter, heading) = exercise.place(section);
    add("read", &format!("docs/{chapter}.md, \"{heading}\""));
    add("hint", &format!("cargo run -- hint {}", exercise.name));
    add("again", &format!("cargo run -- {again}"));
    events
}

/// What Rust's runtime adds to a panic.
fn is_noise(line: &str) -> bool {
    line.trim().is_empty() || line.starts_with("note: run with `RUST_BACKTRACE")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::WHOLE;
    use crate::exercise::{Kind as ExerciseKind, Step};

    /// Waits for a program that never says anything.
    fn nobody_comes(stage: &mut Stage) -> Result<(), Failure> {
        stage.datagrams()?.hears("a word").map(|_| ())
    }

    /// Passes when it waits, for as long as you like.
    fn nobody_knocks(stage: &mut Stage) -> Result<(), Failure> {
        let nobody = stage.datagrams()?.hears_any(WHOLE).is_none();
        assert!(nobody);
        Ok(())
    }

    fn exercise(last: fn(&mut Stage) -> Result<(), Failure>) -> Exercise {
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
            let mut events = Vec::new();
            let tell = |event| events.push(event);
            judge_within(whole, &exercise(last), recipe, 1, "", tell);
            let Some(Event::Ended(verdict)) = events.last() else {
                panic!("no verdict: {events:?}");
            };
            assert_eq!(
                (verdict.passed, verdict.word()),
                (1, "TIMEOUT"),
                "{events:?}"
            );
            assert!(verdict.took < crate::ANSWER, "{:?}", verdict.took);
            let expected =
                Event::About("expected".into(), "all steps within 50ms".into());
            assert!(events.contains(&expected), "{events:?}");
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
        let own = Failure::checker("a place", &error);
        assert_eq!(too_slow(WHOLE, Some(own)).kind, Kind::CheckerError);
    }
}
