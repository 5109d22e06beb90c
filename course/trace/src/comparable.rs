//! What two honest recordings of a run have in common.
//!
//! Partial orders: for each program its calls with their results, for each direction of a
//! connection SYN, all data as one, FIN and RST. What differs from run to run stays out:
//! times, numbers of descriptors, which thread of a program closes a connection,
//! acknowledgements without data, how the bytes were cut into segments, and how often a
//! program looked (poll, select) before it acted.

use std::collections::{BTreeMap, HashSet};

use crate::event::{Call, Event, Segment, What, gives, takes};

/// The events as text, without what differs between two honest runs.
pub fn comparable(events: &[Event]) -> String {
    let mut parts = Parts::default();
    for event in events {
        parts.add_event(event);
    }
    parts.add_sleepers();
    parts.into_text(&ended(events))
}

/// What is ordered: the lines of each part, as `server: calls of thread 0`.
#[derive(Default)]
struct Parts<'a> {
    lines: BTreeMap<String, Vec<String>>,
    /// The calls that have not returned yet.
    open: BTreeMap<u32, &'a Call>,
    sent: Sent,
}

impl<'a> Parts<'a> {
    fn add_event(&mut self, event: &'a Event) {
        match &event.what {
            What::Starts { program, text } => {
                self.add(format!("{program}: keyboard"), format!("starts {text}"));
            }
            What::Types { program, text } => {
                self.add(format!("{program}: keyboard"), format!("types {text}"));
            }
            What::Presses { program, text } => {
                self.add(format!("{program}: keyboard"), format!("presses {text}"));
            }
            // That a process has ended which the program started: of a wrapper, for example.
            What::Signal { name, .. } if name == "SIGCHLD" => {}
            What::Signal { program, name } => {
                self.add(format!("{program}: signals"), name.clone());
            }
            What::Ends { program, text } => {
                self.add(format!("{program}: end"), text.clone());
            }
            What::Calls(call) => {
                self.open.insert(call.call, call);
            }
            What::Returns {
                program,
                call,
                result,
                data,
                ..
            } => {
                if let Some(begun) = self.open.remove(call) {
                    self.add_call(program, begun, result, data);
                }
            }
            What::Segment(segment) => self.add_segment(segment),
            _ => {}
        }
    }

    fn add(&mut self, part: String, line: String) {
        self.lines.entry(part).or_default().push(line);
    }

    /// Consecutive reads of one connection are one; so are consecutive pieces of data.
    fn add_data(&mut self, part: String, line: String, data: &str) {
        let lines = self.lines.entry(part).or_default();
        match lines.last_mut() {
            Some(last) if last.starts_with(&line) => last.push_str(data),
            _ => lines.push(line + data),
        }
    }

    fn add_call(&mut self, program: &str, call: &Call, result: &str, data: &str) {
        let name = call.name.as_str();
        if call.descriptor.is_none() && name != "socket" {
            return; // poll and its relatives
        }
        // Where two threads own a socket, either of them may be the last, and closes.
        let part = match (name, call.connection) {
            ("close", Some(connection)) => {
                format!("{program}: close of connection {connection}")
            }
            _ => format!("{program}: calls of thread {}", call.thread),
        };
        let connection = call.connection.map_or(String::new(), |it| format!(" {it}"));
        if takes(name) && !data.is_empty() {
            self.add_data(part, format!("{name}{connection}: "), data);
        } else if gives(name) {
            self.add(part, format!("{name}{connection} {} = {result}", call.data));
        } else {
            let makes = ["socket", "accept", "accept4"].contains(&name);
            let made = makes && result.parse::<u32>().is_ok();
            let result = if made { "a descriptor" } else { result };
            // Recordings that were made before these were kept are as good as new ones.
            let is_argument = ["setsockopt", "shutdown"].contains(&name);
            let address = if is_argument { "" } else { &call.address };
            self.add(part, format!("{name}{connection} {address} = {result}"));
        }
    }

    fn add_segment(&mut self, it: &Segment) {
        if self.sent.is_repeated(it) {
            return;
        }
        let part = format!("connection {}: {} to {}", it.connection, it.from, it.to);
        if it.has('S') {
            self.add(part.clone(), it.flags.clone());
        }
        if it.length > 0 && it.has('U') {
            // Datagrams have borders.
            let data = format!("{}|", it.data);
            self.add_data(part.clone(), "datagram ".into(), &data);
        } else if it.length > 0 {
            self.add_data(part.clone(), "data ".into(), &it.data);
        }
        for (flag, name) in [('F', "FIN"), ('R', "RST"), ('I', "unreachable")] {
            if it.has(flag) {
                self.add(part.clone(), name.into());
            }
        }
    }

    /// The calls in which somebody sleeps at the end.
    fn add_sleepers(&mut self) {
        for call in std::mem::take(&mut self.open).into_values() {
            if call.name != "close" {
                let part = format!("{}: calls of thread {}", call.program, call.thread);
                self.add(part, format!("sleeps in {}", call.name));
            }
        }
    }

    fn into_text(self, ended: &HashSet<&str>) -> String {
        let mut text = String::new();
        for (part, mut lines) in self.lines {
            // The end of a program closes what its threads have not closed yet, and may be
            // faster than their last calls. The FIN is compared.
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

/// What each end of a connection has sent: its highest number, and whether a FIN.
#[derive(Default)]
struct Sent(BTreeMap<(u32, String), (u32, bool)>);

impl Sent {
    /// Whether a segment brings nothing new: it is sent again on a machine that is busy, or it
    /// is the reset with which an end that is closed for long answers such a one.
    fn is_repeated(&mut self, it: &Segment) -> bool {
        if it.is_no_tcp() {
            return false;
        }
        if it.has('R') {
            return self.of(it, &it.from).1 && self.of(it, &it.to).1;
        }
        let flags = u32::from(it.has('S')) + u32::from(it.has('F'));
        let next = it.seq.saturating_add(it.length + flags);
        let own = self.of(it, &it.from);
        let repeated = next <= own.0 && it.length + flags > 0;
        own.0 = own.0.max(next);
        own.1 |= it.has('F');
        repeated
    }

    fn of(&mut self, segment: &Segment, program: &str) -> &mut (u32, bool) {
        let end = (segment.connection, program.to_string());
        self.0.entry(end).or_default()
    }
}
