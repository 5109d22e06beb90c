//! Records runs and draws them.
//!
//!     cargo run -- trace list
//!     cargo run -- trace second-client
//!     cargo run -- trace -- nc -l 127.0.0.1 9000 -- nc -N 127.0.0.1 9000
//!
//! All traffic stays in a network of the run's own. Linux only: without namespaces or
//! without strace the program says what is missing, and shows the recorded picture.

#[cfg(not(target_os = "linux"))]
mod elsewhere;
#[cfg(target_os = "linux")]
mod linux;

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use shared::{Context, Error, Result, eprintln, print, println};
use trace::colours;
use trace::draw::Picture;
use trace::event::{self, Event};
use trace::page::page;
use trace::runs::{self, Run, find};
use trace::twin;

#[cfg(not(target_os = "linux"))]
use elsewhere as system;
#[cfg(target_os = "linux")]
use linux as system;

const HELP: &str = "\
Pictures of real runs: records system calls and segments, and draws them.

usage: cargo run -- trace list
       cargo run -- trace RUN [--watch] [--save FILE]
       cargo run -- trace [--watch] [--save FILE] -- PROGRAM ... [-- PROGRAM ...]

  list         the runs of the book
  RUN          record this run here and now, and open its picture
  PROGRAM ...  record your own programs, up to three: each is started when the one
               before it sleeps; the picture ends when all of them sleep
  --watch      print what happens while it happens, and open no picture
  --save FILE  write the picture to FILE (a page, .html), and open nothing
  --data       print the events of RUN, a line of JSON each, and draw nothing
";

fn main() -> ExitCode {
    match trace() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{}", error.report());
            ExitCode::from(error.exit_code())
        }
    }
}

/// What was asked for.
#[derive(Default)]
struct Asked {
    word: Option<String>,
    save: Option<PathBuf>,
    /// Print the data, and draw nothing.
    data: bool,
    /// Print what happens while it happens.
    watch: bool,
    own: Vec<Vec<String>>,
}

fn trace() -> Result<()> {
    let mut words = std::env::args_os().skip(1);
    let first = words.next();
    match first.as_ref().and_then(|word| word.to_str()) {
        Some(trace::WITHOUT_RIGHTS) => system::without_rights(words.collect()),
        Some(trace::DIES_WITH_US) => system::dies_with_us(words.collect()),
        Some(trace::HEAR) => system::hear(words.collect()),
        Some(trace::DRAW) => system::draw_check(words.collect()),
        _ => match Asked::of(first.into_iter().chain(words))? {
            Some(asked) => carry_out(&asked),
            None => {
                print!("{HELP}");
                Ok(())
            }
        },
    }
}

impl Asked {
    /// What the words say; none: they ask for help.
    fn of(mut words: impl Iterator<Item = OsString>) -> Result<Option<Self>> {
        let mut asked = Self::default();
        while let Some(word) = words.next() {
            match word.to_str() {
                Some("--help" | "-h") => return Ok(None),
                Some("--data") => asked.data = true,
                Some("--watch") => asked.watch = true,
                Some("--save") => {
                    let file = words.next();
                    let file = file.ok_or_else(|| usage("--save needs a file"))?;
                    asked.save = Some(file.into());
                }
                Some("--") => {
                    let rest: Vec<_> = words.map(|it| it.display().to_string()).collect();
                    let parts = rest.split(|word| word == "--").map(<[String]>::to_vec);
                    asked.own = parts.filter(|part| !part.is_empty()).collect();
                    break;
                }
                Some(word) if !word.starts_with('-') && asked.word.is_none() => {
                    asked.word = Some(word.to_string());
                }
                _ => {
                    let what = format!("`{}` is not understood", word.display());
                    return Err(usage(what));
                }
            }
        }
        Ok(Some(asked))
    }
}

fn carry_out(asked: &Asked) -> Result<()> {
    match asked.word.as_deref() {
        Some("list") => {
            list();
            Ok(())
        }
        Some(name) => {
            let run = find(name).ok_or_else(|| {
                usage(format!("no run is called `{name}`"))
                    .hint("`cargo run -- trace list` shows them")
            })?;
            of_the_book(run, asked)
        }
        None if asked.own.is_empty() => Err(usage("nothing to trace")),
        None => system::own_programs(asked),
    }
}

fn usage(what: impl Into<String>) -> Error {
    Error::usage(what).hint("`cargo run -- trace --help` shows how")
}

fn list() {
    let width = runs::all().map(|run| run.name.len()).max().unwrap_or(0);
    for run in runs::all() {
        let lesson = &run.lesson[..2];
        println!("{lesson}  {:width$}  {}", run.name, run.title);
    }
}

fn of_the_book(run: &Run, asked: &Asked) -> Result<()> {
    let root = course();
    let [data, _] = run.files().map(|file| root.join(file));
    let picture = run.picture();
    let recorded = system::record(run, &root, asked.watch);
    if asked.data {
        print!("{}", event::write(&recorded?));
        return Ok(());
    }
    let events = match recorded {
        Ok(events) => events,
        Err(error) => {
            eprintln!("{}", error.report());
            eprintln!("This is the run that was recorded for the book.");
            let kept = std::fs::read_to_string(&data);
            let kept = kept.context(format!("cannot read {}", data.display()))?;
            let events = event::read(&kept).map_err(Error::new)?;
            if asked.watch {
                for line in twin::lines(&picture, &events) {
                    colours::show(line.event, &line.text);
                }
            }
            events
        }
    };
    show(&picture, &events, asked)
}

/// Writes the page, and opens it where nobody wants to save it. Who has watched has seen it.
fn show(picture: &Picture, events: &[Event], asked: &Asked) -> Result<()> {
    if asked.watch && asked.save.is_none() {
        return Ok(());
    }
    let page = page(picture, events);
    let file = match &asked.save {
        Some(file) => file.clone(),
        None => std::env::temp_dir().join(format!("{}.html", picture.name)),
    };
    write(&file, &page)?;
    println!("The picture is in {}", file.display());
    if asked.save.is_none() {
        // Where it does not open, the file stands above.
        open::that_detached(&file).ok();
    }
    Ok(())
}

fn write(file: &Path, text: &str) -> Result<()> {
    std::fs::write(file, text).context(format!("cannot write {}", file.display()))
}

/// The course: what COURSE_ROOT names, or the folder that this package is in.
fn course() -> PathBuf {
    if let Some(named) = std::env::var_os("COURSE_ROOT") {
        return named.into();
    }
    let here = std::env::current_dir().unwrap_or_default();
    let is_course = |folder: &&Path| folder.join("course/trace/Cargo.toml").is_file();
    let root = here.ancestors().find(is_course);
    root.unwrap_or(&here).to_path_buf()
}
