//! The room where a file is compiled, judged, and gets its mark.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError, RwLock};
use std::time::{Duration, Instant};

use checker::workshop::{Built, Workshop};
use checker::{Exercise, FailureKind, Order, Verdict};
use shared::{Context, Error, Result, eprintln};

use crate::answer::{self, Answer};
use crate::args::Options;
use crate::given::{self, Given};
use crate::hidden::hidden;
use crate::journal::{self, Found, Journal};
use crate::marks::{CHECKER_ERROR, COMPILE_ERROR, Graded, MISSING, Mark, UNCHANGED};
use crate::submission::Submission;

/// Where it all happens.
pub struct Room {
    root: PathBuf,
    workshop: Workshop,
    /// What a compiler must not see.
    hidden: Vec<PathBuf>,
    journal: Journal,
    given: Given,
    /// What was given in this run, or why that is not known: looked for once.
    known: Mutex<HashMap<&'static str, std::result::Result<usize, String>>>,
    /// Held by each check; by one alone, where the others may have disturbed it.
    others: RwLock<()>,
    sandboxed: bool,
}

/// A place to work at: each has a program of its own.
#[derive(Clone, Copy)]
pub struct Seat<'a> {
    pub number: usize,
    /// Whether others are at work, too.
    pub shared: bool,
    pub stop: &'a (dyn Fn() -> bool + Sync),
}

impl Room {
    pub fn new(options: &Options, submissions: &[Submission]) -> Result<Self> {
        let own = std::env::current_exe().context("cannot find this program")?;
        let own = fs::canonicalize(&own).unwrap_or(own);
        let profile = own.parent().unwrap_or(Path::new(""));
        let folder = profile.parent().unwrap_or(profile).join("grade");
        let root = crate::root();
        let root = fs::canonicalize(&root)
            .context(format!("cannot read the course in {}", root.display()))?;
        let sandboxed = checker::sandbox_is_possible(true).map_err(not_started)?;
        if !sandboxed {
            eprintln!(
                "note: this system allows no sandbox, so the programs run with your rights; \
                 grade in a container or a virtual machine, from a handout"
            );
        }
        if !folder.exists() {
            eprintln!("The first time, what the exercises depend on is compiled.");
        }
        let busy =
            || eprintln!("Another `grade` is at work; this one waits for its end.");
        let workshop = Workshop::new(&root, &folder, &options.exercises, busy);
        let workshop = workshop.map_err(|error| {
            let what = format!("cannot prepare the compiler: {error}");
            Error::new(what).hint(hint_for(&error.to_string()))
        })?;
        let hidden = hidden(options, submissions, &root, profile, &folder);
        let checker = given::checker(&own);
        let (file, fresh) = (folder.join("journal"), crate::args::fresh_seed());
        let journal =
            Journal::open(&file, &checker, options.goes_on, options.seed, fresh);
        Ok(Self {
            root,
            workshop,
            hidden,
            journal: journal.context(format!("cannot write {}", file.display()))?,
            given: Given::new(folder.join("given"), checker),
            known: Mutex::default(),
            others: RwLock::default(),
            sandboxed,
        })
    }

    /// The random values of all checks.
    pub fn seed(&self) -> u64 {
        self.journal.seed
    }

    /// Whether several can work in it: without a sandbox programs see each other.
    pub fn is_for_many(&self) -> bool {
        self.sandboxed
    }

    /// The mark of a student for an exercise. None when `stop` ended it.
    pub fn marked(
        &self,
        exercise: &'static Exercise,
        submission: &Submission,
        seat: Seat<'_>,
    ) -> Result<Option<Mark>> {
        let Some(given) = self.given(exercise, seat)? else {
            return Ok(None);
        };
        let answer = answer::chosen(&self.root, submission, exercise);
        let mark = match (&answer, &given) {
            (None, _) => {
                let words = format!("no file {}.rs was handed in\n", exercise.name);
                Some(Mark::without_check(exercise, MISSING, words))
            }
            (Some(_), Err(why)) => {
                let words = format!("as it was handed out it cannot be checked: {why}\n");
                Some(Mark::without_check(exercise, CHECKER_ERROR, words))
            }
            (Some(answer), Ok(_)) => self.mark_of(exercise, submission, answer, seat)?,
        };
        Ok(mark.map(|mark| Mark {
            given: given.unwrap_or(0),
            notes: notes(exercise, submission, answer.as_ref()),
            file: answer.as_ref().and_then(graded),
            ..mark
        }))
    }

    /// The mark of a file that is there.
    fn mark_of(
        &self,
        exercise: &'static Exercise,
        submission: &Submission,
        answer: &Answer,
        seat: Seat<'_>,
    ) -> Result<Option<Mark>> {
        let without = |word, words| Ok(Some(Mark::without_check(exercise, word, words)));
        let text = match &answer.text {
            Ok(text) => text,
            Err(error) => {
                let file = submission.shown(&answer.file);
                let words = format!("cannot read {file}: {error}\n");
                return without(answer::whose_fault(error), words);
            }
        };
        if answer.is_stub {
            return without(UNCHANGED, "the file is as it was handed out\n".into());
        }
        let key = journal::key(submission, exercise, text);
        let found = match self.journal.found(&key) {
            Some(found) => found,
            None => {
                let Some(found) = self.checked(exercise, text, seat)? else {
                    return Ok(None);
                };
                if found.word != CHECKER_ERROR {
                    self.journal
                        .note(&key, &found)
                        .context("cannot write the journal")?;
                }
                found
            }
        };
        Ok(Some(Mark {
            passed: found.passed,
            took: found.took,
            ..Mark::without_check(exercise, &found.word, found.words)
        }))
    }

    /// The steps that the file passes as it was handed out, or why that is not known. None
    /// when `stop` ended it.
    fn given(
        &self,
        exercise: &'static Exercise,
        seat: Seat<'_>,
    ) -> Result<Option<std::result::Result<usize, String>>> {
        let file = self.root.join(exercise.folder()).join("start.rs");
        let start = fs::read_to_string(&file)
            .context(format!("cannot read {}", file.display()))?;
        // One finds it, and the others wait: they need it as well.
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(given) = known.get(exercise.name) {
            return Ok(Some(given.clone()));
        }
        let given = match self.given.found(exercise, &start) {
            Some(steps) => Ok(steps),
            None => {
                let found = self.checked(exercise, start.as_bytes(), seat)?;
                let Some(found) = found else { return Ok(None) };
                match found.word.as_str() {
                    CHECKER_ERROR => Err(found.words),
                    _ => {
                        self.given.keep(exercise, &start, found.passed);
                        Ok(found.passed)
                    }
                }
            }
        };
        known.insert(exercise.name, given.clone());
        Ok(Some(given))
    }

    /// Has a text compiled and judged. None when `stop` ended it.
    fn checked(
        &self,
        exercise: &'static Exercise,
        text: &[u8],
        seat: Seat<'_>,
    ) -> Result<Option<Found>> {
        let start = Instant::now();
        let place = seat.number.to_string();
        let built = self
            .workshop
            .build(exercise, text, &place, &self.hidden, seat.stop);
        if (seat.stop)() {
            return Ok(None);
        }
        let without = |word: &str, words, took| {
            let (word, passed) = (word.to_string(), 0);
            Ok(Some(Found {
                word,
                passed,
                took,
                words,
            }))
        };
        let program = match built {
            Ok(Built::Program(program)) => program,
            // The others are graded all the same.
            Err(error) => {
                let words = format!("cannot compile: {error}\n");
                return without(CHECKER_ERROR, words, Duration::ZERO);
            }
            Ok(Built::Refused(words)) => {
                return without(COMPILE_ERROR, words, start.elapsed());
            }
        };
        let verdict = self.verdict(exercise, &program, seat)?;
        Ok(verdict.map(|(verdict, words)| Found {
            passed: match verdict.failure {
                Some(FailureKind::CheckerError) => 0,
                _ => verdict.passed,
            },
            word: verdict.word().to_string(),
            took: verdict.took,
            words,
        }))
    }

    /// The verdict, and all that was said. The machine may have been busy, and the student
    /// has no part in that: what was late beside other programs has a second try alone.
    fn verdict(
        &self,
        exercise: &'static Exercise,
        program: &Path,
        seat: Seat<'_>,
    ) -> Result<Option<(Verdict, String)>> {
        let first = {
            let _beside = self.others.read().unwrap_or_else(PoisonError::into_inner);
            self.judged(exercise, program, seat)?
        };
        let failure = first.as_ref().and_then(|(verdict, _)| verdict.failure);
        let again = match failure {
            Some(FailureKind::CheckerError) => true,
            Some(FailureKind::Timeout) => seat.shared,
            _ => false,
        };
        if !again {
            return Ok(first);
        }
        let _alone = self.others.write().unwrap_or_else(PoisonError::into_inner);
        self.judged(exercise, program, seat)
    }

    /// The verdict, and all that was said.
    fn judged(
        &self,
        exercise: &'static Exercise,
        program: &Path,
        seat: Seat<'_>,
    ) -> Result<Option<(Verdict, String)>> {
        let mut hidden = self.hidden.clone();
        hidden.extend(self.workshop.private());
        let order = Order {
            exercise,
            command: vec![program.into()],
            typed: String::new(),
            seed: self.seed(),
            hidden,
            read_only: true,
            recorder: None,
        };
        let mut words = String::new();
        let verdict = order
            .carry_out(|event| words.push_str(&event.to_string()), seat.stop)
            .map_err(not_started)?;
        Ok(verdict.map(|verdict| (verdict, words)))
    }
}

fn not_started(error: std::io::Error) -> Error {
    Error::new(format!("cannot start the checker: {error}"))
        .hint("`cargo run -- doctor` looks at what the checks need")
}

/// What helps where the compiler cannot be prepared.
fn hint_for(words: &str) -> &'static str {
    let network = [
        "download",
        "failed to get",
        "offline",
        "resolve host",
        "registry",
    ];
    match network.iter().any(|word| words.contains(word)) {
        true => "`cargo fetch` gets what is missing, while there is a network",
        false => "`cargo build -p mine` shows whether it compiles outside of `grade`",
    }
}

/// What is known of the file that was graded.
fn graded(answer: &Answer) -> Option<Graded> {
    let text = answer.text.as_ref().ok()?;
    let date = fs::metadata(&answer.file)
        .and_then(|data| data.modified())
        .ok();
    let likeness = answer::likeness(text);
    (!answer.is_stub).then_some(Graded { date, likeness })
}

/// What the student should know of the files.
fn notes(
    exercise: &Exercise,
    submission: &Submission,
    answer: Option<&Answer>,
) -> Vec<String> {
    let name = exercise.name;
    let mut notes = Vec::new();
    let near = submission.near(exercise);
    if !near.is_empty() {
        let (near, verb) = (near.join(", "), if near.len() == 1 { "is" } else { "are" });
        notes.push(match answer {
            None => format!("there {verb} {near}: was that meant for {name}.rs?"),
            Some(_) => format!("beside {name}.rs there {verb} {near}, not graded"),
        });
    }
    if let Some(answer) = answer.filter(|answer| !answer.others.is_empty()) {
        let others = answer.others.iter().map(|file| submission.shown(file));
        let (one, others) = (submission.shown(&answer.file), others.collect::<Vec<_>>());
        notes.push(format!("{one} was graded, and not {}", others.join(", ")));
    }
    notes
}
