//! What was found: points, and the words for them.

use std::time::{Duration, SystemTime};

use checker::Exercise;

use crate::submission::Submission;

/// There is no such file in the student's folder.
pub const MISSING: &str = "MISSING";
/// The file is as it was shipped.
pub const UNCHANGED: &str = "UNCHANGED";
/// Cargo refuses the file, or it cannot be read.
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
    /// The steps that the file passes as it was handed out: no points.
    pub given: usize,
    /// The checker's verdict, or one of the words above.
    pub word: String,
    /// The steps that passed.
    pub passed: usize,
    /// How long the checker worked.
    pub took: Duration,
    /// What was said to the learner, by the checker or by the compiler.
    pub words: String,
    /// What the student should know of the files: a name that is not right, or which of
    /// several was graded.
    pub notes: Vec<String>,
    /// The file that was graded.
    pub file: Option<Graded>,
}

/// A file that was graded.
#[derive(Debug, Clone)]
pub struct Graded {
    /// When it was last written, as far as the file system knows.
    pub date: Option<SystemTime>,
    /// The same number: the same answer, but for comments and blanks. None: it is empty.
    pub likeness: Option<u64>,
}

impl Marks {
    /// Adds a student, in the order in which the submissions are. The place.
    pub fn add(&mut self, student: Student, submissions: &[Submission]) -> usize {
        let place = |name: &str| submissions.iter().position(|one| one.name == name);
        let own = place(&student.name);
        let before = |other: &Student| place(&other.name) < own;
        let at = self.students.partition_point(before);
        self.students.insert(at, student);
        at
    }

    /// For each exercise with the same answer of others: `half-close-echo: ben, carla`.
    pub fn same_answers(&self, student: &Student) -> Vec<String> {
        let same = self
            .exercises
            .iter()
            .enumerate()
            .filter_map(|(place, exercise)| {
                let others = self.same_as(student, place);
                let line = format!("{}: {}", exercise.name, others.join(", "));
                (!others.is_empty()).then_some(line)
            });
        same.collect()
    }

    /// Who has handed in the same answer: `half-close-echo: ann, ben`, once for each of them.
    pub fn same_groups(&self) -> Vec<String> {
        let mut groups = Vec::new();
        for (place, exercise) in self.exercises.iter().enumerate() {
            for student in &self.students {
                let mut all = self.same_as(student, place);
                all.push(&student.name);
                all.sort_unstable();
                let line = format!("{}: {}", exercise.name, all.join(", "));
                if all.len() > 1 && !groups.contains(&line) {
                    groups.push(line);
                }
            }
        }
        groups
    }

    /// The others who have handed in the same answer to an exercise, by its place.
    fn same_as(&self, student: &Student, place: usize) -> Vec<&str> {
        let likeness =
            |student: &Student| student.marks.get(place)?.file.as_ref()?.likeness;
        let own = likeness(student);
        let others = self
            .students
            .iter()
            .filter(|other| other.name != student.name);
        let same = others.filter(|other| own.is_some() && likeness(other) == own);
        same.map(|other| other.name.as_str()).collect()
    }

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
        self.marks.iter().map(Mark::points).sum()
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
    /// A mark without a check.
    pub fn without_check(exercise: &'static Exercise, word: &str, words: String) -> Self {
        Self {
            exercise,
            given: 0,
            word: word.to_string(),
            passed: 0,
            took: Duration::ZERO,
            words,
            notes: Vec::new(),
            file: None,
        }
    }

    /// A point for each step that passes, and that did not pass before anybody worked on it.
    pub fn points(&self) -> usize {
        self.passed.saturating_sub(self.given)
    }

    /// The points that there are.
    pub fn most(&self) -> usize {
        self.exercise.steps.len().saturating_sub(self.given)
    }

    /// What the student reads: the notes, and the words.
    pub fn told(&self) -> String {
        let notes = self.notes.iter().map(|note| format!("note: {note}\n"));
        notes.collect::<String>() + &self.words
    }

    pub fn is_pass(&self) -> bool {
        self.word == PASS
    }

    /// Whether the file was checked, and a verdict is there.
    pub fn is_checked(&self) -> bool {
        let unchecked = [MISSING, UNCHANGED, COMPILE_ERROR, CHECKER_ERROR];
        !unchecked.contains(&self.word.as_str())
    }

    /// The step that failed: its number from 1, and what it would have proved.
    pub fn failed_step(&self) -> Option<(usize, &'static str)> {
        let step = self.exercise.steps.get(self.passed)?;
        let failed = self.is_checked() && !self.is_pass();
        failed.then_some((self.passed + 1, step.says))
    }

    /// `PASS 6/6`, or a word without points.
    pub fn short(&self) -> String {
        match self.is_checked() {
            true => format!("{} {}/{}", self.word, self.points(), self.most()),
            false => self.word.clone(),
        }
    }
}
