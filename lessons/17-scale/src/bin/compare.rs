// ANCHOR: all
//! Lesson 17: all designs in turn, measured; a table and plots.
//!
//!     cargo run -p scale --release --bin compare -- --quick

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::{env, fs, io};

use shared::{Args, Context, Error, StopSignal, exit_on_ctrl_c, println};

use crate::measure::{Measure, servers, two_processors};
use crate::results::{Results, Run};

#[path = "../descriptors.rs"]
mod descriptors;
#[path = "compare/measure.rs"]
mod measure;
#[path = "compare/plots.rs"]
mod plots;
#[path = "compare/results.rs"]
mod results;
#[path = "compare/running.rs"]
mod running;
#[path = "compare/table.rs"]
mod table;

const HELP: &str = "\
Measures all designs of `scale`, and Python's, one after the other. Prints a table, draws
plots. Everything happens on this machine, and takes a quarter of an hour.

usage: compare [--quick] [--rounds N] [--seconds S] [--only NAME]
               [--also NAME=COMMAND] [--save FOLDER] [--from FILE]

  --quick              less than a minute: one round, short runs, 1,000 clients at most
  --rounds N           how often everything is measured; the table has the medians (5)
  --seconds S          how long each run is (1)
  --only NAME          not all of them; can be given several times
  --also NAME=COMMAND  one more server: a program that prints `Listening on HOST:PORT`
  --save FOLDER        where results, table and plots go (compare/ beside the programs)
  --from FILE          measures nothing: table and plots of a saved measured.csv

example: cargo run -p scale --release --bin compare -- --quick
";

const RATE: usize = 10_000; // messages per second of the open loop

fn main() -> ExitCode {
    shared::run(HELP, run)
}

fn run(args: Args) -> shared::Result<()> {
    StopSignal::watch()?.on_stop(running::end_all);
    exit_on_ctrl_c()?;
    let own = env::current_exe().context("cannot find this program")?;
    let folder = args
        .value::<PathBuf>("save")?
        .unwrap_or(own.with_file_name("compare"));
    let results = match args.value::<PathBuf>("from")? {
        Some(file) => fs::read_to_string(&file)
            .and_then(|text| Results::from_csv(&text))
            .context(format!("cannot read {}", file.display()))?,
        None => measure_all(&args, &own)?,
    };
    print_and_draw(&results, &folder).context(format!("no plots in {}", folder.display()))
}

// ANCHOR: plan
fn measure_all(args: &Args, own: &Path) -> shared::Result<Results> {
    let quick = args.flag("quick");
    let rounds = args.value("rounds")?.map(NonZeroUsize::get);
    let rounds = rounds.unwrap_or(if quick { 1 } else { 5 });
    let seconds = args.seconds("seconds", if quick { 0.2 } else { 1.0 })?;
    let load = own.with_file_name("load").display().to_string();
    let measure = Measure {
        load,
        seconds,
        processors: two_processors(),
    };
    let servers = servers(args, own)?;
    running::build(own).context("cannot build the other programs of this lesson")?;
    let limit = descriptors::limit() as usize - 16;
    let most = limit.min(if quick { 1000 } else { 10_000 });
    let mut results = Results::default();
    results.remark = measure.remark(rounds, most, limit);
    println!("{}", results.remark);
    let steps = [1, 10, 100, 1000, most]
        .into_iter()
        .filter(|step| *step <= most);
    let mut steps: Vec<usize> = steps.collect();
    steps.dedup();
    // In turn, and again in turn: what disturbs this machine for a while disturbs all.
    for round in 1..=rounds {
        for &busy in &steps {
            for (name, command) in &servers {
                println!("round {round} of {rounds}: {busy} clients, {name}");
                let mut take = |kind: &str, idle, rate| {
                    let run = Run::new(name, kind, busy, idle);
                    let numbers = measure.run(command, &run, rate);
                    let numbers = numbers.context(format!("cannot measure {name}"))?;
                    let served = numbers[1] as usize == busy + idle;
                    results.add(run, numbers);
                    Ok::<bool, Error>(served)
                };
                // A server that did not serve all of them has no latency to tell.
                if take("closed", 0, 0)? {
                    take("open", 0, RATE)?;
                }
                // Threads could use all processors. Do they, if they may?
                if busy == 1000 && name.contains("thread") {
                    take("free", 0, 0)?;
                }
                // How much do clients cost that say nothing? Only where all find room.
                let some = ["one-by-one", "pool"].iter().any(|it| name.starts_with(it));
                if busy == 10 && !some {
                    for &idle in if quick {
                        &[0, 900][..]
                    } else {
                        &[0, 100, 300, 900]
                    } {
                        take("idle", idle, 0)?;
                    }
                }
            }
        }
    }
    Ok(results)
}
// ANCHOR_END: plan

fn print_and_draw(results: &Results, folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    let table = table::table(results);
    fs::write(folder.join("measured.csv"), results.to_csv())?;
    fs::write(folder.join("table.txt"), &table)?;
    println!("{table}");
    for plot in
        plots::draw(results, folder).map_err(|e| io::Error::other(e.to_string()))?
    {
        println!("plot: {}", plot.display());
    }
    Ok(())
}
// ANCHOR_END: all
