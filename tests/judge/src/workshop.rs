//! The workshop: compiles answers that somebody else has written, as the lesson's own
//! exercise is compiled, and where the compiler harms nobody.
//!
//! It is a workspace of its own with a copy of each lesson that has exercises, so that an
//! answer has the dependencies, the lints and the path of the learner's file. A file can
//! ask the compiler for a lot: to read other files (`include_str!`), or to compute without
//! an end. So the compiler works in a cage: without a network, without the folders that
//! are hidden, with limits and a deadline. What was compiled once is kept.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::scratch::Scratch;
use crate::{Exercise, exercises, order, start};

/// How long the compiler may work on one file. The largest right answer takes two seconds.
pub const COMPILING: Duration = Duration::from_secs(60);

/// How many bytes of the compiler's words are kept.
const WORDS: usize = 16 << 10;

/// How long an answer can be: ten times the longest that is sensible.
const LONGEST: usize = 1 << 20;

/// A place where answers are compiled, one at a time.
#[derive(Debug)]
pub struct Workshop {
    folder: PathBuf,
    /// What all answers stand on, as one number: another one, and all is compiled again.
    ground: u64,
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
    /// Makes the workshop in `folder`, from the course in `root`. It takes the lessons of
    /// these exercises, and compiles what they depend on: the one thing that may need a
    /// network. Where another process works in that folder, this one says so to `busy`, and
    /// waits for it.
    ///
    /// # Errors
    /// When a file cannot be read or written, or the lessons do not compile.
    pub fn new(
        root: &Path,
        folder: &Path,
        wanted: &[&'static Exercise],
        busy: impl FnOnce(),
    ) -> io::Result<Self> {
        fs::create_dir_all(folder)?;
        let alone = lock(&folder.join("lock"), busy)?;
        let mut hasher = DefaultHasher::new();
        let bench = folder.join("bench");
        // Each lesson with exercises, so that the list of members is always the same.
        let lessons: BTreeSet<_> = exercises().map(|exercise| exercise.lesson).collect();
        let manifest = fs::read_to_string(root.join("Cargo.toml"))?;
        let manifest = manifest_of_bench(&manifest, root, &lessons);
        let lock = fs::read_to_string(root.join("Cargo.lock"))?;
        manifest.hash(&mut hasher);
        lock.hash(&mut hasher);
        read_all(&root.join("shared"), &mut |_, bytes| {
            bytes.hash(&mut hasher);
            Ok(())
        })?;
        fs::create_dir_all(&bench)?;
        write_if_new(&bench.join("Cargo.toml"), manifest.as_bytes())?;
        // Cargo drops from its copy what nobody here needs.
        if fs::read_to_string(folder.join("Cargo.lock")).ok().as_ref() != Some(&lock) {
            fs::write(bench.join("Cargo.lock"), &lock)?;
            fs::write(folder.join("Cargo.lock"), &lock)?;
        }
        for lesson in lessons {
            let (from, to) = (root.join("lessons").join(lesson), bench.join("lessons"));
            let to = to.join(lesson);
            read_all(&from, &mut |path, bytes| {
                let inside = path.strip_prefix(&from).unwrap_or(path);
                let of_a_learner = inside.starts_with("exercises");
                if !of_a_learner {
                    bytes.hash(&mut hasher);
                    write_if_new(&to.join(inside), bytes)?;
                }
                Ok(())
            })?;
        }
        let workshop = Self {
            folder: folder.to_path_buf(),
            ground: hasher.finish(),
            _lock: alone,
        };
        for exercise in exercises() {
            workshop.clear(exercise)?;
        }
        workshop.prepare(wanted)?;
        Ok(workshop)
    }

    /// Compiles empty answers outside any cage, and with them all dependencies.
    fn prepare(&self, wanted: &[&Exercise]) -> io::Result<()> {
        let mut cargo = Command::new(cargo());
        cargo.args(self.build_arguments());
        for exercise in wanted {
            cargo.args(["--package", exercise.package(), "--example", exercise.name]);
        }
        let output = cargo.stdin(Stdio::null()).output()?;
        if output.status.success() {
            return Ok(());
        }
        let words = String::from_utf8_lossy(&output.stderr);
        Err(io::Error::other(format!(
            "the lessons do not compile: {}",
            words.trim()
        )))
    }

    /// Compiles an answer to an exercise; the compiler does not see what is in `hidden`.
    /// The program stays where it is until the next answer to the same exercise.
    ///
    /// # Errors
    /// When a file cannot be written, or the compiler cannot be started.
    pub fn build(
        &self,
        exercise: &'static Exercise,
        text: &[u8],
        hidden: &[PathBuf],
        stop: &dyn Fn() -> bool,
    ) -> io::Result<Built> {
        if text.len() > LONGEST {
            let words = format!("the file is longer than {LONGEST} bytes");
            return Ok(Built::Refused(words));
        }
        let kept = self.kept(exercise, text);
        // Not the number alone: a file is never taken for another one.
        if fs::read(kept.join("answer.rs")).is_ok_and(|old| old == text) {
            if let Ok(words) = fs::read_to_string(kept.join("words.txt")) {
                return Ok(Built::Refused(words));
            }
            if kept.join(program_name(exercise)).is_file() {
                return self.hand_out(exercise, &kept);
            }
        }
        fs::write(self.file(exercise), text)?;
        let compiled = self.compile(exercise, hidden, stop);
        // The next answer must find neither this file nor its program.
        let built = self.target().join("debug/examples");
        let built = built.join(program_name(exercise));
        let result = match compiled {
            Ok(None) => {
                fs::create_dir_all(&kept)?;
                fs::write(kept.join("answer.rs"), text)?;
                fs::copy(&built, kept.join(program_name(exercise)))?;
                self.hand_out(exercise, &kept)
            }
            Ok(Some(Refusal { words, sure })) => {
                if sure {
                    fs::create_dir_all(&kept)?;
                    fs::write(kept.join("answer.rs"), text)?;
                    fs::write(kept.join("words.txt"), &words)?;
                }
                Ok(Built::Refused(words))
            }
            Err(error) => Err(error),
        };
        self.clear(exercise)?;
        result
    }

    /// The folders that no program of a learner needs to see.
    pub fn private(&self) -> Vec<PathBuf> {
        vec![self.folder.join("bench"), self.folder.join("kept")]
    }

    /// Copies a program to the one place that is not hidden from it.
    fn hand_out(&self, exercise: &Exercise, kept: &Path) -> io::Result<Built> {
        let folder = self.folder.join("now");
        fs::remove_dir_all(&folder).ok(); // the first time there is none
        fs::create_dir_all(&folder)?;
        let program = folder.join(program_name(exercise));
        fs::copy(kept.join(program_name(exercise)), &program)?;
        Ok(Built::Program(program))
    }

    /// None: it compiles.
    fn compile(
        &self,
        exercise: &Exercise,
        hidden: &[PathBuf],
        stop: &dyn Fn() -> bool,
    ) -> io::Result<Option<Refusal>> {
        let mut command: Vec<OsString> = vec![cargo()];
        command.extend(self.build_arguments());
        for word in [
            "--offline",
            "--package",
            exercise.package(),
            "--example",
            exercise.name,
        ] {
            command.push(word.into());
        }
        let mut hidden = hidden.to_vec();
        hidden.push(self.folder.join("kept"));
        hidden.push(self.folder.join("now"));
        let scratch = Scratch::new()?;
        let mut keeper = order::keeper_of_compiler(&scratch, &hidden, &command)?;
        let mut keeper = keeper
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()?;
        let pipe = keeper.stderr.take();
        let reader = thread::spawn(move || pipe.map(first_words).unwrap_or_default());
        let end = Instant::now() + COMPILING;
        let status = loop {
            if let Some(status) = keeper.try_wait()? {
                break Some(status);
            }
            if Instant::now() > end || stop() {
                start::end_group(keeper.id());
                keeper.kill().ok(); // it may have ended
                keeper.wait()?;
                break None;
            }
            thread::sleep(Duration::from_millis(5)); // between two looks
        };
        let Some(status) = status else {
            let words = format!("the compiler had not finished after {COMPILING:?}");
            return Ok(Some(Refusal { words, sure: false }));
        };
        let words = of_use(&reader.join().unwrap_or_default());
        if status.success() {
            return Ok(None);
        }
        let sure = words.contains("error");
        Ok(Some(Refusal { words, sure }))
    }

    fn build_arguments(&self) -> Vec<OsString> {
        let mut arguments: Vec<OsString> = ["build", "--quiet", "--color", "never"]
            .map(OsString::from)
            .to_vec();
        arguments.extend(["--manifest-path".into(), self.bench("Cargo.toml").into()]);
        arguments.extend(["--target-dir".into(), self.target().into()]);
        // A panic tells its place without them, and a class has many programs.
        for setting in [
            "profile.dev.debug=false",
            "profile.dev.strip=\"debuginfo\"",
            "profile.dev.incremental=false",
        ] {
            arguments.extend(["--config".into(), setting.into()]);
        }
        arguments
    }

    /// An empty answer in place of the last one.
    fn clear(&self, exercise: &Exercise) -> io::Result<()> {
        write_if_new(&self.file(exercise), b"fn main() {}\n")
    }

    fn kept(&self, exercise: &Exercise, text: &[u8]) -> PathBuf {
        let mut hasher = DefaultHasher::new();
        (self.ground, exercise.name, text).hash(&mut hasher);
        let number = format!("{:016x}", hasher.finish());
        self.folder.join("kept").join(number)
    }

    fn bench(&self, path: &str) -> PathBuf {
        self.folder.join("bench").join(path)
    }

    fn target(&self) -> PathBuf {
        self.bench("target")
    }

    fn file(&self, exercise: &Exercise) -> PathBuf {
        self.bench(&exercise.file())
    }
}

/// Held by the one process that works in a workshop; its end gives it back.
#[cfg(unix)]
type Lock = nix::fcntl::Flock<fs::File>;
#[cfg(not(unix))]
type Lock = fs::File;

#[cfg(unix)]
fn lock(path: &Path, busy: impl FnOnce()) -> io::Result<Lock> {
    use nix::fcntl::{Flock, FlockArg};
    let file = fs::File::create(path)?;
    match Flock::lock(file, FlockArg::LockExclusiveNonblock) {
        Ok(lock) => Ok(lock),
        Err((file, _)) => {
            busy();
            let lock = Flock::lock(file, FlockArg::LockExclusive);
            lock.map_err(|(_, error)| error.into())
        }
    }
}

#[cfg(not(unix))]
fn lock(path: &Path, _: impl FnOnce()) -> io::Result<Lock> {
    fs::File::create(path)
}

/// Why an answer was refused.
struct Refusal {
    words: String,
    /// Whether it would be refused again.
    sure: bool,
}

fn program_name(exercise: &Exercise) -> String {
    format!("{}{}", exercise.name, std::env::consts::EXE_SUFFIX)
}

fn cargo() -> OsString {
    std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into())
}

/// The manifest of the course for other members. Its paths lead to the course.
fn manifest_of_bench(text: &str, root: &Path, lessons: &BTreeSet<&str>) -> String {
    let members: Vec<_> = lessons
        .iter()
        .map(|lesson| format!("\"lessons/{lesson}\""))
        .collect();
    let mut manifest = format!(
        "[workspace]\nresolver = \"3\"\nmembers = [{}]\n\n",
        members.join(", ")
    );
    let mut of_workspace = false;
    let root = root.display().to_string().replace('\\', "/");
    let root = root.replace('"', "\\\"");
    for line in text.lines() {
        if line.starts_with('[') {
            of_workspace = line.trim() == "[workspace]";
        }
        if !of_workspace {
            let line = line.replace("path = \"", &format!("path = \"{root}/"));
            manifest.push_str(&line);
            manifest.push('\n');
        }
    }
    manifest
}

/// Gives each file below a folder to `each`, in an order that stays; the packages in it
/// and the transcripts are left out.
fn read_all(
    folder: &Path,
    each: &mut dyn FnMut(&Path, &[u8]) -> io::Result<()>,
) -> io::Result<()> {
    let entries: io::Result<Vec<_>> = fs::read_dir(folder)?.collect();
    let mut paths: Vec<_> = entries?.iter().map(fs::DirEntry::path).collect();
    paths.sort();
    for path in paths {
        if !path.is_dir() {
            each(&path, &fs::read(&path)?)?;
        } else if !path.ends_with("transcripts") && !path.ends_with("with-library") {
            read_all(&path, each)?;
        }
    }
    Ok(())
}

/// A file that did not change is not written: cargo looks at its date.
fn write_if_new(path: &Path, bytes: &[u8]) -> io::Result<()> {
    if fs::read(path).is_ok_and(|old| old == bytes) {
        return Ok(());
    }
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write(path, bytes)
}

/// The compiler's words as a learner can use them. When it fails itself, for want of memory
/// mostly, it adds much about its own inside.
fn of_use(words: &str) -> String {
    const LINES: usize = 60;
    let lines = words.lines().take_while(|line| *line != "Caused by:");
    let mut inside = false;
    let lines = lines.filter(|line| {
        inside = match *line {
            "stack backtrace:" => true,
            line => inside && !line.starts_with("error"),
        };
        !inside
    });
    let lines: Vec<_> = lines.collect();
    let mut text = lines[..lines.len().min(LINES)].join("\n");
    if lines.len() > LINES {
        text.push_str("\n… (cut)");
    }
    text.trim_end().to_string() + "\n"
}

/// The beginning of what comes; the rest is read, and dropped.
fn first_words(mut pipe: impl Read) -> String {
    let mut words = Vec::new();
    let mut buffer = [0; 8192];
    while let Ok(count @ 1..) = pipe.read(&mut buffer) {
        let room = WORDS.saturating_sub(words.len());
        words.extend(&buffer[..count.min(room)]);
    }
    let mut text = String::from_utf8_lossy(&words).into_owned();
    if words.len() == WORDS {
        text.push_str("\n… (cut)\n");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_manifest_has_other_members_and_paths_into_the_course() {
        let text = "[workspace]\nresolver = \"3\"\nmembers = [\n    \"course\",\n]\n\n\
                    [workspace.dependencies]\nshared = { path = \"shared\" }\nnix = \"1\"\n";
        let manifest =
            manifest_of_bench(text, Path::new("/course"), &BTreeSet::from(["06-a"]));
        assert_eq!(
            manifest,
            "[workspace]\nresolver = \"3\"\nmembers = [\"lessons/06-a\"]\n\n\
             [workspace.dependencies]\nshared = { path = \"/course/shared\" }\nnix = \"1\"\n"
        );
    }

    #[test]
    fn a_compiler_that_failed_itself_does_not_tell_of_its_inside() {
        let words = "memory allocation failed\nstack backtrace:\n   0: core::fmt\n\
                     error: could not compile\n\nCaused by:\n  rustc --crate-name\n";
        assert_eq!(
            of_use(words),
            "memory allocation failed\nerror: could not compile\n"
        );
        let long = of_use(&"error\n".repeat(100));
        assert_eq!(long.lines().count(), 61);
    }

    #[test]
    fn a_flood_of_words_is_cut() {
        let words = first_words(io::repeat(b'x').take(1 << 20));
        assert!(words.len() < WORDS + 20 && words.ends_with("(cut)\n"));
    }
}
