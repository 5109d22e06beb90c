//! Lesson 17: all designs in turn, measured; a table and plots.
//!
//!     cargo run -p scale --release --bin compare -- --quick

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::{env, fs, io};

use shared::{Args, Context, StopSignal, exit_on_ctrl_c, println};

use crate::program::plan::Plan;
use crate::program::results::{Results, Run};

#[path = "../descriptors.rs"]
mod descriptors;
#[path = "compare/measure.rs"]
mod measure;
#[path = "compare/plan.rs"]
mod plan;
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
  --save FOLDER        where results, table and plots go (measured/ beside the programs)
  --from FILE          measures nothing: table and plots of a saved measured.csv

environment: COMPARE_SECONDS, the default of --seconds

example: cargo run -p scale --release --bin compare -- --quick
";

const RATE: usize = 10_000; // messages per second of the open loop

pub fn main() -> ExitCode {
    shared::run(HELP, run)
}

fn run(args: Args) -> shared::Result<()> {
    StopSignal::watch()?.on_stop(running::end_all);
    exit_on_ctrl_c()?;
    let own = env::current_exe().context("cannot find this program")?;
    let folder: Option<PathBuf> = args.value("save")?;
    let folder = folder.unwrap_or(own.with_file_name("measured"));
    // Before anything is measured: what takes long must have a place to be kept.
    let made = fs::create_dir_all(&folder);
    made.context(format!("cannot make the folder {}", folder.display()))?;
    let results = match args.value::<PathBuf>("from")? {
        Some(file) => fs::read_to_string(&file)
            .and_then(|text| Results::from_csv(&text))
            .context(format!("cannot read {}", file.display()))?,
        None => measure_all(&args, &own, &folder)?,
    };
    let table = table::table(&results);
    println!("{table}");
    keep(&results, &folder)?;
    let file = fs::write(folder.join("table.txt"), &table);
    file.context(format!("no table in {}", folder.display()))?;
    let plots =
        plots::draw(&results, &folder).map_err(|e| io::Error::other(e.to_string()));
    for plot in plots.context(format!("no plots in {}", folder.display()))? {
        println!("plot: {}", plot.display());
    }
    Ok(())
}

fn keep(results: &Results, folder: &Path) -> shared::Result<()> {
    let file = folder.join("measured.csv");
    fs::write(&file, results.to_csv()).context(format!("cannot write {}", file.display()))
}

// ANCHOR: plan
fn measure_all(args: &Args, own: &Path, folder: &Path) -> shared::Result<Results> {
    let plan = Plan::new(args, own)?;
    running::build(own).context("cannot build the other programs of this lesson")?;
    let mut results = Results::new(plan.remark());
    println!("{}", results.remark);
    plan.warnings()
        .iter()
        .for_each(|warning| println!("{warning}"));
    // In turn, and again in turn: what disturbs this machine for a while disturbs all.
    for round in 1..=plan.rounds {
        for &busy in &plan.steps {
            for (name, command) in &plan.servers {
                println!("round {round} of {}: {busy} clients, {name}", plan.rounds);
                let mut all_served = true;
                for (kind, idle, rate) in runs(name, busy, plan.quick) {
                    if kind == "open" && !all_served {
                        continue; // it has no latency to show
                    }
                    let run = Run::new(name, kind, busy, idle);
                    let numbers = plan.measure.run(command, &run, rate);
                    let numbers = numbers.context(format!("cannot measure {name}"))?;
                    all_served = numbers[1] as usize == busy + idle;
                    results.add(run, numbers);
                }
                keep(&results, folder)?; // now: Ctrl+C may come, or an error
            }
        }
    }
    Ok(results)
}
// ANCHOR_END: plan

/// How a server is measured: kind of the run, idle clients, messages a second.
fn runs(name: &str, busy: usize, quick: bool) -> Vec<(&'static str, usize, usize)> {
    let mut runs = vec![("closed", 0, 0), ("open", 0, RATE)];
    // Threads could use all processors. Do they, if they may?
    if busy == 1000 && name.contains("thread") {
        runs.push(("free", 0, 0));
    }
    // How much do clients cost that say nothing? Only where all find room.
    let some = name.starts_with("one-by-one") || name.starts_with("pool");
    if busy == 10 && !some {
        let idle: &[usize] = if quick {
            &[0, 900]
        } else {
            &[0, 100, 300, 900]
        };
        runs.extend(idle.iter().map(|&idle| ("idle", idle, 0)));
    }
    runs
}
