//! A check as a process of its own: the guide gives the order, and takes the events.
//!
//! The guide starts its own program again, three times over ([`crate::roles`]): the supervisor
//! makes the sandbox, the checker plays in it, the launcher becomes the learner's program.
//!
//! The checker's keyboard is a pipe of the guide's, on which nothing is ever typed. When it
//! is closed, by the guide or by its end, the checker ends all that it has started.

use std::ffi::OsString;
use std::io::{self, BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitCode, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use crate::failure::Kind;
use crate::program::Recipe;
use crate::recorder::{self, Recorder};
use crate::report::{NOTHING_IS_SAID, judge};
use crate::scratch::Scratch;
use crate::supervisor::supervisor;
use crate::verdict::{Event, Verdict};
use crate::{Exercise, LONGEST, places, roles, sandbox, spawn};

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
    /// Folders and files that the program must not see, where a sandbox can hide them.
    pub hidden: Vec<PathBuf>,
    /// Whether the program can write in its own folder only, and sees nothing but that, the
    /// folder that it lies in, and the system, where such a sandbox is possible
    /// ([`crate::sandbox_is_possible`]): for programs of others.
    pub read_only: bool,
    /// Who records the check, where there is a sandbox in which it can.
    pub recorder: Option<Recorder>,
}

impl Order {
    /// Has it carried out, telling each event but the verdict to `tell` as it comes. When
    /// `stop` says so, everything is ended at once, and there is no verdict.
    ///
    /// # Errors
    /// When the checker cannot be started. Its own failure is a verdict.
    pub fn carry_out(
        &self,
        mut tell: impl FnMut(&Event),
        stop: impl Fn() -> bool,
    ) -> io::Result<Option<Verdict>> {
        let start = Instant::now();
        let scratch = Scratch::new()?;
        let mut supervisor = self.supervisor(&scratch)?.spawn()?;
        let lines = supervisor.stdout.take().map(lines_of);
        // The checker has a deadline of its own, and keeps it.
        let end = start + LONGEST + Duration::from_secs(5);
        let (mut passed, mut verdict) = (0, None);
        for line in lines.iter().flat_map(|lines| until(lines, end, &stop)) {
            match Event::of_line(&line) {
                Event::Ended(found) => verdict = Some(found),
                event => {
                    passed += usize::from(matches!(event, Event::Passed(_)));
                    tell(&event);
                }
            }
        }
        ends(supervisor)?;
        if verdict.is_none() && stop() {
            return Ok(None);
        }
        Ok(Some(verdict.unwrap_or_else(|| {
            let failure = Kind::CheckerError;
            tell(&Event::Failed(failure, "there is no verdict".into()));
            tell(&Event::About("checker".into(), NOTHING_IS_SAID.into()));
            Verdict {
                failure: Some(failure),
                passed,
                steps: self.exercise.steps.len(),
                hint: 1,
                took: start.elapsed(),
            }
        })))
    }

    /// The supervisor of the check, not started yet.
    fn supervisor(&self, scratch: &Scratch) -> io::Result<Command> {
        let visible = match (self.read_only, self.command.first()) {
            (true, Some(program)) => places::of_program(Path::new(program)),
            _ => Vec::new(),
        };
        let (role, hidden) = (roles::SUPERVISE, &self.hidden);
        let mut command = supervisor(role, self.read_only, scratch, hidden, &visible)?;
        command.arg(self.exercise.name).arg(self.seed.to_string());
        command.arg(&self.typed).args(&self.command);
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        if let Some(recorder) = &self.recorder {
            recorder.give_to(&mut command);
        }
        if self.read_only {
            command.env("TMPDIR", scratch.folder()); // nothing else can be written
        }
        Ok(command)
    }
}

/// Has a supervisor end, and its judge with all that it has started.
fn ends(mut supervisor: Child) -> io::Result<()> {
    drop(supervisor.stdin.take());
    let end = Instant::now() + Duration::from_secs(2);
    while supervisor.try_wait()?.is_none() && Instant::now() < end {
        thread::sleep(Duration::from_millis(1)); // between two looks
    }
    supervisor.kill().ok(); // it has ended, mostly
    supervisor.wait().map(|_| ())
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

/// SCRATCH EXERCISE SEED TYPED COMMAND…: the checker's work, its events on standard output.
///
/// # Errors
/// When there can be no check.
pub fn play(
    exercises: &'static [Exercise],
    mut args: Vec<OsString>,
) -> io::Result<ExitCode> {
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
    sandbox::when_orphaned_end()?;
    sandbox::furnish(sandbox::MEMORY)?;
    recorder::begin()?;
    thread::spawn(|| {
        io::copy(&mut io::stdin(), &mut io::sink()).ok(); // until nobody wants the verdict
        spawn::end_all();
    });
    let recipe = Recipe {
        command,
        folder: Path::new(scratch).to_path_buf(),
    };
    judge(exercise, recipe, seed, &typed.to_string_lossy(), |event| {
        let line = event.to_line();
        recorder::keep(Instant::now(), &line);
        let mut out = io::stdout().lock();
        // Without a guide to read it, nobody wants the verdict.
        out.write_all(line.as_bytes())
            .and_then(|()| out.flush())
            .ok();
    });
    recorder::end();
    Ok(ExitCode::SUCCESS)
}
