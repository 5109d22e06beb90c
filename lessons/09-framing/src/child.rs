// ANCHOR: all
//! Help for lesson 09: a program that was started, and what it prints as it prints it.

use std::io::{self, ErrorKind, Read};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread;
use std::time::Duration;

/// A program that we have started, and both its outputs.
///
/// It gets an empty standard input. Dropped before its end, it is killed, and on Unix all
/// that it started in its process group with it. (A process that has left the group, as
/// daemons do with setsid(2), lives on: a cgroup or a container would catch it, too.)
///
/// Nothing is read ahead: where nobody calls [`next`](Self::next), two threads stop at
/// a full channel, the pipes fill up, and the program waits.
pub struct ChildOutput {
    child: Child,
    pieces: Receiver<io::Result<Output>>,
    /// Whether wait(2) has returned its end, and its number may be used again.
    waited_for: bool,
}

/// What comes next from a [`ChildOutput`] program.
pub enum Output {
    /// It printed this to standard output.
    Stdout(Vec<u8>),
    /// It printed this to standard error.
    Stderr(Vec<u8>),
    /// It printed nothing for the time that was asked for, and runs on.
    Silence,
    /// Both outputs are closed, and it has ended: with this exit code, or, where a signal
    /// killed it, with the signal's number below zero, as Python's `subprocess` has it.
    End(i32),
}

impl ChildOutput {
    const MOST: usize = 32 * 1024;

    /// Starts the program.
    ///
    /// # Errors
    /// Those of [`Command::spawn`]: mostly that there is no such program.
    pub fn new(command: &mut Command) -> io::Result<Self> {
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(command, 0);
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()?;
        let (sender, pieces) = sync_channel(2);
        let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
        // From here on, dropping it ends the program: also where a thread is refused.
        let output = Self {
            child,
            pieces,
            waited_for: false,
        };
        pump(stdout.expect("piped"), sender.clone(), Output::Stdout)?;
        pump(stderr.expect("piped"), sender, Output::Stderr)?;
        Ok(output)
    }

    /// Waits for what comes next, as long as `patience` allows.
    ///
    /// # Errors
    /// When its output cannot be read, or the system cannot say whether it has ended.
    pub fn next(&mut self, patience: Duration) -> io::Result<Output> {
        match self.pieces.recv_timeout(patience) {
            Ok(piece) => piece,
            Err(RecvTimeoutError::Timeout) => Ok(Output::Silence),
            Err(RecvTimeoutError::Disconnected) => {
                // It closed its outputs: it ends now, or goes on without them.
                for _ in 0..patience.as_millis() {
                    if let Some(status) = self.child.try_wait()? {
                        self.waited_for = true;
                        return Ok(Output::End(number(status)));
                    }
                    thread::sleep(Duration::from_millis(1));
                }
                Ok(Output::Silence)
            }
        }
    }
}

impl Drop for ChildOutput {
    fn drop(&mut self) {
        if self.waited_for {
            return; // Its number may belong to a stranger by now.
        }
        // It may have ended and left others in its group, which hold its outputs open.
        #[cfg(unix)]
        {
            use nix::sys::signal::{SIGKILL, killpg};
            use nix::unistd::Pid;
            // An error means that nobody is left.
            killpg(Pid::from_raw(self.child.id().cast_signed()), SIGKILL).ok();
        }
        self.child.kill().and_then(|()| self.child.wait()).ok();
    }
}

fn number(status: ExitStatus) -> i32 {
    #[cfg(unix)]
    if let Some(signal) = std::os::unix::process::ExitStatusExt::signal(&status) {
        return -signal;
    }
    status.code().unwrap_or(-1)
}

/// Reads a pipe to its end, on a thread of its own.
fn pump(
    mut pipe: impl Read + Send + 'static,
    pieces: SyncSender<io::Result<Output>>,
    kind: fn(Vec<u8>) -> Output,
) -> io::Result<()> {
    let read = move || {
        let mut room = vec![0; ChildOutput::MOST];
        loop {
            match pipe.read(&mut room) {
                Ok(0) => return,
                Ok(count) => {
                    if pieces.send(Ok(kind(room[..count].to_vec()))).is_err() {
                        return; // nobody wants it any more
                    }
                }
                Err(ref error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => {
                    pieces.send(Err(error)).ok(); // else nobody would miss the rest
                    return;
                }
            }
        }
    };
    thread::Builder::new().spawn(read).map(drop)
}
// ANCHOR_END: all

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    fn sh(script: &str) -> ChildOutput {
        ChildOutput::new(Command::new("sh").args(["-c", script])).expect("sh")
    }

    #[test]
    fn outputs_come_apart_and_the_end_comes_last() {
        let mut output = sh("echo out; echo err >&2; exit 3");
        let (mut out, mut err) = (Vec::new(), Vec::new());
        let code = loop {
            match output.next(Duration::from_secs(5)).expect("a piece") {
                Output::Stdout(bytes) => out.extend(bytes),
                Output::Stderr(bytes) => err.extend(bytes),
                Output::Silence => panic!("it took 5 s"),
                Output::End(code) => break code,
            }
        };
        assert_eq!(
            (out.as_slice(), err.as_slice()),
            (&b"out\n"[..], &b"err\n"[..])
        );
        assert_eq!(code, 3);
    }

    /// A pipe whose second read fails.
    struct Breaks(bool);

    impl Read for Breaks {
        fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
            if std::mem::replace(&mut self.0, true) {
                return Err(io::Error::from_raw_os_error(nix::libc::EIO));
            }
            room[0] = b'x';
            Ok(1)
        }
    }

    #[test]
    fn an_output_that_breaks_off_is_an_error_and_no_end() {
        let (sender, pieces) = sync_channel(2);
        pump(Breaks(false), sender, Output::Stdout).expect("a thread");
        assert!(matches!(pieces.recv(), Ok(Ok(Output::Stdout(x))) if x == b"x"));
        assert!(matches!(pieces.recv(), Ok(Err(_))));
    }

    #[test]
    fn a_signal_is_a_number_below_zero() {
        let mut output = sh("kill -9 $$");
        let Output::End(code) = output.next(Duration::from_secs(5)).expect("the end")
        else {
            panic!("the end");
        };
        assert_eq!(code, -9);
    }

    #[test]
    fn dropped_it_is_killed_with_all_that_it_started() {
        is_killed(sh("sleep 60 & echo $!; wait"));
    }

    #[test]
    fn what_it_has_left_behind_is_killed_too() {
        let output = sh("sleep 60 & echo $!");
        // The shell has ended, and nobody has waited for it: a zombie (proc_pid_stat(5)).
        becomes_a_zombie(&format!("/proc/{}/stat", output.child.id()));
        is_killed(output);
    }

    /// Also where there is no such process, or no /proc.
    fn becomes_a_zombie(stat: &str) {
        for _ in 0..5000 {
            match std::fs::read_to_string(stat) {
                Ok(text) if !text.contains(") Z ") => {
                    thread::sleep(Duration::from_millis(1));
                }
                _ => return,
            }
        }
        panic!("it runs on");
    }

    /// Drops it, and waits for the end of the process whose number it printed.
    fn is_killed(mut output: ChildOutput) {
        let Output::Stdout(pid) = output.next(Duration::from_secs(5)).expect("a line")
        else {
            panic!("a line");
        };
        let pid = String::from_utf8(pid).expect("a number");
        let pid = nix::unistd::Pid::from_raw(pid.trim().parse().expect("a number"));
        drop(output);
        // Killed, it is nobody's child, or waits for whoever collects orphans here.
        becomes_a_zombie(&format!("/proc/{pid}/stat"));
    }
}
