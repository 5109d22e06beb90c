// ANCHOR: all
//! Which servers there are, and how one run is measured.

use std::io;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use nix::sched::{CpuSet, sched_getaffinity};
use nix::unistd::Pid;
use shared::{Args, Error};

use crate::results::Run;
use crate::running::{Running, memory, processor_time};

const DESIGNS: [&str; 7] = [
    "one-by-one",
    "thread-each",
    "pool",
    "select",
    "poll",
    "epoll",
    "async",
];
const PEERS: [(&str, &str); 2] = [
    (
        "Python threading",
        include_str!("../../../peers/threading_echo.py"),
    ),
    (
        "Python asyncio",
        include_str!("../../../peers/asyncio_echo.py"),
    ),
];
/// The designs of this lesson, Python's servers, and those of `--also`.
pub fn servers(args: &Args, own: &Path) -> Result<Vec<(String, Vec<String>)>, Error> {
    let scale = own.with_file_name("scale").display().to_string();
    let mut servers = Vec::new();
    for name in DESIGNS {
        let command = [scale.as_str(), "127.0.0.1:0", "--design", name];
        servers.push((name.to_string(), command.map(String::from).to_vec()));
    }
    for (name, script) in PEERS {
        if Command::new("python3").arg("--version").output().is_ok() {
            let command = ["python3", "-c", script].map(String::from);
            servers.push((name.to_string(), command.to_vec()));
        }
    }
    let only: Vec<&str> = args.values("only").collect();
    let known = |only: &&str| servers.iter().any(|(name, _)| name == only);
    if let Some(unknown) = only.iter().find(|only| !known(only)) {
        let names: Vec<_> = servers.iter().map(|(name, _)| name.as_str()).collect();
        let error = Error::usage(format!("there is no server `{unknown}`"));
        return Err(error.hint(format!("take one of these: {}", names.join(", "))));
    }
    servers.retain(|(name, _)| only.is_empty() || only.contains(&name.as_str()));
    for also in args.values("also") {
        let Some((name, command)) = also.split_once('=') else {
            let error = Error::usage(format!("`{also}` does not fit --also"));
            return Err(error.hint("write NAME=COMMAND"));
        };
        let command = command.split_whitespace().map(String::from);
        // `epoll in C` right behind `epoll`: so the same minute is good or bad for both.
        let kin = servers
            .iter()
            .rposition(|(known, _)| name.starts_with(known.as_str()));
        let place = kin.map_or(servers.len(), |kin| kin + 1);
        servers.insert(place, (name.to_string(), command.collect()));
    }
    Ok(servers)
}

/// Two processors that we may use: one for the server, one for the load.
pub fn two_processors() -> Option<(usize, usize)> {
    let ours = sched_getaffinity(Pid::from_raw(0)).ok()?;
    let mut ours = (0..CpuSet::count()).filter(|it| ours.is_set(*it).unwrap_or(false));
    Some((ours.next()?, ours.next()?))
}

// ANCHOR: measure
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

    pub fn remark(&self, rounds: usize, most: usize, limit: usize) -> String {
        let place = match self.processors {
            Some((one, two)) => {
                format!("server on processor {one}, load on processor {two}")
            }
            None => "nothing is bound to a processor".to_string(),
        };
        let limited = if most == limit {
            format!("; more than {most} clients the descriptor limit does not allow")
        } else {
            String::new()
        };
        let seconds = self.seconds;
        format!(
            "medians of {rounds} rounds of {seconds:?}, 64-byte messages; \
             {place}{limited}"
        )
    }
}
// ANCHOR_END: measure
// ANCHOR_END: all
