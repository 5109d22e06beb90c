//! Records runs of the book, of the reader's own programs, and checks: on Linux.

use std::collections::HashMap;
use std::ffi::OsString;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::Value;
use shared::{Context, Error, Result, eprintln};
use trace::draw::Picture;
use trace::event::{Event, What};
use trace::runs::{Play, Run};
use trace::stage::Stage;
use trace::watch::Watch;
use trace::{check, network, record, talk};

use super::{Asked, show, usage};

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
    check::check(&events)
        .map_err(|lie| Error::new(format!("the recording contradicts itself: {lie}")))?;
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
        return Err(usage("a picture has room for three programs"));
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
