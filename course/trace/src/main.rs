//! Records runs and draws them.
//!
//!     cargo run -- trace list
//!     cargo run -- trace second-client
//!     cargo run -- trace -- nc -l 127.0.0.1 9000 -- nc -N 127.0.0.1 9000
//!
//! All traffic stays in a network of the run's own. Linux only: without namespaces or
//! without strace the program says what is missing, and shows the recorded picture.

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
        Some(trace::WITHOUT_RIGHTS) => without_rights(words.collect()),
        Some(trace::DIES_WITH_US) => dies_with_us(words.collect()),
        Some(trace::HEAR) => hear(words.collect()),
        Some(trace::DRAW) => draw_check(words.collect()),
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
        None => own_programs(asked),
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
    let recorded = record(run, &root, asked.watch);
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

#[cfg(not(target_os = "linux"))]
fn record(_: &Run, _: &Path, _: bool) -> Result<Vec<Event>> {
    Err(Error::new("only Linux lets a program record this"))
}

#[cfg(not(target_os = "linux"))]
fn own_programs(_: &Asked) -> Result<()> {
    Err(Error::new("only Linux lets a program record this"))
}

#[cfg(not(target_os = "linux"))]
use without_rights as dies_with_us;

#[cfg(not(target_os = "linux"))]
fn without_rights(_: Vec<OsString>) -> Result<()> {
    Err(Error::new("only Linux lets a program record this"))
}

#[cfg(not(target_os = "linux"))]
use without_rights as hear;

#[cfg(not(target_os = "linux"))]
use without_rights as draw_check;

#[cfg(target_os = "linux")]
use linux::{dies_with_us, draw_check, hear, own_programs, record, without_rights};

#[cfg(target_os = "linux")]
mod linux {
    use std::collections::HashMap;
    use std::os::unix::process::CommandExt;
    use std::process::{Command, Stdio};

    use serde_json::Value;
    use trace::event::What;
    use trace::runs::Play;
    use trace::stage::Stage;
    use trace::watch::Watch;
    use trace::{check, network, record, talk};

    use super::{
        Asked, Context, Error, Event, OsString, Path, Picture, Result, Run, eprintln,
        show,
    };

    /// Records a run of the book, and refuses a recording that contradicts itself.
    pub fn record(run: &Run, root: &Path, watch: bool) -> Result<Vec<Event>> {
        let built = build(run, root)?;
        strace_works()?;
        let mut stage = private_network().and_then(|()| Stage::new())?;
        let mut play = Play {
            stage: &mut stage,
            root,
            built: &built,
        };
        let watch = watch.then(|| Watch::start(run.picture(), play.stage.kept()));
        let played = (run.script)(&mut play);
        watch.map_or(Ok(()), Watch::end)?;
        played?;
        let recording = stage.finish()?;
        let events = record::events(&recording, &run.cut);
        check::check(&events).map_err(|lie| {
            Error::new(format!("the recording contradicts itself: {lie}"))
        })?;
        Ok(events)
    }

    /// Whether strace is there, and may look at a program.
    fn strace_works() -> Result<()> {
        let mut strace = Command::new("strace");
        strace.args(["-o", "/dev/null", "true"]);
        strace.stdout(Stdio::null()).stderr(Stdio::null());
        let status = strace.status().map_err(|error| {
            Error::new(format!("there is no strace: {error}"))
                .hint("install it: `apt install strace` or the like")
        })?;
        match status.success() {
            true => Ok(()),
            false => Err(Error::new("strace may not look at programs here")
                .hint("the system forbids it: ptrace(2)")),
        }
    }

    fn private_network() -> Result<()> {
        network::enter().map_err(|error| {
            Error::new(format!(
                "this system allows no network of one's own: {error}"
            ))
            .hint("user namespaces are switched off here: user_namespaces(7)")
        })
    }

    /// Builds the lesson's programs, and asks cargo where they are.
    fn build(run: &Run, root: &Path) -> Result<HashMap<String, String>> {
        let mut built = HashMap::new();
        for (package, program) in run.programs {
            let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
            let output = Command::new(cargo)
                .args(["build", "--quiet", "--message-format=json", "-p", package])
                .args(["--bin", program])
                .current_dir(root)
                .stderr(Stdio::inherit())
                .output()
                .context("cannot start cargo")?;
            if !output.status.success() {
                return Err(Error::new(format!("{program} could not be built")));
            }
            for line in String::from_utf8_lossy(&output.stdout).lines() {
                let message: Option<Value> = serde_json::from_str(line).ok(); // or its words
                let file = message.as_ref().and_then(|it| it["executable"].as_str());
                if let Some(file) = file {
                    built.insert((*program).to_string(), file.to_string());
                }
            }
        }
        Ok(built)
    }

    /// The reader's own programs, one after the other.
    pub fn own_programs(asked: &Asked) -> Result<()> {
        if asked.own.len() > 3 {
            return Err(super::usage("a picture has room for three programs"));
        }
        // Without strace what travels is there to be seen.
        let strace = strace_works();
        private_network()?;
        let mut stage = match &strace {
            Ok(()) => Stage::new()?,
            Err(error) => {
                eprintln!("{}", error.report());
                eprintln!("So this is what travels, without the calls.");
                Stage::of_packets()?
            }
        };
        let names: Vec<_> = (0..asked.own.len())
            .map(|it| name(&asked.own, it))
            .collect();
        let mut picture = own_picture(names.clone());
        let watch = asked
            .watch
            .then(|| Watch::start(picture.clone(), stage.kept()));
        let played = play(&mut stage, &asked.own, &names);
        watch.map_or(Ok(()), Watch::end)?;
        played?;
        let recording = stage.finish()?;
        let events = record::events(&recording, &[None, None]);
        if let Err(lie) = check::check(&events) {
            eprintln!("note: the recording contradicts itself: {lie}");
        }
        ports_too(&mut picture, &events);
        show(&picture, &events, asked)
    }

    /// Who talks to a port without a program sees it as a lifeline; so does a program that talks
    /// to itself.
    fn ports_too(picture: &mut Picture, events: &[Event]) {
        for event in events {
            let What::Segment(segment) = &event.what else {
                continue;
            };
            for end in [&segment.from, &segment.to] {
                let lifelines = &mut picture.lifelines;
                if lifelines.len() < 3 && !lifelines.contains(end) {
                    lifelines.push(end.clone());
                }
            }
        }
    }

    /// Starts the programs one after the other, and waits until all sleep.
    fn play(stage: &mut Stage, own: &[Vec<String>], names: &[String]) -> Result<()> {
        for (command, name) in own.iter().zip(names) {
            stage.start(name, &command.join(" "), command)?;
            stage.quiet()?;
        }
        eprintln!("All programs sleep; the picture ends here.");
        stage.picture_ends()
    }

    /// A program's name: its file's, with a number for the second.
    fn name(own: &[Vec<String>], place: usize) -> String {
        let file = |command: &[String]| {
            let file = command[0].rsplit('/').next();
            file.unwrap_or_default().to_string()
        };
        let name = file(&own[place]);
        match own[..place].iter().filter(|it| file(it) == name).count() {
            0 => name,
            more => format!("{name} {}", more + 1),
        }
    }

    fn own_picture(mut lifelines: Vec<String>) -> Picture {
        // The server stands in the middle.
        if lifelines.len() == 3 {
            lifelines.swap(0, 1);
        }
        Picture {
            name: "own-run".to_string(),
            title: "A run of your own programs".to_string(),
            desc: "System calls and segments in the order in which they happened."
                .to_string(),
            lifelines,
            hides: vec![("*".to_string(), "poll".to_string())],
            acks: true,
            ..Picture::default()
        }
    }

    /// FOLDER: what the checker starts to record a check.
    pub fn hear(args: Vec<OsString>) -> Result<()> {
        let folder = args.first().ok_or_else(|| Error::usage("no folder"))?;
        network::die_with_the_parent().context("cannot ask for a signal")?;
        talk::hear(Path::new(folder))
    }

    /// FOLDER EXERCISE [FILE]: the picture of a check that was recorded there.
    pub fn draw_check(args: Vec<OsString>) -> Result<()> {
        let [folder, exercise, save @ ..] = &args[..] else {
            return Err(Error::usage("no check was recorded"));
        };
        let (picture, events) =
            talk::draw(Path::new(folder), &exercise.display().to_string())?;
        let asked = Asked {
            save: save.first().map(Into::into),
            ..Asked::default()
        };
        show(&picture, &events, &asked)
    }

    /// What strace starts: takes its own rights away, and becomes the program.
    pub fn without_rights(command: Vec<OsString>) -> Result<()> {
        network::give_rights_away().context("cannot give rights away")?;
        dies_with_us(command)
    }

    /// Becomes the program, which ends when its parent does.
    pub fn dies_with_us(command: Vec<OsString>) -> Result<()> {
        network::die_with_the_parent().context("cannot ask for a signal")?;
        let mut words = command.into_iter();
        let program = words.next().unwrap_or_default();
        let error = Command::new(&program).args(words).exec();
        Err(error).context(format!("cannot start {}", program.display()))
    }
}
