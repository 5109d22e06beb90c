//! A recording of a check, for a picture of it: a program of its own (`course/trace`) hears
//! the packets in the sandbox's network and keeps what the check says, and strace writes down the
//! calls of the learner's program.
//!
//! The check itself stays as it is: nobody stands between the program and its peer. It
//! needs a sandbox: elsewhere there is no network in which to listen.

#[cfg(unix)]
use std::ffi::{OsStr, OsString};
use std::io::{self, BufRead, BufReader, Write};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use once_cell::sync::OnceCell;

#[cfg(unix)]
use crate::idle;
use crate::sandbox;

/// Who records a check, and where.
#[derive(Debug, Clone)]
pub struct Recorder {
    /// The program that hears the packets: it is started with [`HEAR`] and the folder.
    pub program: PathBuf,
    /// Where it writes what it has heard, and strace the calls: `0.strace`, `1.strace` …
    pub folder: PathBuf,
}

/// The first argument of the program that hears.
pub const HEAR: &str = "--hear-the-check";

/// What strace is asked for: the calls of the network and of descriptors, and what one can
/// sleep in.
#[cfg(unix)]
const STRACE: [&str; 8] = [
    "-f",
    "-q",
    "-ttt",
    "-T",
    "-s",
    "65536",
    "-e",
    "trace=%network,read,write,readv,writev,close,dup,dup2,dup3,fcntl,poll,ppoll,select,\
     pselect6,epoll_wait,epoll_pwait,clock_nanosleep",
];

/// How the guide tells the checker of the recorder.
const PROGRAM: &str = "COURSE_CHECKER_RECORDER";
const FOLDER: &str = "COURSE_CHECKER_RECORDING";

/// How the checker tells the launcher that somebody is to look on.
const RECORDED: &str = "COURSE_CHECKER_RECORDS_IT";

/// How long the recorder and strace may take for one answer.
const ANSWER: Duration = Duration::from_secs(5);

impl Recorder {
    /// Has the checker behind `supervisor` record.
    pub(crate) fn give_to(&self, supervisor: &mut Command) {
        supervisor.env(PROGRAM, &self.program);
        supervisor.env(FOLDER, &self.folder);
    }
}

/// A recording that has begun.
struct Recording {
    /// Where strace writes.
    #[cfg(unix)]
    folder: PathBuf,
    hearer: Mutex<Hearer>,
    /// Its process number.
    pid: u32,
    straces: Mutex<Vec<Child>>,
}

/// The program that hears the packets.
struct Hearer {
    child: Child,
    orders: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
}

static RECORDING: OnceCell<Recording> = OnceCell::new();

/// Begins to record, where the guide wants it and there is a sandbox.
///
/// # Errors
/// When the recorder cannot be started.
pub fn begin() -> io::Result<()> {
    let wanted = std::env::var_os(PROGRAM).zip(std::env::var_os(FOLDER));
    let Some((program, folder)) = wanted.filter(|_| sandbox::sandboxed()) else {
        return Ok(());
    };
    let mut child = Command::new(program)
        .arg(HEAR)
        .arg(&folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()?;
    let answers = child.stdout.take().map(BufReader::new);
    let mut hearer = Hearer {
        orders: child.stdin.take(),
        answers: answers.ok_or_else(|| io::Error::other("a recorder without a voice"))?,
        child,
    };
    hearer.answer()?; // it hears from now on
    let recording = Recording {
        #[cfg(unix)]
        folder: folder.into(),
        pid: hearer.child.id(),
        hearer: Mutex::new(hearer),
        straces: Mutex::default(),
    };
    let begun = RECORDING.set(recording);
    begun.map_err(|_| io::Error::other("one check is recorded at a time"))
}

/// The recorder's process: it has a socket that is not the learner's.
pub fn pid() -> Option<u32> {
    RECORDING.get().map(|recording| recording.pid)
}

/// The processes in the sandbox that are neither ours nor the recorder's: the program, and all
/// that it has started. None: without a sandbox nobody knows what belongs to it.
pub fn others() -> Option<Vec<u32>> {
    let own = [Some(std::process::id()), pid()];
    let mut all = crate::sandbox::sandboxed().then(crate::proc::processes)?;
    all.retain(|number| !own.contains(&Some(*number)));
    Some(all)
}

/// Tells a launcher that it has to wait until strace looks on.
pub fn announce_to(launcher: &mut Command) {
    if RECORDING.get().is_some() {
        launcher.env(RECORDED, "1");
    }
}

/// Has strace look on at a launcher, and at what it becomes.
///
/// # Errors
/// When strace cannot be started.
#[cfg(unix)]
pub fn attach_to(
    pid: u32,
    program: &[OsString],
    args: &[impl AsRef<OsStr>],
) -> io::Result<()> {
    let Some(recording) = RECORDING.get() else {
        return Ok(());
    };
    let mut straces = lock(&recording.straces);
    let number = straces.len();
    let file = recording.folder.join(format!("{number}.strace"));
    let args = args.iter().map(AsRef::as_ref);
    let words = program.iter().map(OsString::as_os_str).chain(args);
    let words: Vec<_> = words.map(|word| word.display().to_string()).collect();
    keep(Instant::now(), &format!("starts\t{}", words.join(" ")));
    let strace = Command::new("strace")
        .args(STRACE)
        .arg("-o")
        .arg(file)
        .args(["-p", &pid.to_string()])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()?;
    straces.push(strace);
    Ok(())
}

/// The launcher's part: waits until strace looks on, where it is to.
///
/// # Errors
/// When nobody looks on in time.
#[cfg(unix)]
pub fn wait_for_strace() -> io::Result<()> {
    if std::env::var_os(RECORDED).is_none() {
        return Ok(());
    }
    let end = Instant::now() + ANSWER;
    while !idle::is_traced(std::process::id()) {
        if Instant::now() > end {
            return Err(io::Error::other("strace does not look on"));
        }
        std::thread::sleep(Duration::from_millis(1)); // between two looks
    }
    Ok(())
}

/// Takes the launcher's word for itself away from the program that it becomes.
#[cfg(unix)]
pub fn hide_from(program: &mut Command) {
    program.env_remove(RECORDED);
}

/// Keeps a line that the check has said, and when that was.
pub fn keep(when: Instant, line: &str) {
    let Some(recording) = RECORDING.get() else {
        return;
    };
    let at = SystemTime::now() - when.elapsed();
    let at = at.duration_since(UNIX_EPOCH).unwrap_or_default();
    let line = format!("{}\t{}\n", at.as_micros(), line.trim_end_matches('\n'));
    let mut hearer = lock(&recording.hearer);
    let Some(orders) = &mut hearer.orders else {
        return;
    };
    // Without a recorder the verdict is what it was.
    let told = orders.write_all(line.as_bytes());
    if told.and_then(|()| hearer.answer()).is_err() {
        hearer.orders = None;
    }
}

/// Ends the recording: what was heard is in its folder then. The learner's program has
/// ended.
pub fn end() {
    let Some(recording) = RECORDING.get() else {
        return;
    };
    let end = Instant::now() + ANSWER;
    for strace in lock(&recording.straces).iter_mut() {
        // It ends with the last process that it looks at.
        while matches!(strace.try_wait(), Ok(None)) && Instant::now() < end {
            std::thread::sleep(Duration::from_millis(1)); // between two looks
        }
        strace.kill().ok(); // it has ended, mostly
        strace.wait().ok();
    }
    let mut hearer = lock(&recording.hearer);
    hearer.orders = None;
    hearer.child.wait().ok();
}

impl Hearer {
    /// Waits for a line of its: it has done what it was asked for.
    fn answer(&mut self) -> io::Result<()> {
        let mut line = String::new();
        match self.answers.read_line(&mut line)? {
            0 => Err(io::ErrorKind::UnexpectedEof.into()),
            _ => Ok(()),
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
