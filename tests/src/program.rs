use std::cell::RefCell;
use std::collections::HashMap;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::io::{self, Read, Write};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::sync::{Arc, Condvar, Mutex, Once};
use std::thread;
use std::time::{Duration, Instant};

use once_cell::sync::{Lazy, OnceCell};

use crate::{ANSWER, WHOLE, root, until};

/// A program to start: one of a lesson's, or an outside one.
#[derive(Debug)]
pub struct Program {
    command: Command,
    name: String,
    whole: Duration,
}

impl Program {
    /// A program of a lesson or of the guide, by the name that `cargo run --bin NAME`
    /// knows. Its package is built first, once in this process.
    ///
    /// Where [`windows_programs`] names a folder, it is the program for Windows in there.
    pub fn of(name: &str) -> Self {
        let Some(folder) = windows_programs() else {
            return Self::at(binary(name));
        };
        let mut wine = Self::at("wine").args([folder.join(format!("{name}.exe"))]);
        wine.name = name.to_string();
        wine.env("WINEDEBUG", "-all") // Wine's own notes are none of the program's
    }

    /// An example of a lesson's package, as its manifest names it: what a test has the
    /// lesson's library do. Built first, once in this process.
    pub fn example(package: &str, name: &str) -> Self {
        build_once(package, "--examples");
        let file = format!("{name}{}", std::env::consts::EXE_SUFFIX);
        Self::at(profile_folder().join("examples").join(file))
    }

    /// An outside program.
    pub fn at(path: impl Into<PathBuf>) -> Self {
        let path = path.into();
        let name = path
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        let mut command = Command::new(path);
        // Terminal programs speak the same language on every machine.
        command
            .env("LC_ALL", "C.UTF-8")
            .current_dir(std::env::temp_dir());
        Self {
            command,
            name,
            whole: WHOLE,
        }
    }

    /// Gives it another time than [`WHOLE`] until its end, as to one that starts a compiler.
    pub fn may_take(mut self, whole: Duration) -> Self {
        self.whole = whole;
        self
    }

    /// The file of the program.
    pub fn path(&self) -> PathBuf {
        PathBuf::from(self.command.get_program())
    }

    /// Adds arguments.
    #[must_use]
    pub fn args<S: AsRef<OsStr>>(mut self, args: impl IntoIterator<Item = S>) -> Self {
        self.command.args(args);
        self
    }

    /// Sets an environment variable.
    #[must_use]
    pub fn env(mut self, name: &str, value: &str) -> Self {
        self.command.env(name, value);
        self
    }

    /// Takes an environment variable away.
    #[must_use]
    pub fn without_env(mut self, name: &str) -> Self {
        self.command.env_remove(name);
        self
    }

    /// Sets the working directory; without it, it is the system's temporary one.
    #[must_use]
    pub fn in_folder(mut self, folder: impl Into<PathBuf>) -> Self {
        self.command.current_dir(folder.into());
        self
    }

    /// The same program started by another: `prlimit --nofile=10`, `strace -e …`,
    /// `unshare -rn`. The other is to exec it, so that signals reach the program itself.
    #[must_use]
    pub fn through<S: AsRef<OsStr>>(
        self,
        outer: impl Into<PathBuf>,
        args: impl IntoIterator<Item = S>,
    ) -> Self {
        let mut through = Self::at(outer).args(args);
        through
            .command
            .arg(self.command.get_program())
            .args(self.command.get_args());
        if let Some(folder) = self.command.get_current_dir() {
            through.command.current_dir(folder);
        }
        for (name, value) in self.command.get_envs() {
            if let Some(value) = value {
                through.command.env(name, value);
            }
        }
        through.name = self.name;
        through
    }

    /// The program under strace, which answers some of its calls with an error, and does not
    /// make them. The rules are strace's: `accept,accept4:error=ECONNABORTED:when=1`.
    #[must_use]
    pub fn injected(self, strace: impl Into<PathBuf>, rules: &[&str]) -> Self {
        self.injected_and_recorded(strace, rules, Path::new("/dev/null"))
    }

    /// As [`Program::injected`]; what strace did stands in a file.
    #[must_use]
    pub fn injected_and_recorded(
        self,
        strace: impl Into<PathBuf>,
        rules: &[&str],
        record: &Path,
    ) -> Self {
        // -D: the program is our child, and strace its grandchild, so that signals arrive.
        let mut options = ["-D", "-f", "-qq", "-o"].map(OsString::from).to_vec();
        options.push(record.into());
        for rule in rules {
            options.extend(["-e".into(), format!("inject={rule}").into()]);
        }
        self.through(strace, options)
    }

    /// Starts it, with a pipe as its keyboard, and its two outputs recorded apart.
    pub fn start(mut self) -> Running {
        self.start_once_more()
    }

    fn start_once_more(&mut self) -> Running {
        self.command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let (mut child, started) = self.spawn();
        let (stdout, stderr) = (Tape::default(), Tape::default());
        stdout.record(child.stdout.take().expect("piped"));
        stderr.record(child.stderr.take().expect("piped"));
        let mut running =
            Running::new((child, started), self.name.clone(), stdout, stderr);
        running.whole = self.whole;
        running
    }

    /// Starts it with both outputs in one, as on a terminal: [`Running::stderr`] is empty.
    pub fn start_with_one_output(mut self) -> Running {
        let (reader, writer) = io::pipe().expect("a pipe");
        self.command
            .stdout(writer.try_clone().expect("a second descriptor"))
            .stderr(writer);
        let child = self.spawn();
        // The command holds the pipe's writing end, too: without this, no end of file.
        drop(self.command);
        let stdout = Tape::default();
        stdout.record(reader);
        Running::new(child, self.name, stdout, Tape::closed())
    }

    /// Starts it with an output that nobody reads: `program | head -0`.
    pub fn start_with_closed_output(mut self) -> Running {
        let (reader, writer) = io::pipe().expect("a pipe");
        drop(reader);
        self.command.stdout(writer).stderr(Stdio::piped());
        let (mut child, started) = self.spawn();
        let stderr = Tape::default();
        stderr.record(child.stderr.take().expect("piped"));
        Running::new((child, started), self.name, Tape::closed(), stderr)
    }

    /// Starts it with an output that somebody holds open and does not read: `program | less`.
    pub fn start_with_unread_output(mut self) -> (Running, UnreadOutput) {
        let (reader, writer) = io::pipe().expect("a pipe");
        let same = writer.try_clone().expect("a second descriptor");
        self.command.stdout(same).stderr(Stdio::piped());
        let (mut child, started) = self.spawn();
        let stderr = Tape::default();
        stderr.record(child.stderr.take().expect("piped"));
        let running = Running::new((child, started), self.name, Tape::closed(), stderr);
        let _reader = reader;
        (running, UnreadOutput { writer, _reader })
    }

    /// Starts it with an output that leads to a full disk: each write is ENOSPC (full(4)).
    pub fn start_with_full_disk(mut self) -> Running {
        let full = fs::OpenOptions::new().write(true).open("/dev/full");
        self.command
            .stdout(full.expect("/dev/full"))
            .stderr(Stdio::piped());
        let (mut child, started) = self.spawn();
        let stderr = Tape::default();
        stderr.record(child.stderr.take().expect("piped"));
        Running::new((child, started), self.name, Tape::closed(), stderr)
    }

    /// Starts it with a closed keyboard and waits for its end.
    pub fn run(mut self) -> Ended {
        let mut ended = self.runs_once();
        for _ in 0..2 {
            if windows_programs().is_none() || !ended.is_wines_own() {
                break;
            }
            eprintln!(
                "Wine's own end of {}, which runs again: {ended:?}",
                self.name
            );
            ended = self.runs_once();
        }
        ended
    }

    fn runs_once(&mut self) -> Ended {
        let mut running = self.start_once_more();
        running.close_keyboard();
        running.ends()
    }

    fn spawn(&mut self) -> (Child, Instant) {
        hears_ctrl_c();
        let started = Instant::now();
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut self.command, 0);
        let spawned = self.command.stdin(Stdio::piped()).spawn();
        let child =
            spawned.unwrap_or_else(|error| panic!("cannot start {}: {error}", self.name));
        (child, started)
    }
}

/// The pipe behind a program's standard output, which nobody reads.
#[derive(Debug)]
pub struct UnreadOutput {
    writer: io::PipeWriter,
    _reader: io::PipeReader,
}

#[cfg(unix)]
impl UnreadOutput {
    /// Fills it beside a program that may be printing: stopped meanwhile, it cannot take
    /// the last page between our poll and our write, nor we between its own two.
    pub fn fill_beside(&mut self, running: &Running) {
        running.comes_to_state('S');
        running.stop();
        self.fill();
        running.go_on();
    }

    /// Fills it: the next write to it sleeps. O_NONBLOCK would be the program's, too (it
    /// belongs to the pipe's end, and not to the descriptor), so poll(2) is asked: it says
    /// yes while there is room for a page.
    pub fn fill(&mut self) {
        use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
        use std::os::fd::AsFd;

        let is_full = |writer: &io::PipeWriter| {
            let mut ends = [PollFd::new(writer.as_fd(), PollFlags::POLLOUT)];
            poll(&mut ends, PollTimeout::ZERO).expect("it can be asked") == 0
        };
        while !is_full(&self.writer) {
            self.writer.write_all(&[b'x'; 4096]).expect("a page");
        }
    }
}

/// The folder of the programs for Windows, which are then started by Wine:
/// `.ci/platforms` builds them, and sets WINDOWS_PROGRAMS.
pub fn windows_programs() -> Option<PathBuf> {
    std::env::var_os("WINDOWS_PROGRAMS").map(PathBuf::from)
}

/// A program that runs. Dropped, it is killed with all that it started in its group.
#[derive(Debug)]
pub struct Running {
    child: Child,
    name: String,
    keyboard: Option<ChildStdin>,
    stdout: Tape,
    stderr: Tape,
    started: Instant,
    whole: Duration,
    read_up_to: usize,
}

thread_local! {
    static EVIDENCE: RefCell<String> = const { RefCell::new(String::new()) };
}

/// What the programs had printed that were still running when a test of this thread failed.
pub fn take_evidence() -> String {
    EVIDENCE.take()
}

/// How a program ended.
#[derive(Debug)]
pub struct Ended {
    /// Its exit code; none when a signal killed it.
    pub code: Option<i32>,
    /// Everything it printed to standard output.
    pub stdout: String,
    /// Everything it printed to standard error.
    pub stderr: String,
    /// From its start to its end.
    pub took: Duration,
}

impl Ended {
    /// Whether Wine 8 has failed and not the program: one end of about a thousand. While a
    /// program with several threads ends, Wine's server may kill it, or one of its threads
    /// finds the server's pipe closed and says so; or the program has not come to its start.
    fn is_wines_own(&self) -> bool {
        let without_a_word = self.stdout.is_empty() && self.stderr.is_empty();
        self.code.is_none()
            || self.stderr.contains("wine client error")
            || (self.code == Some(1) && without_a_word)
    }
}

impl Running {
    fn new(
        (mut child, started): (Child, Instant),
        name: String,
        stdout: Tape,
        stderr: Tape,
    ) -> Self {
        let keyboard = child.stdin.take();
        Self {
            child,
            name,
            keyboard,
            stdout,
            stderr,
            started,
            whole: WHOLE,
            read_up_to: 0,
        }
    }

    /// The process id.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// The address behind `Listening on `, the first line of every server. Before it comes
    /// the program's start, which takes a second under Wine, and longer on a busy machine.
    pub fn address(&mut self) -> SocketAddr {
        let line = self.line_within(WHOLE, "Listening on ");
        let address = line.rsplit("Listening on ").next().unwrap_or_default();
        let address = address.split_whitespace().next().unwrap_or_default();
        address
            .parse()
            .unwrap_or_else(|error| panic!("{line:?}: {error}"))
    }

    /// Waits for the next line of standard output that contains `text`, and returns it.
    /// A line that was returned, and those before it, are not looked at again.
    pub fn line(&mut self, text: &str) -> String {
        self.line_within(ANSWER, text)
    }

    /// The same within a time of your own.
    pub fn line_within(&mut self, deadline: Duration, text: &str) -> String {
        let what = format!("the line {text:?}");
        let (line, end) = self.wait_for((deadline, &self.stdout), &what, |all| {
            let rest = &all[self.read_up_to..];
            let mut start = self.read_up_to;
            for line in rest.split_inclusive(|byte| *byte == b'\n') {
                let end = start + line.len();
                let line = String::from_utf8_lossy(line);
                if line.ends_with('\n') && line.contains(text) {
                    return Some((line.trim_end().to_string(), end));
                }
                start = end;
            }
            None
        });
        self.read_up_to = end;
        line
    }

    /// Waits until standard error contains `text`.
    pub fn complains(&self, text: &str) {
        self.wait_for(
            (ANSWER, &self.stderr),
            &format!("{text:?} on stderr"),
            |all| String::from_utf8_lossy(all).contains(text).then_some(()),
        );
    }

    /// Everything on standard output so far, as bytes.
    pub fn printed(&self) -> Vec<u8> {
        self.stdout.all()
    }

    /// Everything on standard error so far.
    pub fn stderr(&self) -> String {
        String::from_utf8_lossy(&self.stderr.all()).into_owned()
    }

    pub(crate) fn tape(&self) -> &Tape {
        &self.stdout
    }

    fn wait_for<T>(
        &self,
        (deadline, tape): (Duration, &Tape),
        what: &str,
        look: impl Fn(&[u8]) -> Option<T>,
    ) -> T {
        tape.wait_for(deadline, look).unwrap_or_else(|| {
            panic!("{} never printed {what}.\n{}", self.name, self.evidence())
        })
    }

    /// Types on its keyboard. What a program no longer reads is lost, as in a terminal.
    pub fn types(&mut self, text: impl AsRef<[u8]>) {
        let keyboard = self.keyboard.as_mut().expect("the keyboard is open");
        match keyboard
            .write_all(text.as_ref())
            .and_then(|()| keyboard.flush())
        {
            Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
                panic!("cannot type to {}: {error}", self.name)
            }
            _ => {}
        }
    }

    /// Closes its keyboard: Ctrl+D.
    pub fn close_keyboard(&mut self) {
        self.keyboard = None;
    }

    /// Ctrl+C.
    #[cfg(unix)]
    pub fn interrupt(&self) {
        self.signal(nix::sys::signal::Signal::SIGINT);
    }

    /// What `kill PID` sends.
    #[cfg(unix)]
    pub fn terminate(&self) {
        self.signal(nix::sys::signal::Signal::SIGTERM);
    }

    /// Sends any signal.
    #[cfg(unix)]
    pub fn signal(&self, signal: nix::sys::signal::Signal) {
        let pid = nix::unistd::Pid::from_raw(self.pid().cast_signed());
        nix::sys::signal::kill(pid, signal).expect("our own child takes a signal");
    }

    /// Waits until all its threads sleep (S) or are stopped (T): proc_pid_stat(5).
    #[cfg(unix)]
    #[track_caller]
    pub fn comes_to_state(&self, state: char) {
        if !cfg!(target_os = "linux") {
            thread::sleep(Duration::from_millis(50)); // there is nobody to ask
            return;
        }
        until(&format!("the state {state}"), || {
            crate::kernel::is_in_state(self.pid(), state).then_some(())
        });
    }

    /// Stops it: its kernel goes on answering for it.
    #[cfg(unix)]
    #[track_caller]
    pub fn stop(&self) {
        self.signal(nix::sys::signal::Signal::SIGSTOP);
        self.comes_to_state('T');
    }

    /// Lets it go on after [`Running::stop`].
    #[cfg(unix)]
    pub fn go_on(&self) {
        self.signal(nix::sys::signal::Signal::SIGCONT);
    }

    /// Stops it while it waits in a call, and lets it go on. The call is then interrupted
    /// where it has a timeout, or is a select, poll or epoll_wait: EINTR, signal(7). A
    /// SIGSTOP that nobody has noticed yet would be taken back by SIGCONT, so each is
    /// waited for.
    #[cfg(unix)]
    #[track_caller]
    pub fn interrupt_its_call(&self) {
        self.comes_to_state('S');
        self.stop();
        self.go_on();
        self.comes_to_state('S');
    }

    /// Whether it still runs.
    pub fn runs(&mut self) -> bool {
        self.child.try_wait().expect("our own child").is_none()
    }

    /// Waits for its end, [`WHOLE`] at most, or what it [may take](Program::may_take).
    pub fn ends(self) -> Ended {
        let whole = self.whole;
        self.ends_within(whole)
    }

    /// Waits for its end; panics after the deadline.
    pub fn ends_within(mut self, deadline: Duration) -> Ended {
        let status = self.wait(deadline);
        // The pipes end with the program, unless a child of its own still holds them.
        self.stdout.wait_for_end(ANSWER);
        self.stderr.wait_for_end(ANSWER);
        Ended {
            code: status.code(),
            stdout: String::from_utf8_lossy(&self.stdout.all()).into_owned(),
            stderr: self.stderr(),
            took: self.started.elapsed(),
        }
    }

    pub(crate) fn wait(&mut self, deadline: Duration) -> ExitStatus {
        let end = Instant::now() + deadline;
        loop {
            if let Some(status) = self.child.try_wait().expect("our own child") {
                return status;
            }
            assert!(
                Instant::now() < end,
                "{} did not end within {deadline:?}.\n{}",
                self.name,
                self.evidence()
            );
            thread::sleep(Duration::from_millis(2)); // between two looks
        }
    }

    fn evidence(&self) -> String {
        let stdout = self.stdout.all();
        format!(
            "--- its stdout:\n{}\n--- its stderr:\n{}",
            String::from_utf8_lossy(&stdout),
            self.stderr()
        )
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if thread::panicking() {
            // It may be about to say why it ends.
            let end = Instant::now() + Duration::from_millis(300);
            while Instant::now() < end && matches!(self.child.try_wait(), Ok(None)) {
                thread::sleep(Duration::from_millis(2)); // between two looks
            }
        }
        #[cfg(unix)]
        {
            use nix::sys::signal::{Signal, killpg};
            let group = nix::unistd::Pid::from_raw(self.child.id().cast_signed());
            killpg(group, Signal::SIGKILL).ok();
        }
        self.child.kill().ok();
        self.child.wait().ok();
        if thread::panicking() {
            self.stderr.wait_for_end(ANSWER);
            let evidence = format!("\n{}:\n{}", self.name, self.evidence());
            EVIDENCE.with(|all| all.borrow_mut().push_str(&evidence));
        }
    }
}

impl Ended {
    /// Asserts the exit code, showing what was printed when it is another one.
    #[track_caller]
    pub fn code(&self, code: i32) -> &Self {
        assert_eq!(self.code, Some(code), "{self:#?}");
        self
    }

    /// Asserts the two lines on standard error that every error of a lesson is.
    #[track_caller]
    pub fn complained(&self, error: &str) -> &Self {
        assert_eq!(self.stderr.lines().count(), 2, "not two lines: {self:#?}");
        self.complained_after_notes(error)
    }

    /// The same, for a program whose notes stand on standard error, too: the error is its
    /// last two lines.
    #[track_caller]
    pub fn complained_after_notes(&self, error: &str) -> &Self {
        // Every text holds the empty one.
        assert!(!error.is_empty(), "say what the error is expected to say");
        let lines: Vec<_> = self.stderr.lines().collect();
        let [.., first, second] = lines[..] else {
            panic!("not two lines: {self:#?}")
        };
        assert!(
            first.starts_with("error: ") && first.contains(error),
            "{self:#?}"
        );
        assert!(
            second.starts_with("hint: ") && second.len() > 10,
            "{self:#?}"
        );
        self
    }
}

/// What comes out of a pipe, recorded by a thread.
#[derive(Debug, Clone, Default)]
pub(crate) struct Tape(Arc<(Mutex<Recorded>, Condvar)>);

#[derive(Debug, Default)]
struct Recorded {
    bytes: Vec<u8>,
    ended: bool,
}

impl Tape {
    fn closed() -> Self {
        let tape = Self::default();
        tape.0.0.lock().expect("no recorder panics").ended = true;
        tape
    }

    fn record(&self, mut pipe: impl Read + Send + 'static) {
        let tape = self.clone();
        thread::spawn(move || {
            let mut chunk = [0; 16 * 1024];
            loop {
                let count = pipe.read(&mut chunk).unwrap_or(0);
                let mut recorded = tape.0.0.lock().expect("no recorder panics");
                recorded.bytes.extend(&chunk[..count]);
                recorded.ended = count == 0;
                tape.0.1.notify_all();
                if count == 0 {
                    return;
                }
            }
        });
    }

    fn all(&self) -> Vec<u8> {
        self.0.0.lock().expect("no recorder panics").bytes.clone()
    }

    /// Waits until `look` finds something in what was recorded; none after the deadline,
    /// or when the pipe has ended without it.
    pub(crate) fn wait_for<T>(
        &self,
        deadline: Duration,
        look: impl Fn(&[u8]) -> Option<T>,
    ) -> Option<T> {
        let end = Instant::now() + deadline;
        let mut recorded = self.0.0.lock().expect("no recorder panics");
        loop {
            if let Some(found) = look(&recorded.bytes) {
                return Some(found);
            }
            let left = end.saturating_duration_since(Instant::now());
            if recorded.ended || left.is_zero() {
                return None;
            }
            recorded = self
                .0
                .1
                .wait_timeout(recorded, left)
                .expect("no recorder panics")
                .0;
        }
    }

    pub(crate) fn wait_for_end(&self, deadline: Duration) {
        let end = Instant::now() + deadline;
        let mut recorded = self.0.0.lock().expect("no recorder panics");
        while !recorded.ended {
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return;
            }
            recorded = self
                .0
                .1
                .wait_timeout(recorded, left)
                .expect("no recorder panics")
                .0;
        }
    }
}

/// The path of a lesson's program, after its package was built.
fn binary(name: &str) -> PathBuf {
    build_once(&package_of(name), "--bins");
    profile_folder().join(format!("{name}{}", std::env::consts::EXE_SUFFIX))
}

fn build_once(package: &str, what: &str) {
    static BUILT: Lazy<Mutex<HashMap<String, Arc<OnceCell<()>>>>> =
        Lazy::new(Mutex::default);
    let cell = BUILT
        .lock()
        .expect("no panic")
        .entry(format!("{package} {what}"))
        .or_default()
        .clone();
    // A build that failed is tried again by the next test, which then shows it, too.
    let built = cell.get_or_try_init(|| build(package, what));
    built.unwrap_or_else(|error| panic!("cannot build {package}:\n{error}"));
}

fn build(package: &str, what: &str) -> Result<(), String> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo"));
    let folder = profile_folder();
    let mut command = Command::new(cargo);
    command.args(["build", "--quiet", what, "--package", package]);
    command
        .arg("--target-dir")
        .arg(folder.parent().expect("target/"));
    if folder.ends_with("release") {
        command.arg("--release");
    }
    let output = command
        .current_dir(root())
        .output()
        .map_err(|error| error.to_string())?;
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    output.status.success().then_some(()).ok_or(said)
}

/// `target/debug`, wherever the target folder is: this test runs from its `deps`.
pub(crate) fn profile_folder() -> PathBuf {
    let test = std::env::current_exe().expect("the path of this test");
    test.ancestors()
        .nth(2)
        .expect("target/PROFILE/deps/TEST")
        .to_path_buf()
}

/// What a shell runs in the background without job control ignores Ctrl+C, and so would
/// telnet and nc when our tests run there: an ignored signal stays ignored. One that has a
/// handler does not (signal(7)), so we set one that does what is done without it.
fn hears_ctrl_c() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| ctrlc::set_handler(|| std::process::exit(130)).expect("a handler"));
}

/// The package that holds a program: `src/main.rs` has the package's name, the others
/// stand in `src/bin/`. What needs a library that compiles for long is a package of its own
/// in its lesson's folder `with-library`.
fn package_of(program: &str) -> String {
    let lessons = fs::read_dir(root().join("lessons"))
        .expect("lessons/")
        .flatten()
        .flat_map(|entry| [entry.path(), entry.path().join("with-library")]);
    let guide = ["", "/book", "/grade", "/trace", "/trainer"];
    let guide = guide.map(|room| root().join(format!("course{room}")));
    for folder in lessons.chain(guide) {
        let manifest = fs::read_to_string(folder.join("Cargo.toml")).unwrap_or_default();
        let name = manifest
            .lines()
            .find_map(|line| line.strip_prefix("name = "));
        let name = name.unwrap_or_default().trim_matches('"');
        let file = folder.join("src/bin").join(format!("{program}.rs"));
        if name == program || file.exists() {
            return name.to_string();
        }
    }
    panic!("no lesson has a program `{program}`, nor has the guide");
}
