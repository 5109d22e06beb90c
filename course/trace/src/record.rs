//! From what strace, the packet socket and the stage have kept to one order of events.

mod connections;
mod program;

use std::collections::HashMap;

use crate::event::{Event, What};
use crate::headers::read;
use crate::network::Row;
use crate::runs::Cut;
use crate::stage::{Note, Noted, Recording};
use connections::{Connection, connections, name_ends, number, segment, shown_port};
use program::{Program, Replay, Wire};

/// Something that happened then; of what has the same time the lower class is first.
type Timed = (u64, u8, What);

/// All events of a recording, in an order that no cause contradicts: a segment stands
/// between the begin and the end of the call that sends it.
pub fn events(recording: &Recording, cut: &Cut) -> Vec<Event> {
    let raws: Vec<_> = recording.packets.iter().filter_map(read).collect();
    let actors: Vec<_> = recording.actors.iter().map(Program::of).collect();
    let mut connections = connections(&raws, &actors);
    name_ends(&mut connections, &recording.notes);
    let mut segments = Vec::new();
    for raw in &raws {
        if let Some(segment) = segment(raw, &mut connections) {
            segments.push((raw.at, segment));
        }
    }
    let wire = Wire {
        raws: &raws,
        connections: &connections,
        segments: &segments,
    };
    let timed = timed(recording, &actors, &wire);
    let start = recording.notes.first().map_or(0, |note| note.at);
    let events = timed.into_iter().map(|(at, _, what)| Event {
        at: at.saturating_sub(start),
        what,
    });
    let mut events: Vec<_> = events.collect();
    number_calls(&mut events);
    name_ports(&mut events, &connections);
    cut_out(&mut events, cut);
    events
}

/// What the programs did, what travelled, and what was done to the programs, in one order.
fn timed(recording: &Recording, actors: &[Program<'_>], wire: &Wire<'_>) -> Vec<Timed> {
    let mut events = Vec::new();
    let mut next_call = 0;
    for program in actors {
        Replay::new(program, wire).run(&mut next_call, &mut events);
    }
    for (at, segment) in wire.segments {
        events.push((*at, 1, What::Segment(segment.clone())));
    }
    for note in &recording.notes {
        of_note(note, wire.connections, &mut events);
        if let Noted::Starts(text) = &note.what {
            starts_both(note, text, wire, actors, &mut events);
        }
    }
    events.sort_by_key(|(at, class, _)| (*at, *class));
    events
}

/// A program that connects to itself has two lifelines.
fn starts_both(
    note: &Note,
    text: &str,
    wire: &Wire<'_>,
    actors: &[Program<'_>],
    events: &mut Vec<Timed>,
) {
    let actor = actors.iter().find(|actor| actor.name == note.program);
    let own_client = actor.map(|actor| actor.itself);
    let is = |it: &Connection| Some(it.programs[0].as_str()) == own_client;
    if let Some(own) = wire.connections.iter().find(|it| is(it)) {
        let (program, text) = (own.programs[0].clone(), text.to_string());
        events.push((note.at, 0, What::Starts { program, text }));
    }
}

fn of_note(note: &Note, connections: &[Connection], events: &mut Vec<Timed>) {
    let program = note.program.clone();
    let what = match &note.what {
        Noted::Starts(text) => What::Starts {
            program,
            text: text.clone(),
        },
        Noted::Types(text) => What::Types {
            program,
            text: text.clone(),
        },
        Noted::Presses(key) => What::Presses {
            program,
            text: (*key).to_string(),
        },
        Noted::Has(_) => return,
        Noted::Begins => What::Begins,
        Noted::Stops => What::Stops,
        Noted::Kernel(rows) => {
            let spoken_of = of_rows(rows, note.at, connections);
            events.extend(spoken_of.into_iter().map(|what| (note.at, 3, what)));
            return;
        }
    };
    events.push((note.at, 0, what));
}

/// What the kernel's table says of both ends of each connection, at that time.
fn of_rows(rows: &[Row], at: u64, connections: &[Connection]) -> Vec<What> {
    let mut events = Vec::new();
    for (index, it) in connections.iter().enumerate() {
        let ports = (it.client, it.server);
        let newer = connections[index + 1..]
            .iter()
            .any(|newer| (newer.client, newer.server) == ports && newer.began <= at);
        if newer || it.udp {
            continue;
        }
        for (program, local, remote) in [
            (&it.programs[0], it.client, it.server),
            (&it.programs[1], it.server, it.client),
        ] {
            let is = |row: &&Row| (row.local, row.remote) == (local, remote);
            if let Some(row) = rows.iter().find(is) {
                events.push(What::Kernel {
                    program: program.clone(),
                    connection: number(index),
                    state: row.state.to_string(),
                    unread: row.unread,
                });
            }
        }
    }
    events
}

/// The calls get their numbers in the order in which they begin.
fn number_calls(events: &mut [Event]) {
    let mut numbers = HashMap::new();
    for event in events {
        match &mut event.what {
            What::Calls(call) => {
                let next = u32::try_from(numbers.len()).unwrap_or(u32::MAX) + 1;
                numbers.insert(call.call, next);
                call.call = next;
            }
            What::Returns { call, .. } => *call = numbers[call],
            _ => {}
        }
    }
}

/// Some programs send an address, as a name or in words.
fn name_ports(events: &mut [Event], connections: &[Connection]) {
    let numbered = connections.iter().enumerate();
    let names = numbered.map(|(index, it)| {
        let shown = shown_port(index);
        (format!(":{}", it.client), format!(":{shown}"))
    });
    let names: HashMap<_, _> = names
        .filter(|(port, shown)| port.len() == PORT && shown.len() == PORT)
        .collect();
    for event in events {
        let data = match &mut event.what {
            What::Calls(call) => &mut call.data,
            What::Returns { data, .. } => data,
            What::Segment(segment) => &mut segment.data,
            _ => continue,
        };
        *data = with_names(data, &names);
    }
}

/// The length of `:50001`.
const PORT: usize = 6;

/// In one pass: a check may have sent megabytes over many connections.
fn with_names(data: &str, names: &HashMap<String, String>) -> String {
    let mut named = String::with_capacity(data.len());
    let mut rest = data;
    while let Some(at) = rest.find(':') {
        named += &rest[..at];
        rest = &rest[at..];
        let name = rest.get(..PORT).and_then(|port| names.get(port));
        let (told, length) = name.map_or((":", 1), |name| (name.as_str(), PORT));
        named += told;
        rest = &rest[length..];
    }
    named + rest
}

/// Takes away what comes after the recording's end, and marks where the picture begins and
/// ends.
fn cut_out(events: &mut Vec<Event>, cut: &Cut) {
    if let Some(stops) = events.iter().position(|event| event.what == What::Stops) {
        events.truncate(stops + 1);
    }
    let nth_call = |events: &[Event], (program, name, nth): (&str, &str, usize)| {
        let calls = events.iter().enumerate().filter(|(_, event)| {
            matches!(&event.what,
                What::Calls(call) if call.program == program && call.name == name)
        });
        calls.map(|(index, _)| index).nth(nth - 1)
    };
    if let Some(index) = cut[0].and_then(|begins| nth_call(events, begins)) {
        let at = events[index].at;
        let what = What::Begins;
        events.insert(index, Event { at, what });
    }
    if let Some(index) = cut[1].and_then(|stops| nth_call(events, stops)) {
        let at = events[index].at;
        let what = What::Stops;
        events.retain(|event| event.what != What::Stops);
        events.insert(index, Event { at, what });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stage::Recorded;

    #[test]
    fn each_port_gets_its_name_and_no_name_gets_another() {
        let name = |port: &str, shown: &str| (port.to_string(), shown.to_string());
        let names = [name(":41234", ":50001"), name(":50001", ":50002")];
        let data = "ü:41234 and :50001: not :4123";
        let named = with_names(data, &HashMap::from(names));
        assert_eq!(named, "ü:50001 and :50002: not :4123");
    }

    /// The calls of a program of which strace has written this: thread, name, descriptor.
    fn calls_in(strace: &str) -> Vec<(u32, String, Option<i64>)> {
        let recording = Recording {
            actors: vec![Recorded {
                name: "server".to_string(),
                itself: "server itself".to_string(),
                strace: strace.to_string(),
            }],
            packets: Vec::new(),
            notes: Vec::new(),
        };
        let events = events(&recording, &[None, None]).into_iter();
        let call = |event: Event| match event.what {
            What::Calls(it) => Some((it.thread, it.name, it.descriptor)),
            _ => None,
        };
        events.filter_map(call).collect()
    }

    fn call(
        thread: u32,
        name: &str,
        descriptor: Option<i64>,
    ) -> (u32, String, Option<i64>) {
        (thread, name.to_string(), descriptor)
    }

    #[test]
    fn what_a_program_starts_has_descriptors_of_its_own() {
        let calls = calls_in(
            r#"7 100.000010 execve("server", ["server"], 0x7ffd) = 0 <0.000010>
7 100.000030 socket(AF_INET, SOCK_STREAM, IPPROTO_IP) = 3 <0.000010>
8 100.000050 execve("/bin/sh", ["sh"], 0x7ffd) = 0 <0.000010>
8 100.000070 close(3) = 0 <0.000010>
7 100.000090 close(3) = 0 <0.000010>
"#,
        );
        assert_eq!(calls, [call(0, "socket", None), call(0, "close", Some(3))]);
    }

    #[test]
    fn the_descriptor_of_accept_is_another_threads_until_accept_returns() {
        let calls = calls_in(
            r#"7 100.000010 socket(AF_INET, SOCK_STREAM, IPPROTO_IP) = 3 <0.000010>
7 100.000030 accept4(3,  <unfinished ...>
8 101.000000 socket(AF_INET, SOCK_STREAM, IPPROTO_IP) = 4 <0.000010>
8 101.000020 close(4) = 0 <0.000010>
7 102.000000 <... accept4 resumed>NULL, NULL, SOCK_CLOEXEC) = 4 <1.999970>
7 102.000050 close(4) = 0 <0.000010>
"#,
        );
        let closes = calls.iter().filter(|(_, name, _)| name == "close");
        let threads: Vec<_> = closes.map(|(thread, ..)| *thread).collect();
        assert_eq!(threads, [1, 0]);
    }
}
