//! A picture must not lie: what the events say has to agree with itself and the kernel.
//!
//! - The states of both ends of each connection are computed from the segments alone (RFC
//!   9293, section 3.3.2), and compared with what `/proc/net/tcp` said while all slept.
//! - Bytes are given to the kernel before they travel, travel in order and without a hole,
//!   and are handed out after they have come.
//! - `connect` returns after the answer to its SYN, `accept` after the peer's SYN.

use std::collections::{HashMap, HashSet};

use crate::event::{Call, Event, Segment, What, length};

/// How the name of a port begins at which no program listens.
pub const NOBODY: &str = "port ";

/// One end of a connection: who, and which connection.
pub type End = (String, u32);

/// The states of the ends while the events pass by.
#[derive(Debug, Default)]
pub struct States {
    ends: HashMap<End, State>,
    /// Those that refused a SYN: a kernel without a socket.
    refused: HashSet<End>,
}

#[derive(Debug, Clone, Default)]
struct State {
    name: &'static str,
    /// The number of its FIN.
    fin: Option<u32>,
    /// The first number that it has not sent yet, and that it has not heard of yet.
    sent: u32,
    heard: u32,
}

impl States {
    /// Before the first of these events.
    pub fn of_run(events: &[Event]) -> Self {
        let segments = events.iter().filter_map(|event| match &event.what {
            What::Segment(segment) => Some(segment),
            _ => None,
        });
        // Only who never spoke in it resets a connection with the number 0.
        let refused = segments.filter(|it| it.has('R') && it.seq == 0);
        Self {
            refused: refused.map(|it| (it.from.clone(), it.connection)).collect(),
            ..Self::default()
        }
    }

    /// The state of an end, `CLOSED` where there is none.
    pub fn of(&self, program: &str, connection: u32) -> &'static str {
        let end = self.ends.get(&(program.to_string(), connection));
        end.map_or("CLOSED", |state| state.name)
    }

    /// Whether the segment has bytes that its sender has not sent before.
    fn is_new(&self, segment: &Segment) -> bool {
        let end = (segment.from.clone(), segment.connection);
        let sent = self.ends.get(&end).map_or(0, |state| state.sent);
        segment.is_no_tcp()
            || segment.seq.saturating_add(segment.length) > sent
            || sent == 0
    }

    /// Moves both ends on, the sender first; returns those that have changed.
    pub fn pass(&mut self, segment: &Segment) -> Vec<(String, &'static str)> {
        if segment.is_no_tcp() {
            return Vec::new();
        }
        let mut changed = Vec::new();
        for (program, next) in [
            (&segment.from, sends as fn(&mut State, &Segment)),
            (&segment.to, hears),
        ] {
            let end = (program.clone(), segment.connection);
            // Where no program listens, the kernel answers without a socket.
            if program.starts_with(NOBODY) || self.refused.contains(&end) {
                continue;
            }
            let state = self.ends.entry(end).or_insert(State {
                name: "CLOSED",
                ..State::default()
            });
            let before = state.name;
            next(state, segment);
            if state.name != before {
                changed.push((program.clone(), state.name));
            }
        }
        changed
    }
}

fn sends(state: &mut State, segment: &Segment) {
    let fin = u32::from(segment.has('F'));
    let syn = u32::from(segment.has('S'));
    let end = segment.seq.saturating_add(segment.length + syn + fin);
    state.sent = state.sent.max(end);
    state.name = match state.name {
        _ if segment.has('R') => "CLOSED",
        "CLOSED" if segment.flags == "S" => "SYN_SENT",
        "ESTABLISHED" | "SYN_RECV" if fin == 1 => "FIN_WAIT1",
        "CLOSE_WAIT" if fin == 1 => "LAST_ACK",
        same => same,
    };
    if fin == 1 {
        state.fin = Some(end);
    }
}

fn hears(state: &mut State, segment: &Segment) {
    let fin = segment.has('F');
    let acked = segment.has('.') && state.fin.is_some_and(|fin| segment.ack >= fin);
    state.name = match state.name {
        _ if segment.has('R') => "CLOSED",
        "CLOSED" if segment.flags == "S" => "SYN_RECV",
        "SYN_SENT" if segment.flags == "S." => "ESTABLISHED",
        "SYN_RECV" if segment.has('.') && fin => "CLOSE_WAIT",
        "SYN_RECV" if segment.has('.') => "ESTABLISHED",
        "ESTABLISHED" if fin => "CLOSE_WAIT",
        "FIN_WAIT1" if fin && acked => "TIME_WAIT",
        "FIN_WAIT1" if fin => "CLOSING",
        "FIN_WAIT1" if acked => "FIN_WAIT2",
        "FIN_WAIT2" if fin => "TIME_WAIT",
        "CLOSING" if acked => "TIME_WAIT",
        "LAST_ACK" if acked => "CLOSED",
        same => same,
    };
    let syn = u32::from(segment.has('S'));
    let end = segment
        .seq
        .saturating_add(segment.length + syn + u32::from(fin));
    state.heard = state.heard.max(end);
}

/// Whether a call gives bytes to the kernel.
pub fn gives(name: &str) -> bool {
    ["write", "writev", "sendto", "send", "sendmsg"].contains(&name)
}

/// Whether it takes bytes from the kernel.
pub fn takes(name: &str) -> bool {
    ["read", "readv", "recvfrom", "recv", "recvmsg"].contains(&name)
}

/// What an end has done with bytes.
#[derive(Default)]
struct Bytes {
    given: String,
    travelled: String,
    arrived: String,
    taken: String,
}

/// Looks for a contradiction; the first one is the error.
pub fn check(events: &[Event]) -> Result<(), String> {
    let mut states = States::of_run(events);
    let mut open: HashMap<u32, &Call> = HashMap::new();
    let mut ends: HashMap<End, Bytes> = HashMap::new();
    let mut seen: HashSet<(u32, &str, &str)> = HashSet::new();
    let mut last = 0;
    // Whose calls are not recorded: ports, and the checker of an exercise.
    let recorded: HashSet<_> = events
        .iter()
        .filter(|event| matches!(event.what, What::Starts { .. }))
        .filter_map(Event::program)
        .collect();
    for event in events {
        let at = event.at;
        if at < last {
            return Err(format!("{at} µs stands after {last} µs"));
        }
        last = at;
        let wrong = |what: String| Err(format!("at {at} µs: {what}"));
        match &event.what {
            What::Calls(call) => {
                if let Some(other) = open.values().find(|other| {
                    other.program == call.program && other.thread == call.thread
                }) {
                    return wrong(format!(
                        "{} calls {} inside {}",
                        call.program, call.name, other.name
                    ));
                }
                if let Some(connection) = call.connection
                    && gives(&call.name)
                {
                    let end = (call.program.clone(), connection);
                    ends.entry(end).or_default().given += &call.data;
                }
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
                    return wrong(format!("{program} returns from no call"));
                };
                let Some(connection) = begun.connection else {
                    continue;
                };
                let has = |from: &str, flags: &str| {
                    seen.iter().any(|(number, sender, sent)| {
                        *number == connection && *sender == from && *sent == flags
                    })
                };
                let peer_sent = |flags: &str| {
                    seen.iter().any(|(number, sender, sent)| {
                        *number == connection && sender != program && *sent == flags
                    })
                };
                let tcp = seen.iter().any(|(number, ..)| *number == connection);
                match begun.name.as_str() {
                    "connect" if tcp && !has(program, "S") => {
                        return wrong(format!("{program}: connect without a SYN"));
                    }
                    "connect" if tcp && result == "0" && !peer_sent("S.") => {
                        return wrong(format!(
                            "{program} is connected, and no SYN came back"
                        ));
                    }
                    "connect" if result == "ECONNREFUSED" && !peer_sent("R") => {
                        return wrong(format!(
                            "{program} is refused, and no RST came back"
                        ));
                    }
                    "accept" | "accept4" if !peer_sent("S") => {
                        return wrong(format!("{program} accepts whom nobody heard"));
                    }
                    name if takes(name) => {
                        let end = (program.clone(), connection);
                        let bytes = ends.entry(end).or_default();
                        bytes.taken += data;
                        if !bytes.arrived.starts_with(&bytes.taken) {
                            return wrong(format!(
                                "{program} reads {data:?} before it has come"
                            ));
                        }
                        if result == "0" && tcp && !peer_sent("F") {
                            return wrong(format!(
                                "{program} reads the end before it came"
                            ));
                        }
                    }
                    _ => {}
                }
            }
            What::Segment(segment) => {
                continuous(&states, segment).or_else(wrong)?;
                let is_new = states.is_new(segment);
                states.pass(segment);
                for flag in ["S", "S.", "F", "R"] {
                    let is = match flag {
                        "S" | "S." => segment.flags == flag,
                        flag => segment.flags.contains(flag),
                    };
                    if is {
                        seen.insert((segment.connection, segment.from.as_str(), flag));
                    }
                }
                // What is sent again counts once.
                if !is_new {
                    continue;
                }
                let from = (segment.from.clone(), segment.connection);
                let bytes = ends.entry(from).or_default();
                bytes.travelled += &segment.data;
                if segment.length > 0
                    && recorded.contains(segment.from.as_str())
                    && !bytes.given.starts_with(&bytes.travelled)
                {
                    return wrong(format!(
                        "{:?} travels, and {} never sent it",
                        segment.data, segment.from
                    ));
                }
                let to = (segment.to.clone(), segment.connection);
                ends.entry(to).or_default().arrived += &segment.data;
            }
            What::Kernel {
                program,
                connection,
                state,
                unread,
            } => {
                let computed = states.of(program, *connection);
                if computed != state {
                    return wrong(format!(
                        "{program}'s end of connection {connection} is {state} for the \
                         kernel, and {computed} by the segments"
                    ));
                }
                let end = (program.clone(), *connection);
                let bytes = ends.entry(end).or_default();
                let waits = length(&bytes.arrived) - length(&bytes.taken);
                // The kernel counts a FIN, too.
                if state == "ESTABLISHED" && waits as u64 != *unread {
                    return wrong(format!(
                        "{unread} bytes wait for {program}, not {waits}"
                    ));
                }
            }
            _ => {}
        }
    }
    Ok(())
}

/// No hole before a segment, and no acknowledgement of what was never sent.
fn continuous(states: &States, segment: &Segment) -> Result<(), String> {
    if segment.is_no_tcp() || segment.has('R') {
        return Ok(());
    }
    let state = |program: &str| {
        let end = (program.to_string(), segment.connection);
        states.ends.get(&end).cloned().unwrap_or_default()
    };
    let (own, peer) = (state(&segment.from), state(&segment.to));
    if segment.seq > own.sent {
        return Err(format!(
            "{} sends from {} on, and {} would be next",
            segment.from, segment.seq, own.sent
        ));
    }
    if segment.has('.') && segment.ack > peer.sent {
        return Err(format!(
            "{} acknowledges {}, and {} has sent {}",
            segment.from, segment.ack, segment.to, peer.sent
        ));
    }
    Ok(())
}
