//! The room where a file is compiled, judged, and gets its mark.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

use checker::workshop::{Built, Workshop};
use checker::{Exercise, FailureKind, Order, Verdict};
use shared::{Context, Error, Result, eprintln};

use crate::answer;
use crate::args::Options;
use crate::hidden::hidden;
use crate::marks::{CHECKER_ERROR, COMPILE_ERROR, MISSING, Mark, UNCHANGED};
use crate::submission::Submission;

/// Where it all happens.
pub struct Room {
    root: PathBuf,
    seed: u64,
    workshop: Workshop,
    /// What a compiler must not see.
    hidden: Vec<PathBuf>,
}

impl Room {
    pub fn new(options: &Options, submissions: &[Submission]) -> Result<Self> {
        let own = std::env::current_exe().context("cannot find this program")?;
        let own = fs::canonicalize(&own).unwrap_or(own);
        let profile = own.parent().unwrap_or(Path::new(""));
        let target = profile.parent().unwrap_or(profile);
        let folder = target.join("grade");
        let root = crate::root();
        let root = fs::canonicalize(&root)
            .context(format!("cannot read the course in {}", root.display()))?;
        if !checker::sandbox_is_possible(true).context("cannot start the checker")? {
            eprintln!(
                "note: this system allows no sandbox, so the programs run with your rights; \
                 grade in a container or a virtual machine"
            );
        }
        if !folder.exists() {
            eprintln!("The first time, what the exercises depend on is compiled.");
        }
        let busy =
            || eprintln!("Another `grade` is at work; this one waits for its end.");
        let workshop = Workshop::new(&root, &folder, &options.exercises, busy);
        let workshop = workshop.map_err(|error| {
            Error::new(format!("cannot prepare the compiler: {error}"))
                .hint("`cargo fetch` gets what is missing, while there is a network")
        })?;
        let hidden = hidden(options, submissions, &root, profile, &folder);
        Ok(Self {
            root,
            seed: options.seed,
            workshop,
            hidden,
        })
    }

    /// None when `stop` ended it.
    pub fn marked(
        &self,
        exercise: &'static Exercise,
        file: Option<&Path>,
        stop: &dyn Fn() -> bool,
    ) -> Result<Option<Mark>> {
        let nothing = |word, words: &str| {
            Ok(Some(Mark::without_points(exercise, word, words.into())))
        };
        let Some(file) = file else {
            let words = format!("no file {}.rs was handed in", exercise.name);
            return nothing(MISSING, &words);
        };
        let text = match answer::start_of(file) {
            Ok(text) => text,
            Err(error) => {
                let words = format!("cannot read {}: {error}", file.display());
                return nothing(answer::whose_fault(&error), &words);
            }
        };
        if answer::is_stub(&self.root, exercise, &text) {
            return nothing(UNCHANGED, "the file is as it was shipped");
        }
        let start = Instant::now();
        let built = self.workshop.build(exercise, &text, &self.hidden, stop);
        if stop() {
            return Ok(None);
        }
        let program = match built {
            Ok(Built::Program(program)) => program,
            // The others are graded all the same.
            Err(error) => {
                return nothing(CHECKER_ERROR, &format!("cannot compile: {error}"));
            }
            Ok(Built::Refused(words)) => {
                let mut mark = Mark::without_points(exercise, COMPILE_ERROR, words);
                mark.took = start.elapsed();
                return Ok(Some(mark));
            }
        };
        let mut verdict = self.judged(exercise, &program, stop)?;
        // The machine may have been busy; the student has no part in that.
        if verdict
            .as_ref()
            .is_some_and(|(one, _)| one.failure == Some(FailureKind::CheckerError))
        {
            verdict = self.judged(exercise, &program, stop)?;
        }
        Ok(verdict.map(|(verdict, words)| Mark {
            exercise,
            points: match verdict.failure {
                Some(FailureKind::CheckerError) => 0,
                _ => verdict.passed,
            },
            word: verdict.word().to_string(),
            took: verdict.took,
            words,
        }))
    }

    /// The verdict, and all that was said.
    fn judged(
        &self,
        exercise: &'static Exercise,
        program: &Path,
        stop: &dyn Fn() -> bool,
    ) -> Result<Option<(Verdict, String)>> {
        let mut hidden = self.hidden.clone();
        hidden.extend(self.workshop.private());
        let order = Order {
            exercise,
            command: vec![program.into()],
            typed: String::new(),
            seed: self.seed,
            hidden,
            read_only: true,
            recorder: None,
        };
        let mut words = String::new();
        let verdict = order
            .carry_out(|event| words.push_str(&event.to_string()), stop)
            .context("cannot start the checker")?;
        Ok(verdict.map(|verdict| (verdict, words)))
    }
}
