//! Has each exercise of each student compiled and judged, one after the other, so that
//! nobody's program disturbs the check of another one.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use judge::workshop::{Built, Workshop};
use judge::{Exercise, Order, Verdict};
use shared::{Context, Error, Result, eprintln};

use crate::args::Options;
use crate::submission::Submission;

/// There is no such file in the student's folder.
pub const MISSING: &str = "MISSING";
/// The file is as it was shipped.
pub const UNCHANGED: &str = "UNCHANGED";
/// Cargo refuses the file.
pub const COMPILE_ERROR: &str = "COMPILE-ERROR";
/// The checker could not do its work, twice.
pub const CHECKER_ERROR: &str = "CHECKER-ERROR";
/// Every step passed.
pub const PASS: &str = "PASS";

/// All that was found.
#[derive(Debug)]
pub struct Marks {
    pub seed: u64,
    pub exercises: Vec<&'static Exercise>,
    pub students: Vec<Student>,
}

/// What a student gets.
#[derive(Debug)]
pub struct Student {
    pub name: String,
    /// One for each exercise, in their order.
    pub marks: Vec<Mark>,
}

/// What a student gets for an exercise.
#[derive(Debug)]
pub struct Mark {
    pub exercise: &'static Exercise,
    /// The judge's verdict, or one of the words above.
    pub word: String,
    /// The steps that passed: a point each.
    pub points: usize,
    /// How long the judge worked.
    pub took: Duration,
    /// What was said to the learner, by the judge or by the compiler.
    pub words: String,
}

impl Marks {
    /// `alice half-close-echo`, where the checker was at fault.
    pub fn ungraded(&self) -> Vec<String> {
        let all = self.students.iter().flat_map(|student| {
            let marks = student.marks.iter();
            let failed = marks.filter(|mark| mark.word == CHECKER_ERROR);
            failed.map(|mark| format!("{} {}", student.name, mark.exercise.name))
        });
        all.collect()
    }
}

impl Student {
    pub fn points(&self) -> usize {
        self.marks.iter().map(|mark| mark.points).sum()
    }

    /// The points that there are.
    pub fn most(&self) -> usize {
        self.marks.iter().map(Mark::most).sum()
    }

    pub fn passed(&self) -> usize {
        self.marks.iter().filter(|mark| mark.is_pass()).count()
    }

    pub fn took(&self) -> Duration {
        self.marks.iter().map(|mark| mark.took).sum()
    }
}

impl Mark {
    pub fn most(&self) -> usize {
        self.exercise.steps.len()
    }

    pub fn is_pass(&self) -> bool {
        self.word == PASS
    }

    /// `PASS 7/7`, or a word without points.
    pub fn short(&self) -> String {
        match self.word.as_str() {
            MISSING | UNCHANGED | COMPILE_ERROR | CHECKER_ERROR => self.word.clone(),
            word => format!("{word} {}/{}", self.points, self.most()),
        }
    }

    fn without_points(exercise: &'static Exercise, word: &str, words: String) -> Self {
        let (word, took) = (word.to_string(), Duration::ZERO);
        Self {
            exercise,
            word,
            points: 0,
            took,
            words,
        }
    }
}

/// Marks all submissions; none when `stop` ended it.
pub fn mark(
    options: &Options,
    submissions: &[Submission],
    stop: &dyn Fn() -> bool,
) -> Result<Option<Marks>> {
    let room = Room::new(options, submissions)?;
    let width = submissions.iter().map(|one| one.name.chars().count());
    let width = width.max().unwrap_or(0);
    let total = submissions.len() * options.exercises.len();
    let mut students = Vec::new();
    for submission in submissions {
        let mut student = Student {
            name: submission.name.clone(),
            marks: Vec::new(),
        };
        for &exercise in &options.exercises {
            let file = submission.file(exercise);
            let Some(mark) = room.marked(exercise, file, stop)? else {
                return Ok(None);
            };
            let count = students.len() * options.exercises.len() + student.marks.len();
            let (number, name, what) = (count + 1, &student.name, mark.short());
            let digits = total.to_string().len();
            let exercise = exercise.name;
            eprintln!("{number:digits$}/{total} {name:width$} {exercise}: {what}");
            student.marks.push(mark);
        }
        students.push(student);
    }
    Ok(Some(Marks {
        seed: options.seed,
        exercises: options.exercises.clone(),
        students,
    }))
}

/// Where it all happens.
struct Room {
    root: PathBuf,
    seed: u64,
    workshop: Workshop,
    /// What a compiler must not see.
    hidden: Vec<PathBuf>,
}

impl Room {
    fn new(options: &Options, submissions: &[Submission]) -> Result<Self> {
        let own = std::env::current_exe().context("cannot find this program")?;
        let own = fs::canonicalize(&own).unwrap_or(own);
        let profile = own.parent().unwrap_or(Path::new(""));
        let target = profile.parent().unwrap_or(profile);
        let folder = target.join("grade");
        let root = crate::root();
        let root = fs::canonicalize(&root)
            .context(format!("cannot read the course in {}", root.display()))?;
        if !judge::cage_is_possible().context("cannot start the checker")? {
            eprintln!(
                "note: this system allows no cage, so the programs run with your rights; \
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
    fn marked(
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
        let text = match fs::read(file) {
            Ok(text) => text,
            Err(error) => {
                let words = format!("cannot read {}: {error}", file.display());
                return nothing(CHECKER_ERROR, &words);
            }
        };
        if self.is_stub(exercise, &text) {
            return nothing(UNCHANGED, "the file is as it was shipped");
        }
        let start = Instant::now();
        let built = self.workshop.build(exercise, &text, &self.hidden, stop);
        let built = built.context("cannot compile")?;
        if stop() {
            return Ok(None);
        }
        let program = match built {
            Built::Program(program) => program,
            Built::Refused(words) => {
                let mut mark = Mark::without_points(exercise, COMPILE_ERROR, words);
                mark.took = start.elapsed();
                return Ok(Some(mark));
            }
        };
        let mut verdict = self.judged(exercise, &program, stop)?;
        // The machine may have been busy; the student has no part in that.
        if verdict
            .as_ref()
            .is_some_and(|one| one.word == CHECKER_ERROR)
        {
            verdict = self.judged(exercise, &program, stop)?;
        }
        Ok(verdict.map(|verdict| Mark {
            exercise,
            points: match verdict.word.as_str() {
                CHECKER_ERROR => 0,
                _ => verdict.passed,
            },
            word: verdict.word,
            took: verdict.took,
            words: verdict.words,
        }))
    }

    fn judged(
        &self,
        exercise: &'static Exercise,
        program: &Path,
        stop: &dyn Fn() -> bool,
    ) -> Result<Option<Verdict>> {
        let mut hidden = self.hidden.clone();
        hidden.extend(self.workshop.private());
        let order = Order {
            exercise,
            command: vec![program.into()],
            seed: self.seed,
            hidden,
        };
        order
            .carry_out(|_| (), stop)
            .context("cannot start the checker")
    }

    /// Whether a file is what was handed out, however an editor ends its lines.
    fn is_stub(&self, exercise: &Exercise, text: &[u8]) -> bool {
        let room = self.root.join("tests").join(exercise.lesson).join("stubs");
        let stub = fs::read_to_string(room.join(format!("{}.rs", exercise.name)));
        let (Ok(stub), Ok(text)) = (stub, std::str::from_utf8(text)) else {
            return false;
        };
        let lines = |text: &str| -> Vec<String> {
            let lines = text.trim().lines();
            lines.map(|line| line.trim_end().to_string()).collect()
        };
        lines(&stub) == lines(text)
    }
}

/// What neither a compiler nor a program of a student is to see: the judge's answers,
/// here and in what was built for tests, and what other students have handed in.
fn hidden(
    options: &Options,
    submissions: &[Submission],
    root: &Path,
    profile: &Path,
    workshop: &Path,
) -> Vec<PathBuf> {
    let mut hidden = vec![root.join("tests"), root.join(".git")];
    hidden.extend(folders(profile));
    let target = profile.parent().unwrap_or(profile);
    hidden.extend(
        folders(target)
            .into_iter()
            .filter(|folder| folder != profile && folder != workshop),
    );
    for folder in &options.each {
        hidden.extend(fs::canonicalize(folder));
    }
    hidden.extend(submissions.iter().map(|one| one.folder.clone()));
    // The tools themselves stay, wherever they are.
    let mut needed = vec![root.join("shared"), workshop.into(), profile.into()];
    needed.push(std::env::temp_dir());
    for (name, place) in [("CARGO_HOME", ".cargo"), ("RUSTUP_HOME", ".rustup")] {
        let home = std::env::home_dir().map(|home| home.join(place));
        needed.extend(std::env::var_os(name).map(PathBuf::from).or(home));
    }
    hidden.retain(|folder| {
        folder.is_dir() && !needed.iter().any(|place| place.starts_with(folder))
    });
    // A folder in a folder that is hidden is not there any more.
    let all = hidden.clone();
    let inside = |folder: &PathBuf| {
        let around = |other: &PathBuf| other != folder && folder.starts_with(other);
        all.iter().any(around)
    };
    hidden.retain(|folder| !inside(folder));
    hidden.sort();
    hidden.dedup();
    hidden
}

fn folders(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let folders = entries.map(|entry| entry.path());
    folders.filter(|path| path.is_dir()).collect()
}
