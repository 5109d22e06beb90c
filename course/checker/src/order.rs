//! A check as a process of its own: the guide gives the order, and reads the verdict.
//!
//! The guide starts its own program again, three times over: the keeper makes the cage,
//! the judge plays in it, the launcher becomes the learner's program. All of them come in
//! through [`backstage`].
//!
//! The judge's keyboard is a pipe of the guide's, on which nothing is ever typed. When it
//! is closed, by the guide or by its end, the judge ends all that it has started.

use std::ffi::OsString;
use std::io::{self, BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitCode, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use crate::cage;
use crate::keeper::{END_AT_ONCE, KEEP_TRIAL, TRY_OUT, keep, keeper, try_out};
use crate::launch::{self, LIMITS};
use crate::program::Recipe;
use crate::report::NOTHING_IS_SAID;
use crate::scratch::Scratch;
use crate::start::{self, NotStarted};
use crate::{Exercise, LAUNCH, WHOLE, judge};

const KEEP: &str = "--keep-the-cage";
const PLAY: &str = "--judge-the-program";
const KEEP_COMPILER: &str = "--keep-the-compilers-cage";
const COMPILE: &str = "--start-the-compiler";

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
    /// Whether the program can write in its own folder only, where such a cage is possible
    /// ([`crate::cage_is_possible`]): for programs of others.
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
        let start = Instant::now();
        let scratch = Scratch::new()?;
        let mut command = keeper(KEEP, self.sealed, &scratch, &self.hidden)?;
        command.arg(self.exercise.name).arg(self.seed.to_string());
        command.arg(&self.typed).args(&self.command);
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        if self.sealed {
            command.env("TMPDIR", scratch.folder()); // nothing else can be written
        }
        let mut keeper = command.spawn()?;
        let lines = keeper.stdout.take().map(lines_of);
        // The judge has a deadline of its own, and keeps it.
        let end = start + WHOLE + Duration::from_secs(5);
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
        ends(keeper)?;
        if verdict.is_none() && stop() {
            return Ok(None);
        }
        let verdict = verdict.unwrap_or_else(|| {
            let passed = words
                .lines()
                .filter(|line| line.starts_with("  ok "))
                .count();
            let last = format!(
                "  CHECKER-ERROR there is no verdict\n\nchecker    {NOTHING_IS_SAID}\n"
            );
            last.split_inclusive('\n').for_each(&mut tell);
            words.push_str(&last);
            Verdict {
                word: "CHECKER-ERROR".into(),
                passed,
                steps: self.exercise.steps.len(),
                hint: 1,
                took: start.elapsed(),
                words: String::new(),
            }
        });
        Ok(Some(Verdict { words, ..verdict }))
    }
}

/// Has a keeper end, and its judge with all that it has started.
fn ends(mut keeper: Child) -> io::Result<()> {
    drop(keeper.stdin.take());
    let end = Instant::now() + Duration::from_secs(2);
    while keeper.try_wait()?.is_none() && Instant::now() < end {
        thread::sleep(Duration::from_millis(1)); // between two looks
    }
    keeper.kill().ok(); // it has ended, mostly
    keeper.wait().map(|_| ())
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

/// What a program that uses this crate calls first in its `main`: when it was started as
/// keeper, judge or launcher, it does that work, and this is its exit code. The judge finds
/// its exercise by its name in `exercises`.
pub fn backstage(exercises: &'static [Exercise]) -> Option<ExitCode> {
    let mut args = std::env::args_os().skip(1);
    let role = args.next()?;
    let args: Vec<OsString> = args.collect();
    let done = if role == KEEP {
        keep(PLAY, args)
    } else if role == PLAY {
        play(exercises, args)
    } else if role == KEEP_COMPILER {
        keep(COMPILE, args)
    } else if role == COMPILE {
        compile(&args)
    } else if role == KEEP_TRIAL {
        keep(TRY_OUT, args)
    } else if role == TRY_OUT {
        try_out()
    } else if role == END_AT_ONCE {
        Ok(ExitCode::SUCCESS)
    } else if role == LAUNCH {
        launch::become_program(&args).map(|()| ExitCode::FAILURE)
    } else {
        return None;
    };
    Some(done.unwrap_or_else(|error| {
        let words = format!("cannot start the check: {error}");
        // The guide reads what a judge says, and what a compiler complains of.
        match role == KEEP || role == PLAY {
            true => writeln!(io::stdout(), "{words}").ok(),
            false => writeln!(io::stderr(), "{words}").ok(),
        };
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
    let mut keeper = keeper(KEEP_COMPILER, false, scratch, hidden)?;
    keeper.args(command).env("TMPDIR", scratch.folder());
    Ok(keeper)
}

/// SCRATCH COMMAND…
fn compile(args: &[OsString]) -> io::Result<ExitCode> {
    let Some((_, command)) = args.split_first() else {
        return Err(io::Error::other("too few arguments"));
    };
    cage::when_orphaned_end()?;
    // A compiler uses more than a program does. The limits for a single process hold for
    // it, too.
    cage::furnish(LIMITS.memory + cage::MEMORY)?;
    let launcher = Command::new(std::env::current_exe()?);
    let started = start::start(launcher, command, &[] as &[&str]);
    let mut child = started.map_err(|failed| match failed {
        NotStarted::Command(error) | NotStarted::Launcher(error) => error,
    })?;
    Ok(match child.wait()?.success() {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    })
}

/// SCRATCH EXERCISE SEED TYPED COMMAND…
fn play(exercises: &'static [Exercise], mut args: Vec<OsString>) -> io::Result<ExitCode> {
    if args.len() < 5 {
        return Err(io::Error::other("too few arguments"));
    }
    let command = args.split_off(4);
    let [scratch, name, seed, typed] = &args[..] else {
        unreachable!("four are left")
    };
    let name = name.to_string_lossy();
    let exercise = exercises.iter().find(|exercise| exercise.name == name);
    let exercise = exercise.ok_or_else(|| io::Error::other("no such exercise"))?;
    let seed = seed.to_string_lossy().parse().map_err(io::Error::other)?;
    cage::when_orphaned_end()?;
    cage::furnish(cage::MEMORY)?;
    thread::spawn(|| {
        io::copy(&mut io::stdin(), &mut io::sink()).ok(); // until nobody wants the verdict
        start::end_all();
    });
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
