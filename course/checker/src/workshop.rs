//! The workshop: compiles answers that somebody else has written, as the lesson's own
//! exercise is compiled, and where the compiler harms nobody.
//!
//! It is a workspace of its own with a copy of the learner's package, so that an answer has
//! the dependencies, the lints and the path of the learner's file. A file can
//! ask the compiler for a lot: to read other files (`include_str!`), or to compute without
//! an end. So the compiler works in a sandbox: without a network, without the folders that
//! are hidden, with limits and a deadline. What was compiled once is kept.

mod bench;
mod cache;
mod cargo;
pub(crate) mod compiler;
mod compiler_messages;
mod lock;

use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use crate::scratch::Scratch;
use crate::{Exercise, MINE, spawn};
use bench::{furnish, write_if_new};
use cache::Cache;
use cargo::{build_arguments, cargo, host, own_settings};
use lock::{Lock, lock};

/// How long the compiler may work on one file. The largest right answer takes two seconds.
pub const COMPILING: Duration = Duration::from_secs(60);

/// How many bytes an answer can have: ten times the longest that is sensible.
pub const LONGEST: usize = 1 << 20;

/// What compiles wherever the compiler works.
const EMPTY: &[u8] = b"fn main() {}\n";

/// A place where answers are compiled, one at a time.
#[derive(Debug)]
pub struct Workshop {
    folder: PathBuf,
    /// The crate that the exercises may use, and the manifest that it has its version from.
    of_course: [PathBuf; 2],
    cache: Cache,
    /// Held by whoever uses the bench.
    bench: Mutex<()>,
    _lock: Lock,
}

/// What came of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Built {
    /// The program.
    Program(PathBuf),
    /// It does not compile, and this is what the compiler says.
    Refused(String),
}

impl Workshop {
    /// Makes the workshop in `folder`, from the course in `root`. For the exercises that are
    /// wanted it compiles what they depend on: the one thing that may need a network. Where
    /// another process works in that folder, this one says so to `busy`, and waits for it.
    ///
    /// # Errors
    /// When a file cannot be read or written, or the dependencies do not compile.
    pub fn new(
        root: &Path,
        folder: &Path,
        wanted: &[&'static Exercise],
        busy: impl FnOnce(),
    ) -> io::Result<Self> {
        fs::create_dir_all(folder)?;
        let alone = lock(&folder.join("lock"), busy)?;
        let ground = furnish(root, folder)?;
        let workshop = Self {
            folder: folder.to_path_buf(),
            of_course: ["shared", "Cargo.toml"].map(|name| root.join(name)),
            cache: Cache::open(&folder.join("kept"), ground)?,
            bench: Mutex::default(),
            _lock: alone,
        };
        for exercise in wanted {
            workshop.clear(exercise)?;
        }
        workshop.prepare(wanted)?;
        for exercise in wanted {
            workshop.remove_program(exercise)?;
        }
        Ok(workshop)
    }

    /// Compiles empty answers outside any sandbox, and with them all dependencies.
    fn prepare(&self, wanted: &[&Exercise]) -> io::Result<()> {
        let mut cargo = Command::new(cargo());
        cargo.args(build_arguments(&self.folder));
        cargo.args(["--package", MINE]);
        for exercise in wanted {
            cargo.args(["--example", exercise.name]);
        }
        own_settings(&mut cargo, &self.folder);
        let output = cargo.stdin(Stdio::null()).output()?;
        if output.status.success() {
            return Ok(());
        }
        let words = String::from_utf8_lossy(&output.stderr);
        Err(io::Error::other(format!(
            "what the exercises depend on does not compile: {}",
            words.trim()
        )))
    }

    /// Compiles an answer to an exercise; the compiler does not see what is in `hidden`.
    /// The program stays where it is until the next one for this seat: several may be used
    /// at a time, each in one.
    ///
    /// # Errors
    /// When a file cannot be written, or the compiler does not even compile an empty answer.
    pub fn build(
        &self,
        exercise: &'static Exercise,
        text: &[u8],
        seat: &str,
        hidden: &[PathBuf],
        stop: &dyn Fn() -> bool,
    ) -> io::Result<Built> {
        if text.len() > LONGEST {
            let words = format!("the file is longer than {LONGEST} bytes");
            return Ok(Built::Refused(words));
        }
        let bench = self.bench.lock().unwrap_or_else(PoisonError::into_inner);
        let built = match self.cache.found(exercise, text) {
            Some(built) => built,
            None => {
                let built = self.compiled(exercise, text, hidden, stop);
                // The next answer must find neither this file nor its program.
                self.clear(exercise)?;
                self.remove_program(exercise)?;
                built?
            }
        };
        drop(bench);
        self.hand_out(exercise, seat, built)
    }

    /// Compiles an answer, and keeps what came of it.
    fn compiled(
        &self,
        exercise: &Exercise,
        text: &[u8],
        hidden: &[PathBuf],
        stop: &dyn Fn() -> bool,
    ) -> io::Result<Built> {
        let built = match self.compile(exercise, text, hidden, stop)? {
            None => Built::Program(self.programs().join(program_name(exercise))),
            Some(words) if compiler_messages::blame(&words, &exercise.file()) => {
                Built::Refused(compiler_messages::of_use(&words))
            }
            // It shows no mistake: the disk may be full, or the linker missing. Then an
            // empty answer does not compile either.
            Some(words) => match self.compile(exercise, EMPTY, hidden, stop)? {
                // Unsure: not kept.
                None => return Ok(Built::Refused(compiler_messages::of_use(&words))),
                Some(words) => {
                    let words = compiler_messages::of_use(&words);
                    let what = format!("an empty file does not compile either: {words}");
                    return Err(io::Error::other(what));
                }
            },
        };
        self.cache.keep(exercise, text, built)
    }

    /// The folders that no program of a learner needs to see.
    pub fn private(&self) -> Vec<PathBuf> {
        vec![self.folder.join("bench"), self.folder.join("kept")]
    }

    /// Copies a program to the one place that is not hidden from it.
    fn hand_out(
        &self,
        exercise: &Exercise,
        seat: &str,
        built: Built,
    ) -> io::Result<Built> {
        let Built::Program(kept) = built else {
            return Ok(built);
        };
        let folder = self.folder.join("now").join(seat);
        fs::remove_dir_all(&folder).ok(); // the first time there is none
        fs::create_dir_all(&folder)?;
        let program = folder.join(program_name(exercise));
        fs::copy(kept, &program)?;
        Ok(Built::Program(program))
    }

    /// Has the compiler work on this text, in its sandbox. What it says against it; none: it
    /// compiles.
    fn compile(
        &self,
        exercise: &Exercise,
        text: &[u8],
        hidden: &[PathBuf],
        stop: &dyn Fn() -> bool,
    ) -> io::Result<Option<String>> {
        fs::write(self.file(exercise), text)?;
        let scratch = Scratch::new()?;
        let mut supervisor = self
            .supervisor(exercise, hidden, &scratch)?
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()?;
        let pipe = supervisor.stderr.take();
        let reader = move || pipe.map(compiler_messages::first_words).unwrap_or_default();
        let reader = thread::spawn(reader);
        let Some(status) = end_in_time(supervisor, stop)? else {
            let words = format!("the compiler had not finished after {COMPILING:?}");
            return Ok(Some(words));
        };
        let words = reader.join().unwrap_or_default();
        Ok((!status.success()).then_some(words))
    }

    /// The supervisor of cargo, not started yet.
    fn supervisor(
        &self,
        exercise: &Exercise,
        hidden: &[PathBuf],
        scratch: &Scratch,
    ) -> io::Result<Command> {
        let mut command: Vec<OsString> = vec![cargo()];
        command.extend(build_arguments(&self.folder));
        for word in ["--offline", "--package", MINE, "--example", exercise.name] {
            command.push(word.into());
        }
        let mut hidden = hidden.to_vec();
        hidden.push(self.folder.join("kept"));
        hidden.push(self.folder.join("now"));
        let mut sources = vec![self.folder.join("bench")];
        sources.extend(self.of_course.iter().cloned());
        let mut supervisor =
            compiler::supervisor_of_compiler(scratch, &hidden, &sources, &command)?;
        own_settings(&mut supervisor, &self.folder);
        // Only `prepare` needs the network, and the way to it may hold a password.
        for (name, _) in std::env::vars_os() {
            let small = name.to_string_lossy().to_ascii_lowercase();
            if small.ends_with("_proxy") {
                supervisor.env_remove(name);
            }
        }
        Ok(supervisor)
    }

    /// An empty answer in place of the last one.
    fn clear(&self, exercise: &Exercise) -> io::Result<()> {
        write_if_new(&self.file(exercise), EMPTY)
    }

    /// Cargo has it twice: by its name, and by its name with underscores and a number.
    fn remove_program(&self, exercise: &Exercise) -> io::Result<()> {
        let own = exercise.name.replace('-', "_");
        let Ok(entries) = fs::read_dir(self.programs()) else {
            return Ok(()); // nothing was compiled yet
        };
        for entry in entries {
            let entry = entry?;
            let name = entry.file_name().to_string_lossy().replace('-', "_");
            if name.starts_with(&own) {
                fs::remove_file(entry.path())?;
            }
        }
        Ok(())
    }

    fn file(&self, exercise: &Exercise) -> PathBuf {
        self.folder.join("bench").join(exercise.file())
    }

    /// Where cargo puts the programs.
    fn programs(&self) -> PathBuf {
        let target = self.folder.join("bench/target");
        let of_host = host().map_or(target.clone(), |host| target.join(host));
        of_host.join("debug/examples")
    }
}

/// How the compiler ended. None, when its time was over or `stop` said so: then it is ended.
fn end_in_time(
    mut supervisor: Child,
    stop: &dyn Fn() -> bool,
) -> io::Result<Option<ExitStatus>> {
    let end = Instant::now() + COMPILING;
    loop {
        if let Some(status) = supervisor.try_wait()? {
            return Ok(Some(status));
        }
        if Instant::now() > end || stop() {
            spawn::end_group(supervisor.id());
            supervisor.kill().ok(); // it may have ended
            supervisor.wait()?;
            return Ok(None);
        }
        thread::sleep(Duration::from_millis(5)); // between two looks
    }
}

fn program_name(exercise: &Exercise) -> String {
    format!("{}{}", exercise.name, std::env::consts::EXE_SUFFIX)
}
