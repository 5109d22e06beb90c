//! What two honest recordings of a run have in common.
//!
//! Partial orders: for each program its calls with their results, for each direction of a
//! connection SYN, all data as one, FIN and RST. What differs from run to run stays out:
//! times, numbers of descriptors, which thread of a program closes a connection, acknowledgements without data, how the bytes were cut into
//! segments, and how often a program looked (poll, select) before it acted.

use std::collections::{BTreeMap, HashSet};

use crate::check::{gives, takes};
use crate::event::{Call, Event, Segment, What};

/// The events as text, without what differs between two honest runs.
pub fn comparable(events: &[Event]) -> String {
    let mut parts: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut open: BTreeMap<u32, &Call> = BTreeMap::new();
    // Consecutive reads of one connection are one; so are consecutive pieces of data.
    let mut add = |part: String, text: String, data: Option<&str>| {
        let lines = parts.entry(part).or_default();
        match (lines.last_mut(), data) {
            (Some(last), Some(data)) if last.starts_with(&text) => last.push_str(data),
            _ => lines.push(text + data.unwrap_or_default()),
        }
    };
    let mut seen = BTreeMap::new();
    for event in events {
        match &event.what {
            What::Starts { program, text } => {
                add(
                    format!("{program}: keyboard"),
                    format!("starts {text}"),
                    None,
                );
            }
            What::Types { program, text } => {
                add(
                    format!("{program}: keyboard"),
                    format!("types {text}"),
                    None,
                );
            }
            What::Presses { program, text } => {
                add(
                    format!("{program}: keyboard"),
                    format!("presses {text}"),
                    None,
                );
            }
            // That a process has ended which the program started: of a wrapper, for example.
            What::Signal { name, .. } if name == "SIGCHLD" => {}
            What::Signal { program, name } => {
                add(format!("{program}: signals"), name.clone(), None);
            }
            What::Ends { program, text } => {
                add(format!("{program}: end"), text.clone(), None);
            }
            What::Calls(call) => {
                open.insert(call.call, call);
            }
            What::Returns {
                program,
                call,
                result,
                data,
                ..
            } => {
                let Some(begun) = open.remove(call) else {
                    continue;
                };
                // Where two threads own a socket, either of them may be the last, and closes.
                let part = match (begun.name.as_str(), begun.connection) {
                    ("close", Some(connection)) => {
                        format!("{program}: close of connection {connection}")
                    }
                    _ => format!("{program}: calls of thread {}", begun.thread),
                };
                returned(begun, result, data, |text, data| {
                    add(part.clone(), text, data);
                });
            }
            What::Segment(segment) => {
                if is_repeated(&mut seen, segment) {
                    continue;
                }
                let part = format!(
                    "connection {}: {} to {}",
                    segment.connection, segment.from, segment.to
                );
                if segment.has('S') {
                    add(part.clone(), segment.flags.clone(), None);
                }
                if segment.length > 0 {
                    let kind = if segment.has('U') {
                        "datagram "
                    } else {
                        "data "
                    };
                    // Datagrams have borders.
                    let end = if segment.has('U') { "|" } else { "" };
                    add(
                        part.clone(),
                        kind.into(),
                        Some(&(segment.data.clone() + end)),
                    );
                }
                for (flag, name) in [('F', "FIN"), ('R', "RST"), ('I', "unreachable")] {
                    if segment.has(flag) {
                        add(part.clone(), name.into(), None);
                    }
                }
            }
            _ => {}
        }
    }
    for call in open.values().filter(|call| call.name != "close") {
        let part = format!("{}: calls of thread {}", call.program, call.thread);
        let lines = parts.entry(part).or_default();
        lines.push(format!("sleeps in {}", call.name));
    }
    let ended = ended(events);
    let mut text = String::new();
    for (part, mut lines) in parts {
        // The end of a program closes what its threads have not closed yet, and may be faster
        // than their last calls. The FIN is compared.
        while lines.pop_if(|last| last.starts_with("close ")).is_some() {}
        let program = part.split(':').next().unwrap_or_default();
        if lines.is_empty() && ended.contains(program) {
            continue; // that it has closed or that it was faster
        }
        text += &format!("{part}\n");
        for line in lines {
            text += &format!("    {line}\n");
        }
    }
    text
}

/// The lifelines of the programs that have ended. One that connects to itself has two, and
/// both were started by the same words.
fn ended(events: &[Event]) -> HashSet<&str> {
    let (mut started, mut ended) = (Vec::new(), HashSet::new());
    for event in events {
        match &event.what {
            What::Starts { program, text } => started.push((program.as_str(), text)),
            What::Ends { program, .. } => {
                ended.insert(program.as_str());
            }
            _ => {}
        }
    }
    let is_over = |(program, _): &&(&str, _)| ended.contains(program);
    let over: HashSet<_> = started.iter().filter(is_over).map(|it| it.1).collect();
    let ended = started.iter().filter(|(_, text)| over.contains(text));
    ended.map(|(program, _)| *program).collect()
}

/// Whether a segment brings nothing new: it is sent again on a machine that is busy, or it
/// is the reset with which an end that is closed for long answers such a one.
fn is_repeated(seen: &mut BTreeMap<(u32, String), (u32, bool)>, it: &Segment) -> bool {
    if it.is_no_tcp() {
        return false;
    }
    let mut closed =
        |program: &String| seen.entry((it.connection, program.clone())).or_default().1;
    if it.has('R') {
        return closed(&it.from) && closed(&it.to);
    }
    let flags = u32::from(it.has('S')) + u32::from(it.has('F'));
    let next = it.seq.saturating_add(it.length + flags);
    let own = seen.entry((it.connection, it.from.clone())).or_default();
    let repeated = next <= own.0 && it.length + flags > 0;
    own.0 = own.0.max(next);
    own.1 |= it.has('F');
    repeated
}

fn returned<'a>(
    call: &Call,
    result: &str,
    data: &'a str,
    mut add: impl FnMut(String, Option<&'a str>),
) {
    let connection = call.connection.map_or(String::new(), |it| format!(" {it}"));
    let name = &call.name;
    if call.descriptor.is_none() && name != "socket" {
        return; // poll and its relatives
    }
    if takes(name) && !data.is_empty() {
        add(format!("{name}{connection}: "), Some(data));
    } else if gives(name) {
        add(format!("{name}{connection} {} = {result}", call.data), None);
    } else {
        let made = ["socket", "accept", "accept4"].contains(&name.as_str());
        let number = result.parse::<u32>().is_ok();
        let result = if made && number {
            "a descriptor"
        } else {
            result
        };
        // Recordings that were made before these were kept are as good as new ones.
        let is_argument = ["setsockopt", "shutdown"].contains(&name.as_str());
        let address = if is_argument { "" } else { &call.address };
        add(format!("{name}{connection} {address} = {result}"), None);
    }
}
