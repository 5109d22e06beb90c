//! Help for lesson 17: how one run is measured.

use std::io;
use std::time::Duration;

use nix::sched::{CpuSet, sched_getaffinity};
use nix::unistd::Pid;

use crate::program::results::Run;
use crate::program::running::{Running, memory, processor_time};

/// Two processors that we may use: one for the server, one for the load.
pub fn two_processors() -> Option<(usize, usize)> {
    let ours = sched_getaffinity(Pid::from_raw(0)).ok()?;
    let mut ours = (0..CpuSet::count()).filter(|it| ours.is_set(*it).unwrap_or(false));
    Some((ours.next()?, ours.next()?))
}

pub struct Measure {
    pub load: String,
    pub seconds: Duration,
    pub processors: Option<(usize, usize)>,
}

impl Measure {
    /// Starts the server anew, lets `load` talk to it, and returns the numbers of the
    /// run.
    pub fn run(&self, server: &[String], run: &Run, rate: usize) -> io::Result<Vec<f64>> {
        let bound = self.processors.filter(|_| run.kind != "free");
        let mut server = Running::start(server, bound.map(|two| two.0))?;
        let line = server.line("`Listening on HOST:PORT`")?;
        let address = line.trim_start_matches("Listening on ");
        let before = memory(server.pid())?;
        let seconds = self.seconds.as_secs_f64();
        let load = format!(
            "{} {address} --csv --connections {} --idle {} --rate {rate} \
             --seconds {seconds}",
            self.load, run.busy, run.idle
        );
        let load: Vec<_> = load.split(' ').map(String::from).collect();
        let mut load = Running::start(&load, bound.map(|two| two.1))?;
        // All who can be served have said one thing, and are silent now.
        let mut numbers = load.numbers("the number of clients")?;
        let (kib, start) = (
            memory(server.pid())? - before,
            processor_time(server.pid())?,
        );
        numbers.extend(load.numbers("a result")?);
        let used = processor_time(server.pid())? - start;
        let (clients, messages) = (numbers[0], numbers[3] * seconds);
        numbers.extend([used / messages.max(1.0), kib / clients]);
        Ok(numbers)
    }
}
