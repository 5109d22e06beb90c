//! Has each exercise of each student compiled and judged, several at a time where a sandbox
//! keeps their programs apart.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;

use shared::{Result, eprintln};

use crate::args::Options;
use crate::marks::{CHECKER_ERROR, Mark, Marks, Student};
use crate::room::{Room, Seat};
use crate::submission::Submission;

/// The work of one run: each exercise of each student.
struct Work<'a> {
    options: &'a Options,
    submissions: &'a [Submission],
    room: &'a Room,
    /// How many have been taken.
    taken: AtomicUsize,
    board: Mutex<Board<'a>>,
}

/// What is done with the marks of those who have all of them, when the newest is there.
type Write<'a> = &'a mut (dyn FnMut(&Marks, &Student) -> Result<()> + Send);

/// Where the marks are put down, and read by whoever writes them.
struct Board<'a> {
    /// For each student, and each exercise.
    marks: Vec<Vec<Option<Mark>>>,
    done: usize,
    write: Write<'a>,
    complete: Marks,
    error: Option<shared::Error>,
}

/// Marks all submissions. `write` gets the marks of all students who have theirs, whenever
/// there is one more. Those of all, or of as many as there are when `stop` ends it.
pub fn mark(
    options: &Options,
    submissions: &[Submission],
    room: &Room,
    stop: &(dyn Fn() -> bool + Sync),
    write: Write<'_>,
) -> Result<Marks> {
    // Not every format holds it, and the same points need the same seed.
    eprintln!("Students: {}, seed {}", submissions.len(), room.seed());
    let work = Work {
        options,
        submissions,
        room,
        taken: AtomicUsize::new(0),
        board: Mutex::new(Board::empty(options, submissions, room.seed(), write)),
    };
    let seats = match room.is_for_many() {
        true => options.jobs.min(work.all()).max(1),
        false => 1,
    };
    work.done_on(seats, stop);
    let board = work
        .board
        .into_inner()
        .unwrap_or_else(PoisonError::into_inner);
    match board.error {
        Some(error) => Err(error),
        None => Ok(board.complete),
    }
}

impl<'a> Board<'a> {
    fn empty(
        options: &Options,
        submissions: &[Submission],
        seed: u64,
        write: Write<'a>,
    ) -> Self {
        let nothing = |_: &Submission| options.exercises.iter().map(|_| None).collect();
        Self {
            marks: submissions.iter().map(nothing).collect(),
            done: 0,
            write,
            complete: Marks {
                seed,
                exercises: options.exercises.clone(),
                students: Vec::new(),
            },
            error: None,
        }
    }
}

impl<'a> Work<'a> {
    fn all(&self) -> usize {
        self.submissions.len() * self.options.exercises.len()
    }

    fn board(&self) -> std::sync::MutexGuard<'_, Board<'a>> {
        self.board.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Marks on so many seats at a time. An error ends it on all of them.
    fn done_on(&self, seats: usize, stop: &(dyn Fn() -> bool + Sync)) {
        let failed = AtomicBool::new(false);
        let stop = || stop() || failed.load(Ordering::Relaxed);
        thread::scope(|scope| {
            for number in 0..seats {
                let (stop, failed) = (&stop, &failed);
                scope.spawn(move || {
                    let seat = Seat {
                        number,
                        shared: seats > 1,
                        stop,
                    };
                    if let Err(error) = self.done_by(seat) {
                        failed.store(true, Ordering::Relaxed);
                        self.board().error.get_or_insert(error);
                    }
                });
            }
        });
    }

    /// Marks one after the other, until no more is left.
    fn done_by(&self, seat: Seat<'_>) -> Result<()> {
        let exercises = &self.options.exercises;
        loop {
            let next = self.taken.fetch_add(1, Ordering::Relaxed);
            if next >= self.all() || (seat.stop)() {
                return Ok(());
            }
            let (student, place) = (next / exercises.len(), next % exercises.len());
            let submission = &self.submissions[student];
            let Some(mark) = self.room.marked(exercises[place], submission, seat)? else {
                return Ok(());
            };
            self.put_down(student, place, mark)?;
        }
    }

    /// Puts a mark down, says so, and has what is complete written.
    fn put_down(&self, student: usize, place: usize, mark: Mark) -> Result<()> {
        let mut board = self.board();
        board.done += 1;
        let line = self.progress(board.done, &self.submissions[student].name, &mark);
        eprintln!("{line}");
        for note in &mark.notes {
            eprintln!("  note: {note}");
        }
        board.marks[student][place] = Some(mark);
        if board.marks[student].iter().any(Option::is_none) {
            return Ok(());
        }
        let marks = std::mem::take(&mut board.marks[student]);
        let student = Student {
            name: self.submissions[student].name.clone(),
            marks: marks.into_iter().flatten().collect(),
        };
        let Board {
            complete, write, ..
        } = &mut *board;
        let place = complete.add(student, self.submissions);
        write(complete, &complete.students[place])
    }

    /// `12/60 ann half-close-echo: FAIL 2/6`
    fn progress(&self, number: usize, name: &str, mark: &Mark) -> String {
        const LONGEST: usize = 24;
        let width = self.submissions.iter().map(|one| one.name.chars().count());
        let width = width.max().unwrap_or(0).min(LONGEST);
        let (total, digits) = (self.all(), self.all().to_string().len());
        let (exercise, what) = (mark.exercise.name, mark.short());
        let line = format!("{number:digits$}/{total} {name:width$} {exercise}: {what}");
        match mark.word.as_str() {
            // The table has no place for the reason.
            CHECKER_ERROR => format!("{line}: {}", mark.words.trim()),
            _ => line,
        }
    }
}
