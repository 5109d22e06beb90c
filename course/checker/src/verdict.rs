//! What a check says, as events: the process that checks sends them through a pipe, a line
//! each, and whoever has asked for the check shows and counts them.

use std::fmt;
use std::time::Duration;

use crate::failure::Kind;

/// An event of a check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// A step passed: what is proved.
    Passed(String),
    /// A step failed, and how. It is the last one.
    Failed(Kind, String),
    /// A line about the failure: what it is, or nothing where it goes on, and its words.
    About(String, String),
    /// The end, and what came of it.
    Ended(Verdict),
    /// What is none of these: why there was no check.
    Other(String),
}

/// What came of a check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// Why it did not pass; none: it passed.
    pub failure: Option<Kind>,
    /// How many steps passed, of how many.
    pub passed: usize,
    /// All steps of the check.
    pub steps: usize,
    /// The hint that helps most: 1 to 3.
    pub hint: u8,
    /// How long it took.
    pub took: Duration,
}

impl Verdict {
    /// Whether the program does what its task says.
    pub fn is_pass(&self) -> bool {
        self.failure.is_none()
    }

    /// The word in capitals that the learner sees.
    pub fn word(&self) -> &'static str {
        self.failure.map_or(PASS, Kind::word)
    }
}

/// The word for a check that passed.
const PASS: &str = "PASS";

/// As the learner reads it.
impl fmt::Display for Event {
    fn fmt(&self, page: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Passed(step) => writeln!(page, "  ok    {step}"),
            Self::Failed(kind, step) => writeln!(page, "  {:5} {step}\n", kind.word()),
            Self::About(what, words) => writeln!(page, "{what:10} {words}"),
            Self::Ended(_) => Ok(()),
            Self::Other(words) => writeln!(page, "{words}"),
        }
    }
}

impl Event {
    /// The event as a line for the pipe, with its end. Its fields are separated by tabs, and
    /// the last one may hold some.
    pub fn to_line(&self) -> String {
        match self {
            Self::Passed(step) => format!("passed\t{step}\n"),
            Self::Failed(kind, step) => format!("failed\t{}\t{step}\n", kind.word()),
            Self::About(what, words) => format!("about\t{what}\t{words}\n"),
            Self::Ended(verdict) => {
                let Verdict {
                    passed,
                    steps,
                    hint,
                    took,
                    ..
                } = verdict;
                let (word, took) = (verdict.word(), took.as_micros());
                format!("ended\t{word}\t{passed}\t{steps}\t{hint}\t{took}\n")
            }
            Self::Other(words) => format!("{words}\n"),
        }
    }

    /// The event of a line.
    pub fn of_line(line: &str) -> Self {
        let line = line.strip_suffix('\n').unwrap_or(line);
        read(line).unwrap_or_else(|| Self::Other(line.to_string()))
    }
}

fn read(line: &str) -> Option<Event> {
    let (what, fields) = line.split_once('\t')?;
    Some(match what {
        "passed" => Event::Passed(fields.into()),
        "failed" => {
            let (word, step) = fields.split_once('\t')?;
            Event::Failed(Kind::of_word(word)?, step.into())
        }
        "about" => {
            let (what, words) = fields.split_once('\t')?;
            Event::About(what.into(), words.into())
        }
        "ended" => {
            let fields: Vec<_> = fields.split('\t').collect();
            let [word, passed, steps, hint, took] = fields[..] else {
                return None;
            };
            let failure = match word {
                PASS => None,
                word => Some(Kind::of_word(word)?),
            };
            Event::Ended(Verdict {
                failure,
                passed: passed.parse().ok()?,
                steps: steps.parse().ok()?,
                hint: hint.parse().ok()?,
                took: Duration::from_micros(took.parse().ok()?),
            })
        }
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_comes_out_of_the_pipe_as_it_went_in() {
        let verdict = |failure| {
            Event::Ended(Verdict {
                failure,
                passed: 3,
                steps: 7,
                hint: 2,
                took: Duration::from_micros(5_321),
            })
        };
        for event in [
            Event::Passed("a step\twith a tab".into()),
            Event::Failed(Kind::CheckerError, "a step".into()),
            Event::About("likely".into(), "a cause".into()),
            Event::About(String::new(), "\tit goes on".into()),
            Event::About("seen".into(), String::new()),
            Event::Other("cannot start the check: no memory".into()),
            verdict(None),
            verdict(Some(Kind::Timeout)),
        ] {
            let line = event.to_line();
            assert_eq!(line.matches('\n').count(), 1, "{line:?}");
            assert_eq!(Event::of_line(&line), event);
        }
    }

    #[test]
    fn a_line_that_is_no_event_is_shown_as_it_is() {
        for line in [
            "",
            "ended\tPASS\t7",
            "ended\tOK\t7\t7\t1\t5",
            "failed\tx",
            "ok",
        ] {
            assert_eq!(Event::of_line(line), Event::Other(line.into()));
        }
    }
}
