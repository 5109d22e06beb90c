//! Help for lesson 17: what `compare` is to measure, and what it says of that.

use std::num::NonZeroUsize;
use std::path::Path;
use std::process::Command;
use std::{env, fs, thread};

use shared::{Args, Error};

use crate::program::descriptors;
use crate::program::measure::{Measure, two_processors};

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
fn servers(args: &Args, own: &Path) -> Result<Vec<(String, Vec<String>)>, Error> {
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
        // `epoll in C` right after `epoll`: so the same minute is good or bad for both.
        let kin = servers
            .iter()
            .rposition(|(known, _)| name.starts_with(known.as_str()));
        let place = kin.map_or(servers.len(), |kin| kin + 1);
        servers.insert(place, (name.to_string(), command.collect()));
    }
    Ok(servers)
}

pub struct Plan {
    pub measure: Measure,
    pub servers: Vec<(String, Vec<String>)>,
    pub rounds: usize,
    pub steps: Vec<usize>,
    pub quick: bool,
    limit: usize,
}

impl Plan {
    pub fn new(args: &Args, own: &Path) -> Result<Self, Error> {
        let quick = args.flag("quick");
        let rounds = args.value("rounds")?.map(NonZeroUsize::get);
        let rounds = rounds.unwrap_or(if quick { 1 } else { 5 });
        let measure = Measure {
            load: own.with_file_name("load").display().to_string(),
            seconds: args.seconds("seconds", seconds_of_a_run(quick)?)?,
            processors: two_processors(),
        };
        let servers = servers(args, own)?;
        let limit = (descriptors::limit() as usize).saturating_sub(16);
        let most = limit.min(if quick { 1000 } else { 10_000 });
        let steps = [1, 10, 100, 1000, most].into_iter();
        let mut steps: Vec<usize> = steps.filter(|step| *step <= most).collect();
        steps.dedup();
        Ok(Self {
            measure,
            servers,
            rounds,
            steps,
            quick,
            limit,
        })
    }

    pub fn remark(&self) -> String {
        let place = match self.measure.processors {
            Some((one, two)) => {
                format!("server on processor {one}, load on processor {two}")
            }
            None => "nothing is bound to a processor".to_string(),
        };
        let most = self.steps.last().copied().unwrap_or_default();
        let limited = match most == self.limit {
            true => {
                format!("; more than {most} clients the descriptor limit does not allow")
            }
            false => String::new(),
        };
        let seconds = self.measure.seconds;
        let rounds = match self.rounds {
            1 => "one round".to_string(),
            rounds => format!("medians of {rounds} rounds"),
        };
        format!("{rounds} of {seconds:?}, 64-byte messages; {place}{limited}")
    }

    /// Why not to believe what follows.
    pub fn warnings(&self) -> Vec<String> {
        let mut warnings = Vec::new();
        if cfg!(debug_assertions) {
            warnings.push(
                "note: this is a debug build, and so is what it measures".to_string(),
            );
        }
        let average = fs::read_to_string("/proc/loadavg").unwrap_or_default();
        let average = average
            .split(' ')
            .next()
            .unwrap_or_default()
            .parse()
            .unwrap_or(0.0);
        let processors = thread::available_parallelism().map_or(1, NonZeroUsize::get);
        if average > processors as f64 / 2.0 {
            warnings.push(format!(
                "note: other programs use this machine (load average {average}): \
                 the numbers will be lower, and differ from run to run"
            ));
        }
        warnings
    }
}

fn seconds_of_a_run(quick: bool) -> Result<f64, Error> {
    const NAME: &str = "COMPARE_SECONDS";
    let Ok(text) = env::var(NAME) else {
        return Ok(if quick { 0.2 } else { 1.0 });
    };
    let seconds = text
        .parse()
        .ok()
        .filter(|seconds| (0.01..=60.0).contains(seconds));
    seconds.ok_or_else(|| {
        let error = Error::usage(format!("`{text}` does not fit {NAME}"));
        error.hint("write a number of seconds from 0.01 to 60")
    })
}
