//! The states of both ends of each connection, from the segments alone: RFC 9293, section
//! 3.3.2.

use std::collections::HashMap;

use crate::event::Segment;

/// How the name of a port begins at which no program listens.
pub const NOBODY: &str = "port ";

/// One end of a connection: who, and which connection.
pub type End = (String, u32);

/// The states of the ends while the events pass by.
#[derive(Debug, Default)]
pub struct States {
    ends: HashMap<End, State>,
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
    /// The state of an end, `CLOSED` where there is none.
    pub fn of(&self, program: &str, connection: u32) -> &'static str {
        let end = self.ends.get(&(program.to_string(), connection));
        end.map_or("CLOSED", |state| state.name)
    }

    /// Whether the segment has bytes that its sender has not sent before.
    pub fn is_new(&self, segment: &Segment) -> bool {
        let end = (segment.from.clone(), segment.connection);
        let sent = self.ends.get(&end).map_or(0, |state| state.sent);
        segment.is_no_tcp()
            || segment.seq.saturating_add(segment.length) > sent
            || sent == 0
    }

    /// Whether the segment only asks whether the peer is there: it brings nothing, and its
    /// number was used before (RFC 9293, section 3.8.4).
    pub fn probes(&self, segment: &Segment) -> bool {
        let end = (segment.from.clone(), segment.connection);
        let sent = self.ends.get(&end).map_or(0, |state| state.sent);
        segment.is_pure_ack() && segment.seq < sent
    }

    /// No hole before a segment, and no acknowledgement of what was never sent.
    pub fn continue_with(&self, segment: &Segment) -> Result<(), String> {
        if segment.is_no_tcp() || segment.has('R') {
            return Ok(());
        }
        let state = |program: &str| {
            let end = (program.to_string(), segment.connection);
            self.ends.get(&end).cloned().unwrap_or_default()
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

    /// The ends that have a state, and it.
    pub fn open(&self) -> impl Iterator<Item = (&End, &'static str)> {
        let ends = self.ends.iter().map(|(end, state)| (end, state.name));
        ends.filter(|(_, name)| *name != "CLOSED")
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
            if program.starts_with(NOBODY) {
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
        // Not when the SYN comes: where the queue is full, the kernel drops it.
        "CLOSED" if segment.flags == "S." => "SYN_RECV",
        "ESTABLISHED" | "SYN_RECV" if fin == 1 => "FIN_WAIT1",
        // On its way this FIN has crossed the peer's: it does not acknowledge that one.
        "CLOSE_WAIT" if fin == 1 && segment.ack < state.heard => "CLOSING",
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

#[cfg(test)]
mod tests {
    use super::*;

    fn segment(from: &str, to: &str, flags: &str, seq: u32, ack: u32) -> Segment {
        Segment {
            from: from.to_string(),
            to: to.to_string(),
            connection: 1,
            flags: flags.to_string(),
            seq,
            ack,
            ..Segment::default()
        }
    }

    /// RFC 9293, figure 13: both ends are in TIME-WAIT then.
    #[test]
    fn two_fins_that_cross_are_a_simultaneous_close() {
        let mut states = States::default();
        for (from, to, flags, seq, ack) in [
            ("a", "b", "S", 0, 0),
            ("b", "a", "S.", 0, 1),
            ("a", "b", ".", 1, 1),
            ("b", "a", "F.", 1, 1),
            ("a", "b", "F.", 1, 1),
            ("a", "b", ".", 2, 2),
            ("b", "a", ".", 2, 2),
        ] {
            states.pass(&segment(from, to, flags, seq, ack));
        }
        assert_eq!(
            (states.of("a", 1), states.of("b", 1)),
            ("TIME_WAIT", "TIME_WAIT")
        );
    }
}
