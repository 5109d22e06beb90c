//! A picture must not lie: what the events say has to agree with itself and the kernel.
//!
//! - The states of both ends of each connection are computed from the segments alone (RFC
//!   9293, section 3.3.2), and compared with what `/proc/net/tcp` said while all slept.
//! - Bytes are given to the kernel before they travel, travel in order and without a hole,
//!   and are handed out after they have come.
//! - `connect` returns after the answer to its SYN, `accept` after the peer's SYN; an error
//!   has the segment that caused it.
//! - A call is on a descriptor that is open, and on a connection that its program has made or
//!   accepted; it took the time between its begin and its end.

use std::collections::{HashMap, HashSet};

use crate::event::{Call, Event, Segment, What, gives, length, takes};
use crate::states::{End, States};

type Verdict = Result<(), String>;

/// Looks for a contradiction; the first one is the error.
pub fn check(events: &[Event]) -> Verdict {
    let is_call = |event: &&Event| matches!(event.what, What::Calls(_));
    let calls = events.iter().filter(is_call);
    let mut checker = Checker {
        recorded: calls.filter_map(Event::program).collect(),
        ..Checker::default()
    };
    let mut last = 0;
    for event in events {
        let at = event.at;
        if at < last {
            return Err(format!("{at} µs stands after {last} µs"));
        }
        last = at;
        let looked = checker.look(event);
        looked.map_err(|what| format!("at {at} µs: {what}"))?;
    }
    checker.snapshot()?;
    checker.datagrams()
}

/// What an end has done with bytes.
#[derive(Default)]
struct Bytes {
    given: String,
    travelled: String,
    arrived: String,
    taken: String,
}

/// strace shows so many bytes of a call at least.
const SHOWN: usize = 4096;

/// What is known after the events so far.
#[derive(Default)]
struct Checker<'a> {
    states: States,
    /// Whose calls are recorded: not those of ports, of the checker of an exercise, and of
    /// programs without strace.
    recorded: HashSet<&'a str>,
    open: HashMap<u32, (u64, &'a Call)>,
    bytes: HashMap<End, Bytes>,
    /// SYN, SYN with ACK, FIN, RST, a datagram, an unreachable port: of a connection, by a
    /// program.
    seen: HashSet<(u32, &'a str, &'static str)>,
    /// Which ends a program has connected or accepted.
    known: HashSet<End>,
    /// Descriptors that were closed, and since then the program has made none.
    closed: HashMap<&'a str, HashSet<i64>>,
    /// Which connection a descriptor stands for, where a call has said it.
    descriptors: HashMap<(&'a str, i64), u32>,
    /// Who has shut its own receiving half down: recv returns 0 there, too.
    deaf: HashSet<End>,
    ended: HashSet<&'a str>,
    /// The ends that the kernel speaks of at one time.
    snapshot: (u64, HashSet<End>),
}

impl<'a> Checker<'a> {
    fn look(&mut self, event: &'a Event) -> Verdict {
        if !matches!(event.what, What::Kernel { .. }) {
            self.snapshot()?;
        }
        match &event.what {
            What::Starts { program, .. } => {
                self.ended.remove(program.as_str());
                Ok(())
            }
            What::Ends { program, .. } => {
                self.ended.insert(program);
                Ok(())
            }
            What::Calls(call) => {
                self.call(call)?;
                self.open.insert(call.call, (event.at, call));
                Ok(())
            }
            What::Returns {
                program,
                call,
                result,
                data,
                took,
            } => {
                let begun = self.begun(event.at, program, *call, *took)?;
                self.returned(begun, result, data)
            }
            What::Segment(segment) => self.segment(segment),
            What::Kernel {
                program,
                connection,
                state,
                unread,
            } => {
                let end = (program.clone(), *connection);
                self.kernel(end, state, *unread)?;
                self.spoken_of(event.at, (program.clone(), *connection))
            }
            _ => Ok(()),
        }
    }

    /// The begin of a call: its thread does nothing else, its descriptor is open, and stands for
    /// the connection that it names.
    fn call(&mut self, call: &'a Call) -> Verdict {
        let program = call.program.as_str();
        let name = &call.name;
        let mut open = self.open.values().map(|(_, other)| other);
        let same =
            |other: &&&Call| other.program == program && other.thread == call.thread;
        if let Some(other) = open.find(same) {
            return Err(format!("{program} calls {name} inside {}", other.name));
        }
        if self.ended.contains(program) {
            return Err(format!("{program} calls {name} after its end"));
        }
        self.is_open(call)?;
        let Some(connection) = call.connection else {
            return Ok(());
        };
        let end = (program.to_string(), connection);
        if name == "connect" {
            self.known.insert(end.clone());
        }
        let acts = gives(name) || takes(name) || name == "close" || name == "shutdown";
        if acts && self.is_tcp(connection) && !self.known.contains(&end) {
            return Err(format!(
                "{program} calls {name} on a connection that it has neither made nor accepted"
            ));
        }
        if name == "shutdown" && call.asks != "Write" {
            self.deaf.insert(end.clone());
        }
        if gives(name) {
            self.bytes.entry(end).or_default().given += &call.data;
        }
        Ok(())
    }

    /// Whether the descriptor of a call is open, and stands for the connection that it names.
    fn is_open(&self, call: &Call) -> Verdict {
        let (program, name) = (call.program.as_str(), &call.name);
        let Some(descriptor) = call.descriptor else {
            return Ok(());
        };
        let closed = self.closed.get(program);
        if closed.is_some_and(|closed| closed.contains(&descriptor)) {
            let what = format!("{program} calls {name} on {descriptor}");
            return Err(format!("{what}, which is closed"));
        }
        let stands = self.descriptors.get(&(program, descriptor)).copied();
        let other = stands
            .zip(call.connection)
            .is_some_and(|(is, says)| is != says);
        if other && !name.starts_with("accept") && !self.is_udp(call.connection) {
            return Err(format!(
                "{program}: {descriptor} stands for another connection in {name}"
            ));
        }
        Ok(())
    }

    fn has(&self, connection: u32, from: &str, flag: &str) -> bool {
        let is = |(number, sender, sent): &(u32, &str, &str)| {
            *number == connection && *sender == from && *sent == flag
        };
        self.seen.iter().any(is)
    }

    fn peer_sent(&self, connection: u32, program: &str, flag: &str) -> bool {
        let is = |(number, sender, sent): &(u32, &str, &str)| {
            *number == connection && *sender != program && *sent == flag
        };
        self.seen.iter().any(is)
    }

    fn is_tcp(&self, connection: u32) -> bool {
        let is = |(number, _, sent): &(u32, &str, &str)| {
            *number == connection && ["S", "S.", "F", "R"].contains(sent)
        };
        self.seen.iter().any(is)
    }

    fn is_udp(&self, connection: Option<u32>) -> bool {
        connection.is_some_and(|connection| !self.is_tcp(connection))
    }

    /// The call that returns now: this program has begun it, and it took the time between the
    /// two.
    fn begun(
        &mut self,
        now: u64,
        program: &str,
        call: u32,
        took: u64,
    ) -> Result<&'a Call, String> {
        let begun = self.open.remove(&call);
        let Some((at, begun)) = begun.filter(|(_, it)| it.program == program) else {
            return Err(format!("{program} returns from no call"));
        };
        if now - at != took {
            let (name, really) = (&begun.name, now - at);
            return Err(format!("{name} took {really} µs, not {took}"));
        }
        Ok(begun)
    }

    /// The end of a call: its result counts its bytes, and has a cause.
    fn returned(&mut self, begun: &'a Call, result: &str, data: &str) -> Verdict {
        self.descriptor(begun, result);
        counts_its_bytes(begun, result, data)?;
        let Some(connection) = begun.connection else {
            return Ok(());
        };
        self.has_its_segment(begun, connection, result)?;
        if takes(&begun.name) {
            self.has_come(begun, connection, result, data)?;
        }
        Ok(())
    }

    /// The segment has come without which the call would have had another result.
    fn has_its_segment(&self, begun: &Call, connection: u32, result: &str) -> Verdict {
        let (program, name) = (begun.program.as_str(), begun.name.as_str());
        let tcp = self.is_tcp(connection);
        let peer_sent = |flag: &str| self.peer_sent(connection, program, flag);
        let lacks = match (name, result) {
            ("connect", _) if tcp && !self.has(connection, program, "S") => "a SYN",
            ("connect", "0") if tcp && !peer_sent("S.") => "a SYN that came back",
            ("connect", "ECONNREFUSED") if !peer_sent("R") => "an RST that came back",
            ("accept" | "accept4", _) if !peer_sent("S") => "a SYN that came",
            (_, "ECONNREFUSED") if !tcp && !peer_sent("I") => "an answer of ICMP",
            (_, "ECONNRESET") if !peer_sent("R") => "an RST that came",
            _ => return Ok(()),
        };
        Err(format!("{program}: {name} = {result} without {lacks}"))
    }

    /// What a call takes has come before, and so has the end.
    fn has_come(
        &mut self,
        begun: &Call,
        connection: u32,
        result: &str,
        data: &str,
    ) -> Verdict {
        let program = begun.program.as_str();
        let end = (program.to_string(), connection);
        let deaf = self.deaf.contains(&end);
        let bytes = self.bytes.entry(end).or_default();
        bytes.taken += data;
        if !bytes.arrived.starts_with(&bytes.taken) {
            return Err(format!("{program} reads {data:?} before it has come"));
        }
        let is_end = result == "0" && self.is_tcp(connection) && !deaf;
        if is_end && !self.peer_sent(connection, program, "F") {
            return Err(format!("{program} reads the end before it came"));
        }
        Ok(())
    }

    /// What a call has done to the descriptors of its program. Copies are not recorded: a
    /// number may be one again as soon as another descriptor was made.
    fn descriptor(&mut self, begun: &'a Call, result: &str) {
        let program = begun.program.as_str();
        let made = ["socket", "accept", "accept4"].contains(&begun.name.as_str());
        if let (true, Ok(made)) = (made, result.parse()) {
            self.closed.remove(program);
            if let Some(connection) = begun.connection {
                self.descriptors.insert((program, made), connection);
                self.known.insert((program.to_string(), connection));
            }
        } else if let Some(descriptor) = begun.descriptor {
            if begun.name == "close" && result == "0" {
                self.closed.entry(program).or_default().insert(descriptor);
                self.descriptors.remove(&(program, descriptor));
            } else if let (Some(connection), "connect") = (begun.connection, &*begun.name)
            {
                self.descriptors.insert((program, descriptor), connection);
            }
        }
    }

    fn segment(&mut self, segment: &'a Segment) -> Verdict {
        let (from, connection) = (segment.from.as_str(), segment.connection);
        if length(&segment.data) != segment.length as usize {
            return Err(format!(
                "{from} sends {} bytes, and these are others",
                segment.length
            ));
        }
        self.states.continue_with(segment)?;
        let is_new = self.states.is_new(segment);
        self.states.pass(segment);
        for flag in ["S", "S.", "F", "R", "I"] {
            let is = match flag {
                "S" | "S." => segment.flags == flag,
                flag => segment.flags.contains(flag),
            };
            if is {
                self.seen.insert((connection, from, flag));
            }
        }
        // What is sent again counts once.
        if !is_new {
            return Ok(());
        }
        let bytes = self
            .bytes
            .entry((segment.from.clone(), connection))
            .or_default();
        bytes.travelled += &segment.data;
        if segment.length > 0
            && self.recorded.contains(from)
            && !bytes.given.starts_with(&bytes.travelled)
        {
            return Err(format!(
                "{:?} travels, and {from} never sent it",
                segment.data
            ));
        }
        let to = (segment.to.clone(), connection);
        self.bytes.entry(to).or_default().arrived += &segment.data;
        Ok(())
    }

    /// The kernel's word of an end. It counts a FIN that was not read as a byte.
    fn kernel(&mut self, end: End, state: &str, unread: u64) -> Verdict {
        let (program, connection) = &end;
        let computed = self.states.of(program, *connection);
        if computed != state {
            return Err(format!(
                "{program}'s end of connection {connection} is {state} for the kernel, and \
                 {computed} by the segments"
            ));
        }
        let bytes = self.bytes.entry(end.clone()).or_default();
        let waits = (length(&bytes.arrived) - length(&bytes.taken)) as u64;
        let fin = u64::from(state == "CLOSE_WAIT");
        if ["ESTABLISHED", "CLOSE_WAIT"].contains(&state)
            && self.recorded.contains(program.as_str())
            && !(waits..=waits + fin).contains(&unread)
        {
            return Err(format!("{unread} bytes wait for {program}, not {waits}"));
        }
        Ok(())
    }

    /// The kernel speaks of all ends at one time.
    fn spoken_of(&mut self, at: u64, end: End) -> Verdict {
        if self.snapshot.0 != at {
            self.snapshot()?;
            self.snapshot.0 = at;
        }
        self.snapshot.1.insert(end);
        Ok(())
    }

    /// The kernel has spoken: of each end that has a state.
    fn snapshot(&mut self) -> Verdict {
        let (at, spoken_of) = std::mem::take(&mut self.snapshot);
        if spoken_of.is_empty() {
            return Ok(());
        }
        let silent = self
            .states
            .open()
            .find(|(end, _)| !spoken_of.contains(*end));
        match silent {
            Some(((program, connection), state)) => Err(format!(
                "at {at} µs: the kernel does not know {program}'s end of connection \
                 {connection}, which is {state}"
            )),
            None => Ok(()),
        }
    }

    /// On loopback a datagram is on its way when its call has returned.
    fn datagrams(&self) -> Verdict {
        let open =
            |program: &str| self.open.values().any(|(_, it)| it.program == program);
        let lost = self.bytes.iter().find(|((program, connection), bytes)| {
            self.recorded.contains(program.as_str())
                && !self.is_tcp(*connection)
                && !open(program)
                && length(&bytes.given) > length(&bytes.travelled)
        });
        match lost {
            Some(((program, _), bytes)) => Err(format!(
                "{program} has sent {:?}, and {:?} has travelled",
                bytes.given, bytes.travelled
            )),
            None => Ok(()),
        }
    }
}

/// The result of a call is the number of the bytes that it has given or taken.
fn counts_its_bytes(call: &Call, result: &str, taken: &str) -> Verdict {
    let (program, name) = (&call.program, &call.name);
    let data = if gives(name) { &call.data } else { taken };
    if let Ok(count) = result.parse::<usize>()
        && (gives(name) || takes(name))
        && call.connection.is_some()
        && length(data) != count
        && !(count > SHOWN && length(data) >= SHOWN)
    {
        return Err(format!(
            "{program}: {name} = {count}, and those are {} bytes",
            length(data)
        ));
    }
    Ok(())
}
