//! What was found: points, and the words for them.

use std::time::Duration;

use checker::Exercise;

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
    /// The checker's verdict, or one of the words above.
    pub word: String,
    /// The steps that passed: a point each.
    pub points: usize,
    /// How long the checker worked.
    pub took: Duration,
    /// What was said to the learner, by the checker or by the compiler.
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

    pub fn without_points(
        exercise: &'static Exercise,
        word: &str,
        words: String,
    ) -> Self {
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
