//! The talk between the checker and a learner's program, recorded from a check and drawn up
//! to the step that failed.
//!
//! The checker starts [`hear`] in its sandbox and tells it what it says; strace writes the
//! learner's calls beside it. When the check is over, [`draw`] makes a picture of it: one
//! step, and at its end a line across with the verdict.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::io::{self, BufRead, Write};
use std::path::Path;

use shared::{Context, Error, Result};

use crate::check;
use crate::draw::Picture;
use crate::event::{Event, Segment, What};
use crate::network::{Capture, Packet};
use crate::record;
use crate::stage::{Note, Noted, Recorded, Recording};
use crate::states::NOBODY;

/// The learner's program, as its lifeline is called.
const PROGRAM: &str = "your program";
const CHECKER: &str = "checker";

const PACKETS: &str = "packets";
const NOTES: &str = "notes";

/// Hears all packets until the keyboard ends, and keeps each line that is typed meanwhile. A
/// line is answered when it is kept; the first answer says that it hears.
///
/// # Errors
/// When this network cannot be heard, or the folder not be written.
pub fn hear(folder: &Path) -> Result<()> {
    let capture = Capture::start().context("cannot listen to the packets")?;
    let mut notes = String::new();
    let answer = || {
        let mut out = io::stdout().lock();
        writeln!(out, "kept").and_then(|()| out.flush())
    };
    answer().context("nobody listens")?;
    for line in io::stdin().lock().lines() {
        notes += &(line.context("cannot read what the check says")? + "\n");
        answer().context("nobody listens")?;
    }
    let packets = capture.stop().context("cannot read the packets")?;
    let lines: String = packets.iter().map(packet_to_line).collect();
    for (name, text) in [(PACKETS, lines), (NOTES, notes)] {
        let file = folder.join(name);
        let written = fs::write(&file, text);
        written.context(format!("cannot write {}", file.display()))?;
    }
    Ok(())
}

fn packet_to_line(packet: &Packet) -> String {
    let mut line = format!("{} ", packet.at);
    for byte in &packet.bytes {
        write!(line, "{byte:02x}").expect("a String takes all");
    }
    line + "\n"
}

fn packet_of_line(line: &str) -> Option<Packet> {
    let (at, bytes) = line.split_once(' ')?;
    let bytes = (0..bytes.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(bytes.get(at..at + 2)?, 16).ok());
    Some(Packet {
        at: at.parse().ok()?,
        bytes: bytes.collect::<Option<_>>()?,
    })
}

/// What the check has said, and when.
struct Said {
    at: u64,
    what: String,
    words: String,
}

fn said(line: &str) -> Option<Said> {
    let (at, rest) = line.split_once('\t')?;
    let (what, words) = rest.split_once('\t').unwrap_or((rest, ""));
    Some(Said {
        at: at.parse().ok()?,
        what: what.to_string(),
        words: words.to_string(),
    })
}

/// The picture of a check that was recorded in this folder, and its events.
///
/// # Errors
/// When it was not recorded.
pub fn draw(folder: &Path, exercise: &str) -> Result<(Picture, Vec<Event>)> {
    let said: Vec<_> = read(folder, NOTES)?.lines().filter_map(said).collect();
    let recording = recording(folder, &said)?;
    let start = recording.notes.first().map_or(0, |note| note.at);
    let all = record::events(&recording, &[None, None]);
    let step = step(&said, start, &all)
        .ok_or_else(|| Error::new("the check has ended before its first step"))?;
    let names = names(&step, &all);
    let mut all = all;
    all.iter_mut().for_each(|event| rename(event, &names));
    // What comes after the step is not drawn, and may be more than a recorder has room for.
    let shown = all.iter().take_while(|event| event.at <= step.told);
    let lie = check::check(&all[..shown.count()]).err();
    let (mut events, lifelines) = within(&step, all);
    for (place, name) in lifelines.iter().enumerate() {
        if !name.starts_with(PROGRAM) && !name.starts_with(NOBODY) {
            let (program, text) = (name.clone(), "check".to_string());
            let what = What::Starts { program, text };
            events.insert(place.min(events.len()), Event { at: 0, what });
        }
    }
    let picture = Picture {
        name: format!("check-{exercise}"),
        title: format!("{exercise}: {}", step.says),
        desc: format!(
            "The talk between the checker and your program in the step: {}. At the end a \
             line across says what came of it: {}.",
            step.says, step.verdict
        ),
        caption: caption(&step, &said, lie),
        lifelines,
        hides: ["setsockopt", "getsockopt", "getsockname", "getpeername"]
            .map(|name| ("*".to_string(), name.to_string()))
            .to_vec(),
        acks: false,
    };
    Ok((picture, events))
}

fn read(folder: &Path, name: &str) -> Result<String> {
    let file = folder.join(name);
    let text = fs::read_to_string(&file);
    text.context(format!("the check was not recorded: {}", file.display()))
}

fn recording(folder: &Path, said: &[Said]) -> Result<Recording> {
    let mut actors = Vec::new();
    let mut notes = Vec::new();
    for said in said.iter().filter(|said| said.what == "starts") {
        let number = actors.len();
        let name = match number {
            0 => PROGRAM.to_string(),
            more => format!("{PROGRAM} {}", more + 1),
        };
        // strace may have been too late for one that ended at once.
        let strace = fs::read_to_string(folder.join(format!("{number}.strace")));
        notes.push(Note {
            at: said.at,
            program: name.clone(),
            what: Noted::Starts(said.words.clone()),
        });
        actors.push(Recorded {
            itself: format!("{name} itself"),
            name,
            strace: strace.unwrap_or_default(),
        });
    }
    let packets = read(folder, PACKETS)?;
    let packets = packets.lines().filter_map(packet_of_line).collect();
    Ok(Recording {
        actors,
        packets,
        notes,
    })
}

/// A step of the check: what it says, what came of it, and its time after the first start.
struct Step {
    says: String,
    verdict: String,
    begin: u64,
    end: u64,
    /// When the verdict was told: what has ended until then has ended by itself.
    told: u64,
}

impl Step {
    fn has(&self, event: &Event) -> bool {
        (self.begin..=self.end).contains(&event.at)
    }
}

/// The step that failed; where none did, the first in which something travelled, or the
/// first.
fn step(said: &[Said], start: u64, events: &[Event]) -> Option<Step> {
    let mut steps = Vec::new();
    let (mut begin, mut fails) = (0, None);
    for said in said {
        let at = said.at.saturating_sub(start);
        let (verdict, says) = match said.what.as_str() {
            "fails" => {
                fails = Some(at);
                continue;
            }
            "passed" => ("ok", said.words.as_str()),
            "failed" => said.words.split_once('\t')?,
            _ => continue,
        };
        steps.push(Step {
            says: says.to_string(),
            verdict: verdict.to_string(),
            begin,
            end: fails.unwrap_or(at),
            told: at,
        });
        begin = at;
    }
    let travels = |step: &Step| {
        let is = |event: &Event| matches!(event.what, What::Segment(_));
        events.iter().any(|event| is(event) && step.has(event))
    };
    let place = match fails {
        Some(_) => steps.len().checked_sub(1)?,
        None => steps.iter().position(travels).unwrap_or(0),
    };
    (place < steps.len()).then(|| steps.swap_remove(place))
}

/// The events of a step, with its marks, and the lifelines.
fn within(step: &Step, all: Vec<Event>) -> (Vec<Event>, Vec<String>) {
    let all = without_the_end_of_others(step, all);
    let mut events = Vec::new();
    let mut lifelines: Vec<String> = Vec::new();
    let mut begun = false;
    let mut last = step.end;
    for event in all {
        let by_itself = matches!(event.what, What::Ends { .. } | What::Signal { .. });
        if event.at > step.end && !(by_itself && event.at <= step.told) {
            continue;
        }
        if event.at >= step.begin && !begun {
            begun = true;
            let at = step.begin;
            events.push(Event {
                at,
                what: What::Begins,
            });
        }
        if begun {
            last = last.max(event.at);
            for name in of(&event.what) {
                if !lifelines.contains(&name) && lifelines.len() < 3 {
                    lifelines.push(name);
                }
            }
        }
        events.push(event);
    }
    let what = What::Step {
        text: step.says.clone(),
        verdict: step.verdict.clone(),
    };
    events.push(Event { at: last, what });
    in_order(&mut lifelines, &events);
    (events, lifelines)
}

/// Takes away what a connection of an earlier step does in this one, if that is its end only.
fn without_the_end_of_others(step: &Step, all: Vec<Event>) -> Vec<Event> {
    let earlier = all.iter().filter(|event| event.at < step.begin);
    let mut others: BTreeSet<_> = earlier.filter_map(connection).collect();
    for event in all.iter().filter(|event| step.has(event)) {
        if let What::Segment(segment) = &event.what
            && segment.length > 0
        {
            others.remove(&segment.connection);
        }
    }
    let mut calls = BTreeSet::new();
    let mut events = all;
    events.retain(|event| {
        let is_others = connection(event).is_some_and(|it| others.contains(&it));
        match &event.what {
            What::Returns { call, .. } => !calls.contains(call),
            _ if event.at < step.begin || !is_others => true,
            What::Calls(call) => !calls.insert(call.call),
            _ => false,
        }
    });
    events
}

/// The connection that an event is about.
fn connection(event: &Event) -> Option<u32> {
    match &event.what {
        What::Segment(segment) => Some(segment.connection),
        What::Calls(call) => call.connection,
        _ => None,
    }
}

/// The checker at the left, the program beside it, or between two clients.
fn in_order(lifelines: &mut Vec<String>, events: &[Event]) {
    let is_own = |name: &String| name.starts_with(PROGRAM);
    if !lifelines.iter().any(is_own) {
        // It slept all the time: that is what there is to see.
        let mut starts = events.iter().filter_map(|event| match &event.what {
            What::Starts { program, .. } => Some(program.clone()),
            _ => None,
        });
        lifelines.extend(starts.next_back());
    }
    lifelines.sort_by_key(|name| (is_own(name), name.clone()));
    if lifelines.len() == 3 && !is_own(&lifelines[1]) {
        lifelines.swap(1, 2);
    }
}

/// The programs that an event is about.
fn of(what: &What) -> Vec<String> {
    match what {
        What::Segment(segment) => vec![segment.from.clone(), segment.to.clone()],
        What::Calls(call) => vec![call.program.clone()],
        What::Signal { program, .. } | What::Ends { program, .. } => {
            vec![program.clone()]
        }
        _ => Vec::new(),
    }
}

/// The ports that are the checker's: it is one lifeline, or two where it is two clients
/// in this step.
fn names(step: &Step, events: &[Event]) -> BTreeMap<(u32, String), String> {
    let segments = || {
        events.iter().filter_map(|event| match &event.what {
            What::Segment(segment) => Some((event.at, segment)),
            _ => None,
        })
    };
    let is_client = |segment: &Segment| {
        segment.from.starts_with(NOBODY) && segment.to.starts_with(PROGRAM)
    };
    // Those that begin in this step, or go on.
    let clients: BTreeSet<_> = segments()
        .filter(|(at, segment)| {
            (step.begin..=step.end).contains(at)
                && is_client(segment)
                && (segment.flags == "S" || segment.length > 0)
        })
        .map(|(_, segment)| segment.connection)
        .collect();
    // Who refuses is a kernel, and no program.
    let refuses = |name: &String, connection: u32| {
        segments().any(|(_, it)| {
            it.connection == connection
                && it.from == *name
                && (it.has('I') || it.has('R') && it.seq == 0)
        })
    };
    let mut names = BTreeMap::new();
    for (_, segment) in segments() {
        for name in [&segment.from, &segment.to] {
            let connection = segment.connection;
            let place = clients.iter().position(|it| *it == connection);
            let new = match place {
                _ if !name.starts_with(NOBODY) || refuses(name, connection) => continue,
                Some(place) if clients.len() == 2 => format!("client {}", place + 1),
                _ => CHECKER.to_string(),
            };
            names.insert((connection, name.clone()), new);
        }
    }
    names
}

fn rename(event: &mut Event, names: &BTreeMap<(u32, String), String>) {
    if let What::Segment(segment) = &mut event.what {
        let connection = segment.connection;
        for name in [&mut segment.from, &mut segment.to] {
            if let Some(new) = names.get(&(connection, name.clone())) {
                name.clone_from(new);
            }
        }
    }
}

/// What the checker has said of it, in its own words.
fn caption(step: &Step, said: &[Said], lie: Option<String>) -> String {
    let mut caption = match step.verdict.as_str() {
        "ok" => "The step passed.".to_string(),
        verdict => format!("{verdict}."),
    };
    for said in said.iter().filter(|said| said.what == "about") {
        let (what, words) = said.words.split_once('\t').unwrap_or_default();
        if ["expected", "seen", "likely"].contains(&what) {
            let (first, rest) = what.split_at(1);
            let end = if words.ends_with('.') { "" } else { "." };
            caption += &format!(" {}{rest}: {words}{end}", first.to_uppercase());
        }
    }
    if let Some(lie) = lie {
        caption += &format!(" (The recording contradicts itself: {lie}.)");
    }
    caption
}
