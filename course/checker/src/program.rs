//! The learner's program, from its start to its end.

mod not_started;
mod tape;

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::io::{self, Write};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::ANSWER;
use crate::clock::Clock;
use crate::failure::{Failure, Kind, quoted};
use crate::patience::{self, Patience};
use crate::spawn;
use crate::{idle, proc, recorder, sockets};
use not_started::not_started;
use tape::Tape;

/// How much a program may print.
pub const OUTPUT: usize = 4 << 20;

/// How long a server that listens on another address may still take for the one it was
/// given.
const ELSEWHERE: Duration = Duration::from_secs(1);

/// What is to be started.
#[derive(Debug, Clone)]
pub struct Recipe {
    /// The program, and arguments that stand before those of a check.
    pub command: Vec<OsString>,
    /// Its working folder.
    pub folder: PathBuf,
}

/// A learner's program that runs. Dropped, it is killed with its process group; what has
/// left the group is killed with the sandbox.
#[derive(Debug)]
pub struct Program {
    child: Child,
    clock: Clock,
    keyboard: Option<ChildStdin>,
    stdout: Tape,
    stderr: Tape,
    started: Instant,
    status: Option<ExitStatus>,
}

impl Program {
    /// Starts it, behind the launcher that sets its limits.
    ///
    /// # Errors
    /// A checker error, when it cannot be started. Elsewhere than on Unix it then seems to
    /// have run, and to have ended.
    pub fn start(
        recipe: &Recipe,
        args: &[String],
        clock: Clock,
    ) -> Result<Self, Failure> {
        let failed = |error| Failure::checker("to start the program", &error);
        let judge = std::env::current_exe().map_err(failed)?;
        let mut command = Command::new(judge);
        crate::environment::reduce(&mut command); // no backtrace: one line says where
        recorder::announce_to(&mut command);
        command.current_dir(&recipe.folder).env("LC_ALL", "C.UTF-8");
        command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        let started = Instant::now(); // it may run before this process does again
        let child = spawn::spawn(command, &recipe.command, args)
            .map_err(|why| not_started(recipe, why))?;
        Ok(Self::new(child, started, clock))
    }

    fn new(mut child: Child, started: Instant, clock: Clock) -> Self {
        let keyboard = child.stdin.take();
        let (stdout, stderr) = (Tape::default(), Tape::default());
        stdout.record(child.stdout.take());
        stderr.record(child.stderr.take());
        Self {
            child,
            clock,
            keyboard,
            stdout,
            stderr,
            started,
            status: None,
        }
    }

    /// Waits until it listens on this address, by asking the kernel: to try a connection
    /// would use up the one client of a server that serves one.
    ///
    /// # Errors
    /// When it ends first, listens elsewhere, or does not listen in time.
    pub fn listens(&mut self, address: SocketAddr) -> Result<(), Failure> {
        let expected = format!("a listener on {address}");
        let now = Instant::now();
        let mut wait = self.clock.waits_for_the_first_sign(self.started);
        let mut elsewhere_since: Option<Instant> = None;
        loop {
            // Before the look: a listener that comes in the last moment is one.
            let over = wait.is_over();
            if sockets::listens(address) {
                self.waits_for_its_picture();
                return Ok(());
            }
            if let Some(status) = self.ended() {
                let seen = format!("the program ended with {}", said(status));
                let failure = Failure::new(expected, seen);
                return Err(self.crash(failure).likely(
                    "it ended before it listened: a server waits for its clients",
                ));
            }
            // Who has listened elsewhere for a while will not listen here.
            let elsewhere = crate::sandbox::sandboxed()
                && !sockets::listeners().is_empty()
                && !sockets::listens(address); // it may just have come
            elsewhere_since =
                elsewhere.then(|| elsewhere_since.unwrap_or_else(Instant::now));
            let elsewhere =
                elsewhere_since.is_some_and(|since| since.elapsed() > ELSEWHERE);
            if elsewhere || over {
                return Err(self.no_listener(address, expected, now));
            }
            thread::sleep(sockets::BETWEEN_TWO_LOOKS);
        }
    }

    /// A program under strace is slow: a picture of it is to show how it waits for its client.
    fn waits_for_its_picture(&self) {
        #[cfg(unix)]
        if idle::is_traced(self.pid()) {
            self.sleeps().ok(); // that it does is asked elsewhere
        }
    }

    /// Waits until it has a UDP socket bound to this address.
    ///
    /// # Errors
    /// When it ends first, or has none in time.
    pub fn receives(&mut self, address: SocketAddr) -> Result<(), Failure> {
        let expected = format!("a UDP socket on {address}");
        let now = Instant::now();
        let mut wait = self.clock.waits_for_the_first_sign(self.started);
        while !sockets::receives(address) {
            if let Some(status) = self.ended() {
                let seen = format!("the program ended with {}", said(status));
                return Err(self.crash(Failure::new(expected, seen)));
            }
            if wait.is_over() {
                let seen = format!("none after {:.0?}", now.elapsed());
                return Err(Failure::timeout(expected, seen)
                    .likely("the socket is not bound to the program's first argument"));
            }
            thread::sleep(sockets::BETWEEN_TWO_LOOKS);
        }
        Ok(())
    }

    fn no_listener(
        &self,
        address: SocketAddr,
        expected: String,
        since: Instant,
    ) -> Failure {
        let elsewhere = sockets::listeners();
        let bound = sockets::bound_not_listening(address);
        match elsewhere.first() {
            Some(other) if crate::sandbox::sandboxed() => {
                Failure::new(expected, format!("it listens on {other}")).certain(
                    "the address to listen on is the program's first argument, and this \
                     is another",
                )
            }
            _ if bound => Failure::timeout(expected, "the port is bound, nobody listens")
                .certain("bind alone makes no server: listen is missing"),
            _ => {
                let seen = format!("no listener after {:.0?}", since.elapsed());
                Failure::timeout(expected, seen)
                    .likely("the program runs, and has not called bind and listen")
            }
        }
    }

    /// Waits until standard output ends with, or holds, what `look` wants.
    ///
    /// # Errors
    /// A time-out, or the end of the program without it.
    pub fn prints<T>(
        &mut self,
        expected: &str,
        look: impl Fn(&[u8]) -> Option<T>,
    ) -> Result<T, Failure> {
        let mut wait = self.clock.waits(ANSWER);
        loop {
            let (all, over) = self.stdout.all();
            if let Some(found) = look(&all) {
                return Ok(found);
            }
            if all.len() >= OUTPUT {
                let seen = format!("more than {OUTPUT} bytes of output");
                return Err(Failure::new(expected, seen).certain("it prints without end"));
            }
            let seen = format!("its output {}", quoted(&all));
            if over {
                self.wait(ANSWER)?;
                let ended = self.status.map(said).unwrap_or_default();
                let seen = format!("{seen}, and its end with {ended}");
                return Err(self.crash(Failure::new(expected, seen)));
            }
            let left = wait.left();
            if left.is_zero() {
                let seen = format!("{seen} after {ANSWER:?}");
                return Err(Failure::timeout(expected, seen));
            }
            self.stdout.changes(all.len(), left);
        }
    }

    /// Waits until standard output holds as much as `expected`, which is all of it from the
    /// program's start, and compares them.
    ///
    /// # Errors
    /// Failure, at the first byte that differs, at an early end, at the deadline.
    pub fn has_printed(&mut self, expected: &[u8]) -> Result<(), Failure> {
        let want = quoted(expected);
        let printed = self.prints(&want, |all| {
            let decided = all.len() >= expected.len() || !expected.starts_with(all);
            decided.then(|| all.to_vec())
        });
        let failure = match printed {
            Ok(seen) if seen == expected => return Ok(()),
            Ok(seen) => Failure::new(&want, quoted(&seen)),
            Err(failure) => failure,
        };
        Err(Failure {
            bytes: Some((expected.to_vec(), self.output())),
            ..failure
        })
    }

    /// Waits until it sleeps, as a program does for which nothing is to be done. Where the
    /// system does not tell, it is believed.
    ///
    /// # Errors
    /// Failure, when it keeps a processor busy.
    pub fn sleeps(&self) -> Result<(), Failure> {
        idle::becomes_idle(self.pid(), self.clock)
    }

    /// Looks whether it goes on sleeping, once it sleeps: also no clock of its own wakes it
    /// while nothing is to be done. Where the system does not tell, it is believed.
    ///
    /// # Errors
    /// Failure, when it looks again and again whether something has come.
    pub fn rests(&self) -> Result<(), Failure> {
        idle::rests(self.pid(), self.clock)
    }

    /// Types on its keyboard. What it no longer reads is lost, as on a terminal.
    ///
    /// # Errors
    /// A checker error, when typing fails for another reason.
    pub fn types(&mut self, text: impl AsRef<[u8]>) -> Result<(), Failure> {
        let Some(keyboard) = &mut self.keyboard else {
            return Ok(());
        };
        match keyboard
            .write_all(text.as_ref())
            .and_then(|()| keyboard.flush())
        {
            Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
                Err(Failure::checker("to type", &error))
            }
            _ => Ok(()),
        }
    }

    /// Types all of it, and then Ctrl+D. Where the system lets the pipe be so large, all of it
    /// and its end lie there at once: a program that sleeps has taken them, or has no room.
    /// Elsewhere it is typed as fast as it is read, and nobody waits for it.
    pub fn pastes(&mut self, text: Vec<u8>) {
        if let Some(mut keyboard) = self.keyboard.take() {
            if has_room_for(&keyboard, text.len()) {
                keyboard.write_all(&text).ok(); // what it no longer reads is lost
            } else {
                thread::spawn(move || keyboard.write_all(&text).ok());
            }
        }
    }

    /// Ctrl+D.
    pub fn closes_keyboard(&mut self) {
        self.keyboard = None;
    }

    /// Waits for its end, and expects success.
    ///
    /// # Errors
    /// A time-out, or an end with another exit code.
    pub fn ends_well(&mut self) -> Result<(), Failure> {
        let status = self.wait(ANSWER)?;
        if status.success() {
            return Ok(());
        }
        let seen = format!("it ended with {}", said(status));
        Err(self.crash(Failure::new("the program to end with exit code 0", seen)))
    }

    /// Waits for its end, and for all that it has printed.
    ///
    /// # Errors
    /// A time-out.
    pub fn wait(&mut self, deadline: Duration) -> Result<ExitStatus, Failure> {
        let mut wait = self.clock.waits(deadline);
        loop {
            let is_over = wait.is_over(); // before the look: it may end meanwhile
            if let Some(status) = self.ended() {
                // All that it has printed is in the pipes. Its children may have them, too,
                // and go on: so not for ever.
                let end = self.clock.within(ANSWER);
                for tape in [&self.stdout, &self.stderr] {
                    tape.wait_for_end(end.saturating_duration_since(Instant::now()));
                }
                return Ok(status);
            }
            if is_over {
                let seen = format!("it still runs after {deadline:?}");
                return Err(Failure::timeout("the program to end", seen));
            }
            thread::sleep(Duration::from_millis(1)); // between two looks
        }
    }

    /// Waits for its end, and gives its status and the lines on its standard output.
    ///
    /// # Errors
    /// A time-out, when it does not end.
    pub fn ends_with_lines(&mut self) -> Result<(ExitStatus, Vec<String>), Failure> {
        let status = self.wait(ANSWER)?;
        self.stdout.wait_for_end(self.clock.left(ANSWER));
        let text = String::from_utf8_lossy(&self.output()).into_owned();
        Ok((status, text.lines().map(str::to_string).collect()))
    }

    /// The sockets that it has open, by their numbers, in a sandbox with all that it has
    /// started; none, where the system does not say.
    pub fn open_sockets(&self) -> Option<BTreeSet<u32>> {
        proc::open_sockets(&self.processes())
    }

    /// How long it bears it when this peer does nothing; none: it has set no short timeout,
    /// or the system does not say.
    pub(crate) fn patience_with(&self, peer: SocketAddr) -> Option<Patience> {
        patience::with(&self.processes(), peer)
    }

    /// Makes a timeout of its reads from this peer a short one, and says how long it was; none:
    /// it has set none, or the system does not let us.
    pub(crate) fn shortens_timeout(
        &self,
        peer: SocketAddr,
        to: Duration,
    ) -> Option<Duration> {
        patience::shortened(&self.processes(), peer, to)
    }

    /// The same of its reads from the socket on this address, which hears everybody.
    pub(crate) fn shortens_timeout_on(
        &self,
        own: SocketAddr,
        to: Duration,
    ) -> Option<Duration> {
        patience::shortened_on(&self.processes(), own, to)
    }

    /// In a sandbox with all that it has started.
    fn processes(&self) -> Vec<u32> {
        recorder::others().unwrap_or_else(|| vec![self.pid()])
    }

    /// How it ended; none while it runs.
    pub fn ended(&mut self) -> Option<ExitStatus> {
        if self.status.is_none() {
            self.status = self.child.try_wait().unwrap_or_default();
        }
        self.status
    }

    /// Everything on standard output so far.
    pub fn output(&self) -> Vec<u8> {
        self.stdout.all().0
    }

    /// Everything on standard error so far.
    pub fn complaints(&self) -> String {
        String::from_utf8_lossy(&self.stderr.all().0).into_owned()
    }

    /// Whether it has ended, and says that it was refused its port.
    pub(crate) fn was_refused_its_port(&mut self) -> bool {
        self.ended().is_some() && says_in_use(&self.complaints())
    }

    /// How many threads it has; none, where the system does not say.
    pub fn threads(&self) -> Option<usize> {
        proc::status(self.pid()).map(|status| status.threads)
    }

    /// The most memory that it has asked for until now, in bytes: also what it has never
    /// touched, and what it has given back. None, where the system does not say.
    pub fn memory_asked_for(&self) -> Option<u64> {
        proc::status(self.pid()).map(|status| status.asked_for)
    }

    /// How long it has run.
    pub fn age(&self) -> Duration {
        self.started.elapsed()
    }

    /// Its process number, in the sandbox.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// A failure that is a crash, when the program has panicked or was killed: then the
    /// panic is what counts, and not what was missing because of it.
    /// Of the checker's own failure the program is no cause.
    pub fn crash(&mut self, failure: Failure) -> Failure {
        if failure.kind == Kind::CheckerError {
            return failure;
        }
        self.has_complained(failure.kind);
        // What a program does after a time-out is no cause of it: its peers have gone by then.
        let complaints = match failure.kind {
            Kind::Timeout => self.stderr.until(failure.when),
            _ => self.complaints().into_bytes(),
        };
        let complaints = String::from_utf8_lossy(&complaints);
        let mut lines = complaints.lines();
        match lines.find(|line| line.contains(PANICKED)) {
            Some(panic) => panicked(failure, panic, lines.next().unwrap_or_default()),
            None => self.killed(failure),
        }
    }

    /// Waits for its words, if it fails just now: a thread that panics closes its connection,
    /// and a moment later its words are here.
    fn has_complained(&mut self, kind: Kind) {
        let end = Instant::now() + Duration::from_millis(100);
        while kind == Kind::Fail
            && self.ended().is_none()
            && !self.complaints().contains(PANICKED)
            && Instant::now() < end
        {
            thread::sleep(Duration::from_millis(1)); // between two looks
        }
        if self.ended().is_some() {
            self.stderr.wait_for_end(Duration::from_millis(200));
        }
    }

    fn killed(&mut self, failure: Failure) -> Failure {
        #[cfg(unix)]
        if let Some(status) = self.ended()
            && let Some(signal) = std::os::unix::process::ExitStatusExt::signal(&status)
        {
            let signal = ended_by(signal);
            // It may have been looked at before.
            let told = failure.seen.trim_end_matches(&format!("; {signal}"));
            let seen = format!("{told}; {signal}");
            let cause = if failure.certain {
                failure.cause
            } else {
                signal
            };
            return Failure {
                kind: Kind::Crash,
                seen,
                cause,
                ..failure
            };
        }
        failure
    }

    /// Stops it for a moment, and lets it go on: Ctrl+Z, then `fg`. A system call that was
    /// waiting is interrupted by that. Elsewhere than on Unix nothing happens.
    ///
    /// # Errors
    /// A checker error.
    pub fn pauses(&self) -> Result<(), Failure> {
        self.stops()?;
        self.goes_on()
    }

    /// Stops it. What its peers do until [`Program::goes_on`] all lies in the kernel when it
    /// looks again: so the order is certain. Elsewhere than on Unix nothing happens.
    ///
    /// # Errors
    /// A checker error.
    pub fn stops(&self) -> Result<(), Failure> {
        #[cfg(unix)]
        {
            self.signal(nix::sys::signal::Signal::SIGSTOP)?;
            // A SIGCONT that comes before it has stopped would undo it.
            let end = self.clock.within(ANSWER);
            loop {
                thread::sleep(Duration::from_millis(2)); // this is the pause
                if idle::has_stopped(self.pid()) || Instant::now() > end {
                    break;
                }
            }
        }
        Ok(())
    }

    /// Lets it go on, after [`Program::stops`].
    ///
    /// # Errors
    /// A checker error.
    pub fn goes_on(&self) -> Result<(), Failure> {
        #[cfg(unix)]
        self.signal(nix::sys::signal::Signal::SIGCONT)?;
        Ok(())
    }

    /// Sends a signal, such as that of Ctrl+C.
    ///
    /// # Errors
    /// A checker error.
    #[cfg(unix)]
    pub fn signal(&self, signal: nix::sys::signal::Signal) -> Result<(), Failure> {
        let pid = nix::unistd::Pid::from_raw(self.pid().cast_signed());
        nix::sys::signal::kill(pid, signal)
            .map_err(|error| Failure::checker("to send a signal", &error.into()))
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        spawn::end_group(self.child.id());
        self.child.kill().ok();
        self.child.wait().ok();
        spawn::forget(self.child.id());
    }
}

/// What a signal says of a program.
#[cfg(unix)]
fn ended_by(signal: i32) -> String {
    use nix::sys::signal::Signal;
    let (name, why) = match Signal::try_from(signal) {
        Ok(Signal::SIGPIPE) => ("SIGPIPE", ": it wrote to a connection that was gone"),
        Ok(Signal::SIGXFSZ) => ("SIGXFSZ", ": it wrote a file of more than 64 MiB"),
        Ok(Signal::SIGXCPU) => ("SIGXCPU", ": it computed for more than a minute"),
        Ok(Signal::SIGSEGV) => ("SIGSEGV", ": it used memory that is not its own"),
        Ok(signal) => (signal.as_str(), ""),
        Err(_) => ("unknown", ""),
    };
    format!("signal {signal} ({name}) ended the program{why}")
}

/// Whether these words tell of EADDRINUSE: by its words in C and Python, or by its number on
/// Windows, where the words are in the language of the system.
fn says_in_use(words: &str) -> bool {
    let words = words.to_lowercase();
    ["address already in use", "eaddrinuse", "10048"]
        .iter()
        .any(|one| words.contains(one))
}

/// How the line of a panic begins, after the name of its thread.
const PANICKED: &str = "panicked at";

/// The failure of a program with this panic: the line with its place, and the next one.
fn panicked(failure: Failure, panic: &str, words: &str) -> Failure {
    let place = panic.split("panicked at ").nth(1).unwrap_or(panic);
    let told = failure.seen.trim_end_matches("; the program panicked");
    let seen = format!("{told}; the program panicked");
    let cause = if words.starts_with("not yet implemented") {
        let place = place.trim_end_matches(':');
        format!("there is still a `todo!` at {place}")
    } else if failure.certain {
        failure.cause
    } else {
        format!("the program panicked at {place} {words}")
    };
    Failure {
        kind: Kind::Crash,
        seen,
        cause,
        ..failure
    }
}

/// Makes a pipe large enough (fcntl(2), F_SETPIPE_SZ).
#[cfg(target_os = "linux")]
fn has_room_for(pipe: &ChildStdin, bytes: usize) -> bool {
    use nix::fcntl::{FcntlArg, fcntl};
    let Ok(wanted) = i32::try_from(bytes) else {
        return false;
    };
    let size = fcntl(pipe, FcntlArg::F_SETPIPE_SZ(wanted));
    size.is_ok_and(|size| size >= wanted)
}

#[cfg(not(target_os = "linux"))]
fn has_room_for(_pipe: &ChildStdin, _bytes: usize) -> bool {
    false
}

/// An exit status as a person says it.
pub fn said(status: ExitStatus) -> String {
    match status.code() {
        Some(code) => format!("exit code {code}"),
        None => "a signal".to_string(),
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn a_refused_port_is_known_by_what_programs_say_of_it() {
        for words in [
            "Error: Os { code: 98, kind: AddrInUse, message: \"Address already in use\" }",
            "OSError: [Errno 48] Address already in use",
            "error: cannot listen: address already in use (EADDRINUSE)",
            "Error: Os { code: 10048, kind: AddrInUse, message: \"Normalerweise darf\" }",
        ] {
            assert!(says_in_use(words), "{words}");
        }
        assert!(!says_in_use("Connection refused (os error 111)"));
    }

    #[test]
    fn a_signal_is_told_once_with_its_name() {
        let mut shell = Command::new("sh");
        let child = shell.args(["-c", "kill -9 $$"]).spawn().expect("a shell");
        let mut program = Program::new(child, Instant::now(), Clock::new(ANSWER));
        program.wait(ANSWER).expect("its end");
        let once = program.crash(Failure::new("an answer", "none"));
        let twice = program.crash(once.clone());
        assert_eq!(once.seen, "none; signal 9 (SIGKILL) ended the program");
        assert_eq!(twice.seen, once.seen);
        let pipe = ended_by(13);
        let told = Failure::new("an answer", format!("none; {pipe}"));
        assert!(
            program
                .crash(told)
                .seen
                .ends_with("signal 9 (SIGKILL) ended the program")
        );
    }

    #[test]
    fn a_panic_is_a_crash_and_no_cause_of_the_judges_own_trouble() {
        let panic = "echo 'thread main panicked at a.rs:1:2:\nno' >&2; exit 101";
        let mut shell = Command::new("sh");
        shell.args(["-c", panic]).stderr(Stdio::piped());
        let child = shell.spawn().expect("a shell");
        let mut program = Program::new(child, Instant::now(), Clock::new(ANSWER));
        program.wait(ANSWER).expect("its end");
        let seen = program.crash(Failure::new("an answer", "none"));
        assert_eq!(seen.kind, Kind::Crash);
        let own = Failure::checker("to listen", &io::Error::other("no port"));
        assert_eq!(program.crash(own.clone()), own);
    }
}
