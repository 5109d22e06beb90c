//! What the chapter shows of a measurement: it is what `compare` makes of the numbers that
//! are kept, and the numbers say what the chapter says.
//!
//! The measurement itself takes a quarter of an hour, and a machine that does nothing else:
//!
//!     cargo test -p tests --test 17-scale the_whole_measurement -- --ignored --nocapture
//!
//! It measures the designs in C, too (`echo.c`), puts everything into docs/17-scale, and
//! prints how it stands with the claims of the lesson.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use tests::{Program, root};

const PLOTS: [&str; 4] = ["throughput", "latency", "memory", "idle"];

fn kept() -> PathBuf {
    root().join("docs/17-scale")
}

#[test]
fn the_plots_and_the_table_are_made_from_the_numbers_that_are_kept() {
    let folder = tempfile::tempdir().expect("a folder");
    let save = folder.path().display().to_string();
    let from = kept().join("measured.csv").display().to_string();
    let ended = Program::of("compare")
        .args(["--from", &from, "--save", &save])
        .run();
    ended.code(0);
    let mut files = PLOTS.map(|plot| format!("{plot}.svg")).to_vec();
    files.extend(["table.txt".to_string(), "measured.csv".to_string()]);
    for file in files {
        let read =
            |folder: &Path| fs::read_to_string(folder.join(&file)).expect("a file");
        assert!(
            read(folder.path()) == read(&kept()),
            "{file} is another one"
        );
    }
}

#[test]
fn the_chapter_shows_the_table_and_all_plots() {
    let chapter =
        fs::read_to_string(root().join("docs/17-scale.md")).expect("the chapter");
    assert!(chapter.contains("{{#include 17-scale/table.txt}}"));
    for plot in PLOTS {
        assert!(
            chapter.contains(&format!("\n\n{{{{#include 17-scale/{plot}.svg}}}}\n\n")),
            "{plot}"
        );
    }
}

/// A fixed colour would be invisible in some theme.
#[test]
fn the_plots_have_the_colours_of_the_page_that_they_stand_in() {
    for plot in PLOTS {
        let svg = fs::read_to_string(kept().join(plot).with_extension("svg"));
        let svg = svg.expect("a plot");
        let fixed = ["#", "rgb(", "\"white\"", "\"black\""];
        let found = fixed.iter().find(|colour| svg.contains(**colour));
        assert_eq!(found, None, "{plot}");
        for class in ["paper", "axis", "grid", "line5", "dot5"] {
            assert!(
                svg.contains(&format!("class=\"{class}\"")),
                "{plot}: {class}"
            );
        }
    }
}

/// Typed as it stands; only its time is shortened.
#[test]
fn the_command_of_the_chapter_measures_all_and_keeps_it() {
    if !tests::may_hold(2_100) {
        return;
    }
    let command = "cargo run -p scale --release --bin compare -- --quick";
    let chapter =
        fs::read_to_string(root().join("docs/17-scale.md")).expect("the chapter");
    assert!(chapter.contains(&format!("```console\n{command}\n```")));
    let cargo = std::env::var_os("CARGO").unwrap_or("cargo".into());
    let program = Program::at(cargo).args(command.split(' ').skip(1));
    let program = program.in_folder(root()).env("COMPARE_SECONDS", "0.02");
    // It builds, too.
    let ended = program.start().ends_within(Duration::from_secs(900));
    ended.code(0);
    let plot = ended.stdout.lines().last().unwrap_or_default();
    let plot = Path::new(plot.trim_start_matches("plot: "));
    let folder = plot.parent().expect("a folder");
    assert!(folder.ends_with("release/measured"), "{}", folder.display());
    let kept = fs::read_to_string(folder.join("measured.csv")).expect("the numbers");
    for design in crate::DESIGNS {
        let row = format!("\n{design},closed,1000,0,");
        assert!(kept.contains(&row), "{design}:\n{kept}");
    }
}

/// What took long is kept before anything can fail.
#[test]
fn what_was_measured_before_an_error_is_kept() {
    let folder = tempfile::tempdir().expect("a folder");
    let save = folder.path().display().to_string();
    let args = [
        "--quick",
        "--seconds",
        "0.05",
        "--only",
        "epoll",
        "--save",
        &save,
    ];
    let fails = ["--also", "x=/bin/true"];
    let ended = Program::of("compare").args(args).args(fails).run();
    ended.code(1).complained("cannot measure x");
    let kept = fs::read_to_string(folder.path().join("measured.csv"));
    assert!(kept.expect("the numbers").contains("\nepoll,closed,1,0,"));

    let file = folder.path().join("measured.csv").display().to_string();
    let ended = Program::of("compare")
        .args(["--quick", "--save", &file])
        .run();
    ended.code(1).complained("cannot make the folder");
    assert!(!ended.stdout.contains("round 1"), "before it measures");
}

#[test]
fn a_wrong_time_in_the_environment_is_told() {
    let program = Program::of("compare").args(["--quick"]);
    let ended = program.env("COMPARE_SECONDS", "soon").run();
    ended
        .code(2)
        .complained("`soon` does not fit COMPARE_SECONDS");
}

/// The median of a number, by server, kind and clients.
type Medians = BTreeMap<(String, String, usize, usize), f64>;

fn medians(csv: &str, number: &str) -> Medians {
    let mut lines = csv.lines().skip(1);
    let mut head = lines.next().unwrap_or_default().split(',');
    let column = head.position(|name| name == number).expect("a column");
    let mut all: BTreeMap<_, Vec<f64>> = BTreeMap::new();
    for line in lines {
        let cells: Vec<_> = line.split(',').collect();
        let count = |place: usize| cells[place].parse::<usize>().expect("a number");
        let key = (
            cells[0].to_string(),
            cells[1].to_string(),
            count(2),
            count(3),
        );
        all.entry(key)
            .or_default()
            .push(cells[column].parse().expect("a number"));
    }
    let median = |mut numbers: Vec<f64>| {
        numbers.sort_by(f64::total_cmp);
        numbers[numbers.len() / 2]
    };
    all.into_iter()
        .map(|(key, numbers)| (key, median(numbers)))
        .collect()
}

/// How the claims of the lesson stand: a line each, and whether it holds.
fn claims(csv: &str) -> Vec<(bool, String)> {
    let speed = medians(csv, "per_second");
    let get = |server: &str, kind: &str, busy, idle| {
        let key = (server.to_string(), kind.to_string(), busy, idle);
        speed.get(&key).copied()
    };
    let mut claims = Vec::new();
    let mut claim = |ours: (&str, &str, usize, usize), least: f64, of: &str| {
        let (server, kind, busy, idle) = ours;
        if let (Some(own), Some(other)) =
            (get(server, kind, busy, idle), get(of, kind, busy, idle))
        {
            let ratio = own / other;
            let what = format!("{server} / {of}, {busy} clients and {idle} idle");
            claims.push((
                ratio >= least,
                format!("{ratio:.2} (at least {least}): {what}"),
            ));
        }
    };
    for design in &crate::DESIGNS[..6] {
        for busy in [1, 10, 100, 1000] {
            claim((design, "closed", busy, 0), 0.95, &format!("{design} in C"));
        }
    }
    for busy in [100, 1000] {
        claim(("epoll", "closed", busy, 0), 1.0, "async");
    }
    // Bound to one processor, the kernel's switching is nearly all of the work, for both.
    claim(("thread-each", "free", 1000, 0), 3.0, "Python threading");
    for design in crate::EVENTS {
        claim((design, "closed", 1000, 0), 5.0, "Python asyncio");
    }
    for design in ["select", "poll"] {
        claim(("epoll", "idle", 10, 900), 2.0, design);
    }
    let connected = medians(csv, "connect_s");
    for (server, busy) in [
        ("thread-each", 10_000),
        ("poll", 10_000),
        ("epoll", 10_000),
        ("async", 10_000),
    ] {
        let key = (server.to_string(), "closed".to_string(), busy, 0);
        if let Some(took) = connected.get(&key) {
            claims.push((
                *took < 2.0,
                format!("{took:.2} s until {busy} are connected: {server}"),
            ));
        }
    }
    claims
}

#[test]
fn a_claim_that_does_not_hold_is_told() {
    let csv = "# a remark\nserver,kind,busy,idle,per_second,connect_s\n\
        epoll,closed,100,0,90,0.1\nepoll in C,closed,100,0,100,0.1\n\
        async,closed,100,0,80,0.1\npoll,idle,10,900,40,0.1\nepoll,idle,10,900,100,0.1\n";
    let held: Vec<_> = claims(csv).into_iter().map(|(holds, _)| holds).collect();
    assert_eq!(held, [false, true, true]);
}

#[test]
#[ignore = "a quarter of an hour, on a machine that does nothing else"]
fn the_whole_measurement() {
    let cc = tests::tool!("cc");
    let folder = tempfile::tempdir().expect("a folder");
    let echo = folder.path().join("echo");
    let source = root().join("tests/17-scale/echo.c");
    let mut cc = Command::new(cc);
    cc.args(["-O2", "-pthread", "-o"]).arg(&echo).arg(source);
    assert!(cc.status().expect("cc runs").success());

    let cargo = std::env::var_os("CARGO").unwrap_or("cargo".into());
    let mut compare = Command::new(cargo);
    compare.current_dir(root());
    compare.args(["run", "--release", "-p", "scale", "--bin", "compare", "--"]);
    compare.arg("--save").arg(kept());
    for design in &crate::DESIGNS[..6] {
        let command = format!("{design} in C={} --design {design}", echo.display());
        compare.args(["--also", &command]);
    }
    // For a trial: MEASURE="--rounds 1 --seconds 0.1".
    compare.args(
        std::env::var("MEASURE")
            .unwrap_or_default()
            .split_whitespace(),
    );
    assert!(compare.status().expect("cargo runs").success());

    let csv = fs::read_to_string(kept().join("measured.csv")).expect("the numbers");
    for (holds, what) in claims(&csv) {
        println!("{} {what}", if holds { "holds" } else { "FAILS" });
    }
}

#[test]
fn the_designs_in_c_send_back_what_comes_too() {
    let cc = tests::tool!("cc");
    let folder = tempfile::tempdir().expect("a folder");
    let echo = folder.path().join("echo");
    let source = root().join("tests/17-scale/echo.c").display().to_string();
    let options = ["-O2", "-Wall", "-Wextra", "-Werror", "-pthread", "-o"];
    let compiled = Program::at(cc)
        .args(options)
        .args([&echo.display().to_string(), &source]);
    compiled.run().code(0);
    for design in &crate::DESIGNS[..6] {
        let mut server = Program::at(&echo).args(["--design", design]).start();
        let address = server.address();
        let (ended, numbers) =
            crate::load(address, "--connections 5 --seconds 0.1 --size 9000");
        ended.code(0);
        let served = if *design == "one-by-one" { 1.0 } else { 5.0 };
        assert_eq!(numbers[crate::SERVED], served, "{design}");
    }
}
