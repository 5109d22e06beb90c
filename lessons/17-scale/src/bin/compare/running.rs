//! Help for lesson 17: a server or a load program that runs on a processor of its own, and
//! what the kernel knows of it (/proc, so this is Linux only).

use std::io::{self, BufRead, BufReader, Lines};
use std::num::ParseFloatError;
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::Mutex;
use std::thread;
use std::time::{Duration, Instant};
use std::{env, fs};

use nix::sched::{CpuSet, sched_getaffinity, sched_setaffinity};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

/// A program that runs. Dropped, it is asked to end, and then made to.
pub struct Running {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
}

/// What runs now, for Ctrl+C: this process ends then, and nothing of it may stay behind.
static RUNNING: Mutex<Vec<Pid>> = Mutex::new(Vec::new());

pub fn end_all() {
    let running = RUNNING.lock().expect("no panic");
    for pid in running.iter() {
        kill(*pid, Signal::SIGTERM).ok();
    }
    // Never unlocked: what another thread started now would stay behind.
    std::mem::forget(running);
}

impl Running {
    pub fn start(command: &[String], processor: Option<usize>) -> io::Result<Self> {
        // A new process inherits the set of processors. So we change our own for a
        // moment.
        let ours = sched_getaffinity(Pid::from_raw(0))?;
        if let Some(processor) = processor {
            let mut one = CpuSet::new();
            one.set(processor)?;
            sched_setaffinity(Pid::from_raw(0), &one)?;
        }
        let [program, args @ ..] = command else {
            return Err(io::Error::other("an empty command"));
        };
        let mut started = Command::new(program);
        started
            .args(args)
            .stdin(Stdio::null())
            .stdout(Stdio::piped());
        // Locked until it is in the list: Ctrl+C may come in between.
        let mut running = RUNNING.lock().expect("no panic");
        let child = started.stderr(Stdio::null()).spawn();
        if let Ok(child) = &child {
            running.push(Pid::from_raw(child.id().cast_signed()));
        }
        drop(running);
        sched_setaffinity(Pid::from_raw(0), &ours)?;
        let mut child = child?;
        let stdout = child.stdout.take().expect("it is piped");
        Ok(Self {
            child,
            lines: BufReader::new(stdout).lines(),
        })
    }

    pub fn line(&mut self, what: &str) -> io::Result<String> {
        let missing = || io::Error::other(format!("it ended without {what}"));
        self.lines.next().ok_or_else(missing)?
    }

    pub fn numbers(&mut self, what: &str) -> io::Result<Vec<f64>> {
        let line = self.line(what)?;
        let numbers: Result<_, _> = line.split(',').map(str::parse).collect();
        numbers
            .map_err(|_: ParseFloatError| io::Error::other(format!("not {what}: {line}")))
    }

    pub fn pid(&self) -> Pid {
        Pid::from_raw(self.child.id().cast_signed())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        kill(self.pid(), Signal::SIGTERM).ok();
        let end = Instant::now() + Duration::from_secs(2);
        while matches!(self.child.try_wait(), Ok(None)) && Instant::now() < end {
            thread::sleep(Duration::from_millis(5));
        }
        self.child.kill().ok(); // no effect where it has ended
        RUNNING
            .lock()
            .expect("no panic")
            .retain(|pid| *pid != self.pid());
        self.child.wait().ok();
    }
}

/// cargo has built `compare` only. Where cargo started it, it builds the others, too.
pub fn build(own: &Path) -> io::Result<()> {
    let Some(cargo) = env::var_os("CARGO") else {
        return Ok(());
    };
    let profile = own.parent().unwrap_or(own);
    let mut cargo = Command::new(cargo);
    cargo.args([
        "build",
        "--quiet",
        "--package=scale",
        "--bins",
        "--target-dir",
    ]);
    cargo.arg(profile.parent().unwrap_or(profile));
    if profile.ends_with("release") {
        cargo.arg("--release");
    }
    let status = cargo.current_dir(env!("CARGO_MANIFEST_DIR")).status()?;
    let why = || io::Error::other("cargo has said why");
    status.success().then_some(()).ok_or_else(why)
}

/// The memory of a process that is no file's, in KiB: what it has written to (proc(5)).
pub fn memory(pid: Pid) -> io::Result<f64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status"))?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("RssAnon:"));
    let number = line.and_then(|line| line.split_whitespace().next()?.parse().ok());
    number.ok_or_else(|| io::Error::other("this kernel does not tell RssAnon"))
}

/// The processor time of all threads of a process, in microseconds, to the nearest
/// 10,000.
pub fn processor_time(pid: Pid) -> io::Result<f64> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat"))?;
    // The name in parentheses may hold spaces. Count from its end.
    let fields = stat
        .rsplit_once(") ")
        .map_or("", |(_, rest)| rest)
        .split(' ');
    let ticks: f64 = fields.skip(11).take(2).flat_map(str::parse::<f64>).sum();
    Ok(ticks * 10_000.0)
}
