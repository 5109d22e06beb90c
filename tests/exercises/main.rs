//! The checks of the exercises judge rightly: the stub fails, right answers pass, wrong
//! ones are rejected in the intended words.
//!
//! `EXERCISES=write cargo test -p tests --test exercises` writes the words of the wrong
//! answers into `wrong.txt` beside them; read them before you commit.

#![cfg(answers)]

mod answers;
#[cfg(target_os = "linux")]
mod hostile;
#[cfg(target_os = "linux")]
mod pictures;
mod rooms;
#[cfg(target_os = "linux")]
mod starved;
#[cfg(target_os = "linux")]
mod unsandboxed;
mod words;

use std::num::NonZero;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Condvar, Mutex};
use std::thread;

use answers::Answer;
use checker::Exercise;
use once_cell::sync::Lazy;
use tests::{Program, find_tool, root};

/// How many checks of an exercise run at a time: most of a wrong answer's time is waiting.
const AT_ONCE: usize = 8;

/// How many of all exercises do, however many tests run at a time: four on each processor.
/// Twice as many took no less time, and beside other work a deadline told of the machine and
/// not of the answer.
static PERMITS: Lazy<Permits> = Lazy::new(|| Permits {
    free: Mutex::new(4 * thread::available_parallelism().map_or(1, NonZero::get)),
    returned: Condvar::new(),
});

/// A semaphore: each check takes a permit, and brings it back.
struct Permits {
    free: Mutex<usize>,
    returned: Condvar,
}

impl Permits {
    fn with_one<T>(&self, work: impl FnOnce() -> T) -> T {
        let free = self.free.lock().expect("nobody panics with it");
        let mut free = self
            .returned
            .wait_while(free, |free| *free == 0)
            .expect("as before");
        *free -= 1;
        drop(free);
        let result = work();
        *self.free.lock().expect("as before") += 1;
        self.returned.notify_one();
        result
    }
}

/// What the guide said of an answer.
struct Said {
    passed: bool,
    words: String,
}

fn check(exercise: &Exercise, answer: &Answer) -> Said {
    said_of(exercise, &answer.command(exercise.name))
}

/// What is said of the program that this command starts.
fn said_of(exercise: &Exercise, command: &str) -> Said {
    let folder = tempfile::tempdir().expect("a folder");
    let progress = folder.path().join("progress").display().to_string();
    let ended = Program::of("trainer")
        .args(["check", exercise.name, "--command", command])
        .env("COURSE_PROGRESS", &progress)
        .start()
        .ends_within(checker::LONGEST * 2); // its own deadline comes first
    assert!(matches!(ended.code, Some(0 | 1)), "{ended:#?}");
    assert_eq!(ended.stderr, "", "{ended:#?}");
    Said {
        passed: ended.code == Some(0),
        words: ended.stdout,
    }
}

/// Not by a time-out: it is seen that it has ended.
#[cfg(unix)]
#[test]
fn a_program_that_ends_at_once_is_waited_for_by_no_check() {
    for exercise in exercises::all() {
        for command in ["true", "false"] {
            let said = said_of(exercise, command);
            let told = !said.passed && said.words.contains("\n  FAIL  ");
            assert!(told, "{}, {command}: {}", exercise.name, said.words);
        }
    }
}

/// What must be the same in each run: the step that failed, the likely cause, and what
/// to read.
fn diagnosis(words: &str) -> String {
    let lines = words.lines().filter(|line| {
        let failed = ["  FAIL ", "  CRASH ", "  TIMEOUT ", "  CHECKER-ERROR "];
        failed.iter().any(|start| line.starts_with(start))
            || line.starts_with("likely ")
            || line.starts_with("read ")
    });
    lines
        .map(|line| format!("{}\n", without_chance(line)))
        .collect()
}

/// A panic's place and words have numbers in them, and the path of this copy.
fn without_chance(line: &str) -> String {
    let Some((before, place)) = line.split_once(" at /") else {
        return line.to_string();
    };
    let place = place.rsplit('/').next().unwrap_or(place);
    let place: String = place
        .split(|letter: char| letter.is_ascii_digit())
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join("N");
    format!("{before} at {place}")
}

/// Judges all answers to an exercise, and returns what is wrong with the judging.
fn judged(exercise: &Exercise) -> Vec<String> {
    let answers = answers::of(exercise);
    let next = AtomicUsize::new(0);
    thread::scope(|scope| {
        let work = || {
            let mut wrong = Vec::new();
            while let Some(answer) = answers.get(next.fetch_add(1, Ordering::Relaxed)) {
                wrong.extend(PERMITS.with_one(|| misjudged(exercise, answer)));
            }
            wrong
        };
        let workers: Vec<_> = (0..AT_ONCE).map(|_| scope.spawn(work)).collect();
        let found = workers
            .into_iter()
            .map(|worker| worker.join().expect("no panic"));
        found.flatten().collect()
    })
}

fn misjudged(exercise: &Exercise, answer: &Answer) -> Option<String> {
    let python = answer.file.extension().is_some_and(|end| end == "py");
    if python && find_tool("python3").is_none() {
        return None;
    }
    let said = check(exercise, answer);
    let title = format!("{} {} {}", exercise.name, answer.kind, answer.name);
    let should_pass = matches!(answer.kind, "solution" | "right");
    if said.passed != should_pass {
        return Some(format!("{title} is misjudged:\n{}", said.words));
    }
    if answer.kind != "wrong" {
        return None;
    }
    let file = root().join(exercise.folder()).join("wrong.txt");
    let now = diagnosis(&said.words);
    if std::env::var_os("EXERCISES").is_some_and(|word| word == "write") {
        words::write(&file, &answer.file_name(), &now);
    }
    let kept = words::read(&file).remove(&answer.file_name());
    let kept = kept.unwrap_or_default();
    let same = kept == now && !now.is_empty();
    (!same).then(|| {
        format!(
            "{title}: the words are\n{now}and were\n{kept}{}",
            said.words
        )
    })
}

/// A test for the exercises of each lesson.
macro_rules! lessons {
    ($($name:ident $lesson:literal,)*) => {
        $(
            #[test]
            fn $name() {
                let of_lesson = exercises::all().filter(|one| one.lesson == $lesson);
                let wrong: Vec<_> = of_lesson.flat_map(judged).collect();
                assert!(wrong.is_empty(), "{}", wrong.join("\n"));
            }
        )*
        /// The lessons whose exercises are judged here.
        const JUDGED: &[&str] = &[$($lesson),*];
    };
}

lessons! {
    the_exercises_of_lesson_01_are_judged_rightly "01-create",
    the_exercises_of_lesson_02_are_judged_rightly "02-resolve",
    the_exercises_of_lesson_03_are_judged_rightly "03-connect",
    the_exercises_of_lesson_04_are_judged_rightly "04-send-recv",
    the_exercises_of_lesson_05_are_judged_rightly "05-bind-listen-accept",
    the_exercises_of_lesson_06_are_judged_rightly "06-forever-loop",
    the_exercises_of_lesson_07_are_judged_rightly "07-threaded-server",
    the_exercises_of_lesson_08_are_judged_rightly "08-udp",
    the_exercises_of_lesson_09_are_judged_rightly "09-framing",
    the_exercises_of_lesson_10_are_judged_rightly "10-select",
    the_exercises_of_lesson_11_are_judged_rightly "11-chat",
    the_exercises_of_lesson_12_are_judged_rightly "12-options",
    the_exercises_of_lesson_13_are_judged_rightly "13-server-framework",
    the_exercises_of_lesson_14_are_judged_rightly "14-http",
}
