//! Help for lesson 17: the table of `compare`.

use crate::program::results::{Results, Run};

const HEAD: &str = "                     served   messages/s      least – most  \
    CPU µs  KiB each   99 %, ms";

/// All results, a line for each server at each step.
pub fn table(results: &Results) -> String {
    let mut table = format!("{}\n", results.remark);
    for kind in ["closed", "idle", "free"] {
        for (busy, idle) in results.steps(kind) {
            let how = match kind {
                "idle" => format!(", {idle} idle ones beside them"),
                "free" => ", no program bound to a processor".to_string(),
                _ => String::new(),
            };
            table += &format!("\n{busy} clients{how}:\n{HEAD}\n");
            for server in results.servers() {
                let run = Run::new(server, kind, busy, idle);
                table += &line(results, &run).unwrap_or_default();
            }
        }
    }
    table
}

fn line(results: &Results, run: &Run) -> Option<String> {
    let speeds = results.sorted(run, "per_second");
    let (least, most) = (speeds.first()?, speeds.last()?);
    let open = Run {
        kind: run.kind.replace("closed", "open"),
        ..run.clone()
    };
    let median = |number| results.median(run, number);
    let (served, speed) = (median("served")?, median("per_second")?);
    let (cpu, kib) = (median("cpu_us")?, median("kib")?.max(0.0));
    let late = results.median(&open, "p99_us").filter(|_| open != *run);
    let late = late.map_or("–".to_string(), |us| format!("{:.2}", us / 1000.0));
    let spread = format!("{least:.0} – {most:.0}");
    let name = &run.server;
    Some(format!(
        "{name:<20} {served:>6} {speed:>12.0} {spread:>17} \
         {cpu:>7.1} {kib:>9.2} {late:>10}\n"
    ))
}
