//! `check`: the learner's program against its peer.

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use checker::{Event, Exercise, FailureKind, Order, Verdict};
use shared::{Error, Result, StopSignal, println};

use crate::build::{Built, build, make_newer};
use crate::choice::{meant, next, own_file};
use crate::command::CommandLine;
use crate::mine;
use crate::picture::{self, Picture};
use course::commands::Wanted;
use course::page::{self, BAD, COMMAND, GOOD, NOTE, TITLE};
use course::progress;
use course::workspace::{self, Lesson};

/// Checks what is wanted. The exit code is 0 when all of it passed.
pub fn check(lessons: &[Lesson], wanted: &Wanted) -> Result<ExitCode> {
    let exercises = match &wanted.word {
        Some(word) => meant(lessons, word)?,
        None => next(&progress::read()).into_iter().collect(),
    };
    if exercises.is_empty() {
        println!("All exercises have passed. `cargo run -- list` shows them.");
        return Ok(ExitCode::SUCCESS);
    }
    let command = command(wanted, &exercises)?;
    let picture = picture(wanted, &exercises)?;
    let how = Checked {
        other: command.as_ref(),
        seed: wanted.seed,
        picture: picture.as_ref(),
    };
    // Ctrl+C ends the check, and with it the learner's program.
    let stop = StopSignal::watch()?;
    let stop = || stop.requested();
    let mut failed = 0;
    for exercise in &exercises {
        make_newer(exercise)?;
        match one(exercise, &how, &stop)? {
            Some(true) => {}
            Some(false) => failed += 1,
            None => return Ok(ExitCode::FAILURE),
        }
    }
    if exercises.len() > 1 {
        let passed = exercises.len() - failed;
        println!("{passed} of {} exercises passed", exercises.len());
    }
    Ok(if failed == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// The program that is to be checked in place of the exercise's own file.
fn command(wanted: &Wanted, exercises: &[&Exercise]) -> Result<Option<CommandLine>> {
    match (&wanted.command, exercises) {
        (None, _) => Ok(None),
        (Some(line), [_]) => CommandLine::read(line).map(Some),
        (Some(_), _) => {
            let what = "one program cannot be the answer to several exercises";
            Err(Error::usage(what).hint("name the exercise in front of --command"))
        }
    }
}

/// What draws the talk, if a picture is wanted.
fn picture<'a>(
    wanted: &'a Wanted,
    exercises: &[&Exercise],
) -> Result<Option<Picture<'a>>> {
    match (wanted.picture || wanted.save.is_some(), exercises) {
        (false, _) => Ok(None),
        (true, [_]) => Picture::of_a_check(wanted.save.as_deref()),
        (true, _) => {
            let what = "a picture shows the check of one exercise";
            Err(Error::usage(what).hint("name the exercise"))
        }
    }
}

/// How an exercise is to be checked.
#[derive(Default)]
pub struct Checked<'a> {
    /// Another program than the exercise's file.
    pub other: Option<&'a CommandLine>,
    /// For the random values.
    pub seed: Option<u64>,
    /// What the talk is drawn by.
    pub picture: Option<&'a Picture<'a>>,
}

/// Checks one exercise, tells the learner, and keeps the result. Whether it passed; none
/// when `stop` ended it.
pub fn one(
    exercise: &'static Exercise,
    how: &Checked<'_>,
    stop: &dyn Fn() -> bool,
) -> Result<Option<bool>> {
    let other = how.other;
    if other.is_none() {
        mine::begun(exercise)?;
    }
    let seed = how.seed.unwrap_or_else(fresh_seed);
    let number = exercise.lesson.get(..2).unwrap_or_default();
    let name = exercise.name;
    let title = format!("{TITLE}{name}{TITLE:#} (lesson {number}, seed {seed})\n");
    page::show(&title);
    let built = match other {
        Some(other) => Built::Command(other.words().to_vec()),
        None => build(exercise, stop)?,
    };
    let command = match built {
        // What came of it is of no interest any more.
        _ if stop() => return Ok(None),
        Built::Stopped => return Ok(None),
        Built::Command(command) => command,
        Built::Refused => {
            let line = "COMPILE-ERROR: cargo says above what is wrong, and where";
            page::show(&format!("{BAD}{line}{BAD:#}\n\n"));
            return Ok(Some(false));
        }
    };
    let Some(verdict) = judged(exercise, command, seed, how, stop)? else {
        return Ok(None);
    };
    if let Some(step) = step(&verdict)
        && let Err(error) = progress::note(name, &step)
    {
        shared::eprintln!("note: the progress is not kept: {error}");
    }
    Ok(Some(verdict.is_pass()))
}

/// Has a program judged, and shows what came of it; none when `stop` ended it.
fn judged(
    exercise: &'static Exercise,
    command: Vec<OsString>,
    seed: u64,
    how: &Checked<'_>,
    stop: &dyn Fn() -> bool,
) -> Result<Option<Verdict>> {
    let typed = how.other.map(CommandLine::option).unwrap_or_default();
    let name = exercise.name;
    let again = format!("check {name} --picture --seed {seed} {typed}");
    let order = Order {
        exercise,
        command,
        typed,
        seed,
        hidden: hidden(),
        // It is the learner's own program, and may be one that works elsewhere.
        read_only: false,
        recorder: how.picture.map(Picture::recorder),
    };
    let tell = |event: &Event| page::show(&coloured(event));
    let verdict = order.carry_out(tell, stop).map_err(|error| {
        Error::new(format!("cannot start the checker: {error}"))
            .hint("`cargo run -- doctor` looks at what the checks need")
    });
    let Some(verdict) = verdict? else {
        return Ok(None);
    };
    let again = how.picture.is_none().then_some(&again);
    page::show(&closing(exercise, &verdict, again)?);
    if let Some(picture) = how.picture {
        picture.draw(exercise)?;
    }
    Ok(Some(verdict))
}

/// What the progress keeps of a check; none where it says nothing of the learner's program.
fn step(verdict: &Verdict) -> Option<String> {
    match verdict.failure {
        None => Some(progress::PASSED.into()),
        Some(FailureKind::CheckerError) => None,
        Some(_) => Some(format!("{} {}", progress::FAILED, verdict.hint)),
    }
}

/// What the program must not see: the answers, and who judges it.
fn hidden() -> Vec<PathBuf> {
    let root = workspace::root();
    // Not the learner's folder: another program may lie there.
    let answers = exercises::all().map(|one| format!("exercises/{}", one.lesson));
    let mut hidden: Vec<_> = answers.map(|room| root.join(room)).collect();
    hidden.dedup();
    hidden.extend(["tests", ".git"].map(|room| root.join(room)));
    hidden
}

/// What a pass has proved, or how to go on: `again` is how the same check can be seen as a
/// picture.
fn closing(
    exercise: &Exercise,
    verdict: &Verdict,
    again: Option<&String>,
) -> Result<String> {
    let word = verdict.word();
    let Verdict {
        passed,
        steps,
        took,
        ..
    } = verdict;
    let took = in_words(*took);
    if verdict.is_pass() {
        let line = format!("{GOOD}PASS{GOOD:#}  all {steps} steps, in {took}\n");
        if !own_file(exercise, "solution.rs").is_file() {
            return Ok(line + "\n"); // a handout has none
        }
        let solution = format!(
            "{COMMAND}cargo run -- solution {}{COMMAND:#}",
            exercise.name
        );
        return Ok(format!("{line}      another answer: {solution}\n\n"));
    }
    let line =
        format!("{BAD}{word}{BAD:#}  {passed} of {steps} steps passed, in {took}\n");
    let Some(again) =
        again.filter(|_| verdict.failure != Some(FailureKind::CheckerError))
    else {
        return Ok(line + "\n");
    };
    Ok(match picture::missing()? {
        Some(_) => line + "\n",
        None => {
            let again = format!("cargo run -- {}", again.trim_end());
            format!("{line}to see it  {COMMAND}{again}{COMMAND:#}\n\n")
        }
    })
}

fn in_words(took: Duration) -> String {
    match took.as_secs_f64() {
        short if short < 1.0 => format!("{:.0} ms", short * 1000.0),
        long => format!("{long:.1} s"),
    }
}

/// An event of the check, with the colour of what it means.
fn coloured(event: &Event) -> String {
    let (start, style) = match event {
        Event::Passed(_) => ("  ok".to_string(), GOOD),
        Event::Failed(kind, _) => (format!("  {}", kind.word()), BAD),
        Event::About(what, _) if what == "likely" => (what.clone(), NOTE),
        _ => return event.to_string(),
    };
    let words = fitted(event);
    let rest = words.strip_prefix(&start).unwrap_or_default();
    format!("{style}{start}{style:#}{rest}")
}

/// The words of an event; the likely cause in as many lines as the terminal asks for. In a
/// pipe it stays one line.
fn fitted(event: &Event) -> String {
    match event {
        Event::About(what, cause) if !what.is_empty() => match page::columns() {
            Some(columns) => page::beside(what, cause, columns),
            None => event.to_string(),
        },
        _ => event.to_string(),
    }
}

/// Another seed each time: from the clock, in a form that is easily typed.
fn fresh_seed() -> u64 {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    now.map_or(1, |now| u64::from(now.subsec_micros()) + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_checkers_own_trouble_is_not_kept_as_the_learners_failure() {
        for (failure, kept) in [
            (None, Some("passed")),
            (Some(FailureKind::Fail), Some("failed 2")),
            (Some(FailureKind::Crash), Some("failed 2")),
            (Some(FailureKind::Timeout), Some("failed 2")),
            (Some(FailureKind::CheckerError), None),
        ] {
            let verdict = Verdict {
                failure,
                passed: 1,
                steps: 7,
                hint: 2,
                took: Duration::ZERO,
            };
            assert_eq!(step(&verdict).as_deref(), kept, "{failure:?}");
        }
    }
}
