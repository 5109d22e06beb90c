//! A check as a process of its own: the guide gives the order, and reads the verdict.
//!
//! The guide starts its own program again, three times over: the keeper makes the cage,
//! the judge plays in it, the launcher becomes the learner's program. All of them come in
//! through [`backstage`].

use std::ffi::OsString;
use std::io::{self, BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use crate::cage::{self, Cage};
use crate::program::Recipe;
use crate::{Exercise, LAUNCH, WHOLE, exercises, judge, launch};

const KEEP: &str = "--keep-the-cage";
const PLAY: &str = "--judge-the-program";
const KEEP_COMPILER: &str = "--keep-the-compilers-cage";
const COMPILE: &str = "--start-the-compiler";
const TRY_CAGE: &str = "--try-a-cage";

/// Whether the cage is sealed.
const SEALED: &str = "sealed";
const OPEN: &str = "open";

/// In front of the line that is for the guide and not for the learner.
const VERDICT: &str = "\u{1}verdict ";

/// An order to check one program.
#[derive(Debug, Clone)]
pub struct Order {
    /// The exercise.
    pub exercise: &'static Exercise,
    /// The learner's program, and arguments of its own.
    pub command: Vec<OsString>,
    /// The options of `check` with which the learner named that program, for the line that
    /// says how to check again; empty: it is the exercise's file.
    pub typed: String,
    /// For all random values.
    pub seed: u64,
    /// Folders and files that the program must not see, where a cage can hide them.
    pub hidden: Vec<PathBuf>,
    /// Whether the program can write in its own folder only, where there is a cage: for
    /// programs of others.
    pub sealed: bool,
}

/// What came of an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// `PASS`, `FAIL`, `CRASH`, `TIMEOUT` or `CHECKER-ERROR`.
    pub word: String,
    /// How many steps passed, of how many.
    pub passed: usize,
    /// All steps of the check.
    pub steps: usize,
    /// The hint that helps most: 1 to 3.
    pub hint: u8,
    /// How long the judge worked.
    pub took: Duration,
    /// All that was said to the learner.
    pub words: String,
}

impl Verdict {
    /// Whether the program does what its task says.
    pub fn is_pass(&self) -> bool {
        self.word == "PASS"
    }
}

impl Order {
    /// Has it carried out, telling each line to `tell` as it comes. When `stop` says so,
    /// everything is ended at once, and there is no verdict.
    ///
    /// # Errors
    /// When the judge cannot be started. Its own trouble is a verdict.
    pub fn carry_out(
        &self,
        mut tell: impl FnMut(&str),
        stop: impl Fn() -> bool,
    ) -> io::Result<Option<Verdict>> {
        let scratch = Scratch::new(self.seed)?;
        let mut command = Command::new(std::env::current_exe()?);
        command
            .arg(KEEP)
            .arg(&scratch.0)
            .arg(if self.sealed { SEALED } else { OPEN })
            .arg(self.hidden.len().to_string());
        command
            .args(&self.hidden)
            .arg(self.exercise.name)
            .arg(self.seed.to_string())
            .arg(&self.typed);
        command
            .args(&self.command)
            .stdin(Stdio::null())
            .stdout(Stdio::piped());
        // Ctrl+C in the guide's terminal is for the guide, which then ends all of them.
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        let mut keeper = command.spawn()?;
        let lines = keeper.stdout.take().map(lines_of);
        let end = Instant::now() + WHOLE + Duration::from_secs(5);
        let (mut words, mut verdict) = (String::new(), None);
        for line in lines.iter().flat_map(|lines| until(lines, end, &stop)) {
            match line.strip_prefix(VERDICT) {
                Some(found) => verdict = read_verdict(found),
                None => {
                    tell(&line);
                    words.push_str(&line);
                }
            }
        }
        keeper.kill().ok(); // it may have ended
        keeper.wait()?;
        if verdict.is_none() && stop() {
            return Ok(None);
        }
        let steps = self.exercise.steps.len();
        let none = Verdict {
            word: "CHECKER-ERROR".into(),
            passed: 0,
            steps,
            hint: 1,
            took: Duration::ZERO,
            words: String::new(),
        };
        Ok(Some(Verdict {
            words,
            ..verdict.unwrap_or(none)
        }))
    }
}

/// The lines of a pipe, each with its end.
fn lines_of(pipe: impl io::Read + Send + 'static) -> mpsc::Receiver<String> {
    let (sender, lines) = mpsc::channel();
    thread::spawn(move || {
        let mut pipe = BufReader::new(pipe);
        loop {
            let mut line = Vec::new();
            match pipe.read_until(b'\n', &mut line) {
                Ok(1..) => sender
                    .send(String::from_utf8_lossy(&line).into_owned())
                    .ok(),
                _ => return,
            };
        }
    });
    lines
}

fn until<'a>(
    lines: &'a mpsc::Receiver<String>,
    end: Instant,
    stop: &'a dyn Fn() -> bool,
) -> impl Iterator<Item = String> + 'a {
    std::iter::from_fn(move || {
        while Instant::now() < end && !stop() {
            match lines.recv_timeout(Duration::from_millis(20)) {
                Ok(line) => return Some(line),
                Err(mpsc::RecvTimeoutError::Disconnected) => return None,
                Err(mpsc::RecvTimeoutError::Timeout) => {}
            }
        }
        None
    })
}

fn read_verdict(line: &str) -> Option<Verdict> {
    let mut fields = line.split_whitespace();
    Some(Verdict {
        word: fields.next()?.to_string(),
        passed: fields.next()?.parse().ok()?,
        steps: fields.next()?.parse().ok()?,
        hint: fields.next()?.parse().ok()?,
        took: Duration::from_micros(fields.next()?.parse().ok()?),
        words: String::new(),
    })
}

/// A folder for one run of a program; removed with everything in it.
#[derive(Debug)]
pub(crate) struct Scratch(PathBuf);

impl Scratch {
    pub(crate) fn new(seed: u64) -> io::Result<Self> {
        // The same seed serves many programs, and several of them may run at a time.
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("course-check-{}-{seed}-{count}", std::process::id());
        let folder = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&folder)?;
        Ok(Self(folder))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        std::fs::remove_dir_all(&self.0).ok(); // nothing depends on it
    }
}

/// What a program that uses this crate calls first in its `main`: when it was started as
/// keeper, judge or launcher, it does that work, and this is its exit code.
pub fn backstage() -> Option<ExitCode> {
    let mut args = std::env::args_os().skip(1);
    let role = args.next()?;
    let args: Vec<OsString> = args.collect();
    let done = if role == KEEP {
        keep(PLAY, args)
    } else if role == PLAY {
        play(args)
    } else if role == KEEP_COMPILER {
        keep(COMPILE, args)
    } else if role == COMPILE {
        compile(&args)
    } else if role == TRY_CAGE {
        let there = cage::keep(
            &Cage {
                hidden: Vec::new(),
                scratch: std::env::temp_dir(),
                sealed: true,
            },
            &mut Command::new("true"),
        );
        return Some(match there.is_ok() && cage::entered() {
            true => ExitCode::SUCCESS,
            false => ExitCode::FAILURE,
        });
    } else if role == LAUNCH {
        let (program, args) = args.split_first()?;
        let error = launch::become_program(program, args);
        eprintln!("cannot start {}: {error}", program.display());
        return Some(ExitCode::FAILURE);
    } else {
        return None;
    };
    Some(done.unwrap_or_else(|error| {
        eprintln!("cannot start the check: {error}");
        ExitCode::FAILURE
    }))
}

/// The keeper for a compiler, not started yet: it sees none of the hidden folders, and
/// has the scratch for its temporary files.
pub(crate) fn keeper_of_compiler(
    scratch: &Scratch,
    hidden: &[PathBuf],
    command: &[OsString],
) -> io::Result<Command> {
    let mut keeper = Command::new(std::env::current_exe()?);
    keeper
        .arg(KEEP_COMPILER)
        .arg(&scratch.0)
        .arg(OPEN)
        .arg(hidden.len().to_string());
    keeper.args(hidden).args(command).env("TMPDIR", &scratch.0);
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(&mut keeper, 0);
    Ok(keeper)
}

/// Whether this system lets a cage be made: tried once, in a process of its own.
///
/// # Errors
/// When that process cannot be started.
pub fn cage_is_possible() -> io::Result<bool> {
    let mut trial = Command::new(std::env::current_exe()?);
    let status = trial.arg(TRY_CAGE).stdin(Stdio::null()).status()?;
    Ok(status.success())
}

/// SCRATCH SEAL COUNT HIDDEN… and what `role` wants.
fn keep(role: &str, mut args: Vec<OsString>) -> io::Result<ExitCode> {
    let short = || io::Error::other("too few arguments");
    if args.len() < 3 {
        return Err(short());
    }
    let scratch = PathBuf::from(args.remove(0));
    let sealed = args.remove(0) == SEALED;
    let hidden: usize = args
        .remove(0)
        .to_string_lossy()
        .parse()
        .map_err(|_| short())?;
    let mut hidden: Vec<_> = args
        .drain(..hidden.min(args.len()))
        .map(PathBuf::from)
        .collect();
    hidden.retain(|place| place.exists());
    cage::when_orphaned_end()?;
    let mut judge = Command::new(std::env::current_exe()?);
    judge.arg(role).arg(&scratch).args(args);
    if sealed {
        judge.env("TMPDIR", &scratch); // nothing else can be written
    }
    let cage = Cage {
        hidden,
        scratch,
        sealed,
    };
    let status = cage::keep(&cage, &mut judge)?;
    Ok(if status.success() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// SCRATCH COMMAND…
fn compile(args: &[OsString]) -> io::Result<ExitCode> {
    let Some((_, command)) = args.split_first() else {
        return Err(io::Error::other("too few arguments"));
    };
    cage::when_orphaned_end()?;
    cage::furnish()?;
    // The limits of a learner's program do for its compiler, too.
    let mut launcher = Command::new(std::env::current_exe()?);
    let status = launcher.arg(LAUNCH).args(command).status()?;
    Ok(match status.success() {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    })
}

/// SCRATCH EXERCISE SEED TYPED COMMAND…
fn play(mut args: Vec<OsString>) -> io::Result<ExitCode> {
    if args.len() < 5 {
        return Err(io::Error::other("too few arguments"));
    }
    let command = args.split_off(4);
    let [scratch, name, seed, typed] = &args[..] else {
        unreachable!("four are left")
    };
    let name = name.to_string_lossy();
    let exercise = exercises().find(|exercise| exercise.name == name);
    let exercise = exercise.ok_or_else(|| io::Error::other("no such exercise"))?;
    let seed = seed.to_string_lossy().parse().map_err(io::Error::other)?;
    cage::when_orphaned_end()?;
    cage::furnish()?;
    let recipe = Recipe {
        command,
        folder: Path::new(scratch).to_path_buf(),
    };
    let report = judge(exercise, recipe, seed, &typed.to_string_lossy(), |words| {
        let mut out = io::stdout().lock();
        // Without a guide to read it, nobody wants the verdict.
        out.write_all(words.as_bytes())
            .and_then(|()| out.flush())
            .ok();
    });
    let hint = report.trouble.as_ref().map_or(1, |trouble| trouble.hint);
    let (word, took) = (report.verdict(), report.took.as_micros());
    println!(
        "{VERDICT}{word} {} {} {hint} {took}",
        report.passed, report.steps
    );
    Ok(ExitCode::SUCCESS)
}
