//! A program on the stage: its process, its keyboard, and what it prints.

use std::fs;
use std::io::Read;
use std::path::PathBuf;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread;
use std::time::Instant;

use nix::unistd::Pid;
use shared::{Context, Error, Result};

use super::ANSWER;
use crate::network;

/// The calls that are recorded: of the network, of descriptors, what one can sleep in, and
/// that by which a new process shows that it is not a thread.
const CALLS: &str = "trace=%network,read,write,readv,writev,close,dup,dup2,dup3,fcntl,\
                     poll,ppoll,select,pselect6,epoll_wait,epoll_pwait,clock_nanosleep,\
                     execve";

/// A program that was started.
pub struct Actor {
    pub name: String,
    /// strace, or the program itself.
    pub strace: Child,
    pub keyboard: Option<ChildStdin>,
    pub output: Arc<Output>,
    pub read_up_to: usize,
    file: PathBuf,
    /// Whether strace stands before it.
    traced: bool,
}

/// What a program has printed, and whether that is all.
#[derive(Default)]
pub struct Output {
    all: Mutex<(Vec<u8>, bool)>,
    grown: Condvar,
}

impl Actor {
    /// Starts a program, under strace if it is to be `traced`: then its calls are in `file`.
    pub fn start(
        name: &str,
        command: &[String],
        file: PathBuf,
        traced: bool,
    ) -> Result<Self> {
        let own = std::env::current_exe().context("cannot find the own program")?;
        let mut strace = Command::new(&own);
        if traced {
            strace
                .args([crate::DIES_WITH_US, "strace"])
                .args(["-f", "-q", "-ttt", "-T", "-s", "400000", "-e", CALLS, "-o"])
                .arg(&file)
                .arg("--")
                .arg(own);
        }
        let mut strace = strace
            .arg(crate::WITHOUT_RIGHTS)
            .args(command)
            .env("LC_ALL", "C.UTF-8")
            .env("PYTHONUNBUFFERED", "1")
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .context("cannot start strace")?;
        let output = Arc::new(Output::default());
        output.keep_from(strace.stdout.take())?;
        output.keep_from(strace.stderr.take())?;
        Ok(Self {
            name: name.to_string(),
            keyboard: strace.stdin.take(),
            strace,
            output,
            read_up_to: 0,
            file,
            traced,
        })
    }

    /// The program: strace's only child, or the one that was started.
    pub fn pid(&self) -> Result<Pid> {
        let id = self.strace.id();
        if !self.traced {
            return Ok(Pid::from_raw(id.cast_signed()));
        }
        let file = format!("/proc/{id}/task/{id}/children");
        let children =
            fs::read_to_string(&file).context(format!("cannot read {file}"))?;
        let first = children.split_whitespace().next();
        let pid = first.and_then(|pid| pid.parse().ok()).map(Pid::from_raw);
        pid.ok_or_else(|| Error::new(format!("{} has ended", self.name)))
    }

    /// Its name, and the ports that it has now; where strace looks on, its calls tell them.
    pub fn ports(&self) -> Vec<(String, u16)> {
        let pid = self.pid().ok().filter(|_| !self.traced);
        let ports = pid.map(network::ports).unwrap_or_default();
        let ports = ports.into_iter().map(|port| (self.name.clone(), port));
        ports.collect()
    }

    /// How much strace has written of it.
    pub fn written(&self) -> u64 {
        fs::metadata(&self.file).map_or(0, |file| file.len())
    }

    /// Whether all of its threads sleep, or it has ended.
    pub fn sleeps(&self) -> bool {
        let Ok(pid) = self.pid() else {
            // It has ended, if strace has; or it was not started yet.
            let stat = fs::read_to_string(format!("/proc/{}/stat", self.strace.id()));
            return stat.map_or(true, |stat| stat.contains(") Z"));
        };
        let Ok(threads) = fs::read_dir(format!("/proc/{pid}/task")) else {
            return true;
        };
        threads.flatten().all(|thread| {
            let stat = fs::read_to_string(thread.path().join("stat"));
            let stat = stat.unwrap_or_default();
            let after_the_name = stat.rsplit_once(") ").map_or("", |(_, rest)| rest);
            let ended = !self.traced && after_the_name.starts_with('Z');
            ended || after_the_name.is_empty() || after_the_name.starts_with('S')
        })
    }
}

impl Output {
    /// The most that is kept of what a program prints.
    const MOST: usize = 1_000_000;

    /// Keeps what comes from a pipe, from now on.
    fn keep_from(
        self: &Arc<Self>,
        pipe: Option<impl Read + Send + 'static>,
    ) -> Result<()> {
        let pipe = pipe.ok_or_else(|| Error::new("a program without an output"))?;
        let output = Arc::clone(self);
        thread::spawn(move || output.keep(pipe));
        Ok(())
    }

    fn keep(&self, mut pipe: impl Read) {
        let mut buffer = [0; 4096];
        loop {
            let read = pipe.read(&mut buffer);
            let mut all = self.all.lock().unwrap_or_else(PoisonError::into_inner);
            match read {
                Ok(0) | Err(_) => all.1 = true,
                Ok(count) if all.0.len() < Self::MOST => {
                    all.0.extend_from_slice(&buffer[..count]);
                }
                Ok(_) => {}
            }
            self.grown.notify_all();
            if all.1 {
                return;
            }
        }
    }

    /// Waits for a text after that place, and says where it ends.
    pub fn wait_for(&self, from: usize, text: &str) -> Result<usize> {
        let end = Instant::now() + ANSWER;
        let mut all = self.all.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            let new = all.0.get(from..).unwrap_or_default();
            let found = new.windows(text.len()).position(|it| it == text.as_bytes());
            if let Some(found) = found {
                return Ok(from + found + text.len());
            }
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                let all = String::from_utf8_lossy(new);
                return Err(Error::new(format!("{text:?} was not printed, but {all:?}")));
            }
            let waited = self.grown.wait_timeout(all, left);
            all = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }
}
