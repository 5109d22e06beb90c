//! From what strace, the packet socket and the stage have kept to one order of events.

use std::collections::HashMap;

use crate::calls::{self, Kind, Line};
use crate::check::{NOBODY, gives, takes};
use crate::event::{Call, Event, Segment, What, escape};
use crate::network::{self, ACK, FIN, PSH, RST, Raw, SYN, read};
use crate::runs::Cut;
use crate::stage::{Note, Noted, Recording};

/// A sleep is worth a word from here on: 10 ms.
const A_SLEEP: u64 = 10_000;

/// A connection of TCP, or two ports that exchange datagrams.
struct Connection {
    udp: bool,
    client: u16,
    server: u16,
    began: u64,
    programs: [String; 2],
    /// The first sequence numbers of the client and of the server.
    first: [Option<u32>; 2],
}

/// What a descriptor of a program stands for.
#[derive(Clone, Default)]
struct Socket {
    connection: Option<u32>,
}

/// What went over the wire.
struct Wire<'a> {
    raws: &'a [Raw],
    connections: &'a [Connection],
    segments: &'a [(u64, Segment)],
}

/// All events of a recording, in an order that no cause contradicts: a segment stands
/// between the begin and the end of the call that sends it.
pub fn events(recording: &Recording, cut: &Cut) -> Vec<Event> {
    let raws: Vec<_> = recording.packets.iter().filter_map(read).collect();
    let actors: Vec<_> = recording
        .actors
        .iter()
        .map(|actor| (actor.name.as_str(), calls::parse(&actor.strace)))
        .collect();
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
    let mut events = Vec::new();
    let mut next_call = 0;
    for (name, lines) in &actors {
        of_program(name, lines, &wire, &mut next_call, &mut events);
    }
    for (at, segment) in &segments {
        events.push((*at, 1, What::Segment(segment.clone())));
    }
    for note in &recording.notes {
        of_note(note, &connections, &mut events);
    }
    let start = recording.notes.first().map_or(0, |note| note.at);
    events.sort_by_key(|(at, class, _)| (*at, *class));
    let events = events.into_iter().map(|(at, _, what)| Event {
        at: at.saturating_sub(start),
        what,
    });
    let mut events: Vec<_> = events.collect();
    number_calls(&mut events);
    cut_out(&mut events, cut);
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

/// Who talks to whom: from the SYNs and the programs' own words.
fn connections(raws: &[Raw], actors: &[(&str, Vec<Line>)]) -> Vec<Connection> {
    let listeners = listeners(actors);
    let mut connections: Vec<Connection> = Vec::new();
    for raw in raws {
        let begins = if raw.udp {
            !raw.icmp && find(&connections, raw).is_none()
        } else {
            let again = find(&connections, raw)
                .is_some_and(|known| connections[known].first[0] == Some(raw.seq));
            raw.flags & (SYN | ACK) == SYN && !again
        };
        if !begins {
            continue;
        }
        let (client, server) = (raw.from.1, raw.to.1);
        let of_port = |port: u16| {
            let known = listeners.get(&port).cloned();
            known.unwrap_or_else(|| format!("port {port}"))
        };
        let sends = |name: &str| match raw.udp {
            true => gives(name),
            false => name == "connect",
        };
        let caller = actors.iter().find(|(_, lines)| {
            lines.iter().enumerate().any(|(index, line)| {
                let Kind::Call { name, .. } = &line.what else {
                    return false;
                };
                let later = &lines[index + 1..];
                sends(name) && (line.begin..=latest_end(line, later)).contains(&raw.at)
            })
        });
        connections.push(Connection {
            udp: raw.udp,
            client,
            server,
            began: raw.at,
            programs: [
                caller.map_or_else(|| of_port(client), |(name, _)| (*name).to_string()),
                of_port(server),
            ],
            first: [Some(raw.seq), None],
        });
    }
    connections
}

/// Gives the ports of who was not looked at by strace the names of their programs.
fn name_ends(connections: &mut [Connection], notes: &[Note]) {
    for it in connections {
        for (side, port) in [it.client, it.server].into_iter().enumerate() {
            let has = |note: &&Note| matches!(note.what, Noted::Has(its) if its == port);
            let name = &mut it.programs[side];
            if let Some(note) = notes.iter().find(has)
                && name.starts_with(NOBODY)
            {
                name.clone_from(&note.program);
            }
        }
    }
}

/// Which program has bound which port.
fn listeners(actors: &[(&str, Vec<Line>)]) -> HashMap<u16, String> {
    let mut listeners = HashMap::new();
    for (program, lines) in actors {
        let mut bound = HashMap::new();
        for line in lines {
            let Kind::Call { name, args, result } = &line.what else {
                continue;
            };
            let fd = args.first().cloned().unwrap_or_default();
            let place = args.get(1).and_then(|arg| calls::address(arg));
            match (name.as_str(), place) {
                ("bind", Some((_, port))) if result == "0" => {
                    bound.insert(fd, ());
                    if port != 0 {
                        listeners.insert(port, (*program).to_string());
                    }
                }
                ("getsockname", Some((_, port))) if bound.contains_key(&fd) => {
                    listeners.insert(port, (*program).to_string());
                }
                _ => {}
            }
        }
    }
    listeners
}

/// The last connection with these ports, in any direction.
fn find(connections: &[Connection], raw: &Raw) -> Option<usize> {
    let (from, to) = (raw.from.1, raw.to.1);
    connections.iter().rposition(|it| {
        let ports = (it.client, it.server);
        it.udp == raw.udp
            && it.began <= raw.at
            && (ports == (from, to) || ports == (to, from))
    })
}

fn number(index: usize) -> u32 {
    u32::try_from(index).unwrap_or(u32::MAX).saturating_add(1)
}

fn segment(raw: &Raw, connections: &mut [Connection]) -> Option<Segment> {
    let index = find(connections, raw)?;
    let connection = &mut connections[index];
    let own = usize::from(raw.from.1 != connection.client);
    let peer = 1 - own;
    if raw.flags & SYN != 0 {
        connection.first[own] = Some(raw.seq);
    }
    let mut flags = String::new();
    for (flag, letter) in [(FIN, 'F'), (SYN, 'S'), (RST, 'R'), (PSH, 'P'), (ACK, '.')] {
        if raw.flags & flag != 0 {
            flags.push(letter);
        }
    }
    if raw.udp {
        flags.push(if raw.icmp { 'I' } else { 'U' });
    }
    // A reset of who never spoke has the number 0 already.
    let first = |side: usize| connection.first[side].unwrap_or(0);
    let acks = raw.flags & ACK != 0;
    Some(Segment {
        from: connection.programs[own].clone(),
        to: connection.programs[peer].clone(),
        connection: number(index),
        flags,
        seq: raw.seq.wrapping_sub(first(own)),
        ack: if acks {
            raw.ack.wrapping_sub(first(peer))
        } else {
            0
        },
        length: u32::try_from(raw.data.len()).unwrap_or(u32::MAX),
        data: escape(&raw.data),
    })
}

type Timed = (u64, u8, What);

/// The calls, signals and the end of a program.
fn of_program(
    program: &str,
    lines: &[Line],
    wire: &Wire<'_>,
    next_call: &mut u32,
    events: &mut Vec<Timed>,
) {
    let mut sockets: HashMap<i64, Socket> = HashMap::new();
    let mut threads: Vec<u32> = Vec::new();
    let mut taken: HashMap<u32, u64> = HashMap::new();
    for (index, line) in lines.iter().enumerate() {
        let known = threads.iter().position(|thread| *thread == line.thread);
        let thread = known.unwrap_or_else(|| {
            threads.push(line.thread);
            threads.len() - 1
        });
        let (name, args, result) = match &line.what {
            Kind::Signal(name) => {
                let (program, name) = (program.to_string(), name.clone());
                events.push((line.begin, 0, What::Signal { program, name }));
                continue;
            }
            Kind::Exit(text) => {
                if thread == 0 {
                    let (program, text) = (program.to_string(), text.clone());
                    events.push((line.begin, 2, What::Ends { program, text }));
                }
                continue;
            }
            Kind::Call { name, args, result } => (name.as_str(), args, result),
        };
        let latest = latest_end(line, &lines[index + 1..]);
        let it = CallLine {
            name,
            args,
            result,
            begin: line.begin,
            end: line.end,
            latest,
        };
        let Some(call) = call(&it, wire, &mut sockets) else {
            continue;
        };
        let call = Call {
            program: program.to_string(),
            call: *next_call,
            thread: u32::try_from(thread).unwrap_or(u32::MAX),
            name: name.to_string(),
            ..call
        };
        if let Some(end) = line.end {
            let data = it.taken();
            if let (Some(connection), true) = (call.connection, takes(name)) {
                let count = if wire.is_udp(connection) {
                    1
                } else {
                    data.len() as u64
                };
                *taken.entry(connection).or_default() += count;
            }
            let cause = wire.cause(&call, result, &taken, line.begin);
            let end = cause.map_or(end, |cause| end.max(cause)).min(latest);
            let returns = What::Returns {
                program: program.to_string(),
                call: *next_call,
                result: result.clone(),
                data: escape(&data),
                took: end - line.begin,
            };
            events.push((end, 2, returns));
        }
        events.push((line.begin, 0, What::Calls(call)));
        *next_call += 1;
    }
}

/// When a call has returned at the latest: before its thread does the next thing.
fn latest_end(line: &Line, later: &[Line]) -> u64 {
    let Some(end) = line.end else {
        return u64::MAX;
    };
    let mut next = later.iter().filter(|next| next.thread == line.thread);
    let next = next.find(|next| next.begin > end);
    next.map_or(u64::MAX, |next| next.begin - 1)
}

/// A call as strace has seen it.
struct CallLine<'a> {
    name: &'a str,
    args: &'a [String],
    result: &'a str,
    begin: u64,
    /// By strace's watch, which starts a little late: the true end is this or later.
    end: Option<u64>,
    latest: u64,
}

impl CallLine<'_> {
    fn has_at(&self, at: u64) -> bool {
        (self.begin..=self.latest).contains(&at)
    }

    /// The bytes that the kernel has handed out.
    fn taken(&self) -> Vec<u8> {
        match self.args.get(1) {
            Some(arg) if takes(self.name) => {
                let mut bytes = calls::bytes(arg);
                bytes.truncate(self.result.parse().unwrap_or(0));
                bytes
            }
            _ => Vec::new(),
        }
    }
}

impl Wire<'_> {
    fn is_udp(&self, connection: u32) -> bool {
        let index = connection as usize - 1;
        self.connections.get(index).is_some_and(|it| it.udp)
    }

    /// When the segment came without which the call could not have returned: the end of the
    /// handshake for a connect, or its refusal, the peer's ACK for an accept, the bytes or
    /// the end for a recv.
    fn cause(
        &self,
        call: &Call,
        result: &str,
        taken: &HashMap<u32, u64>,
        begin: u64,
    ) -> Option<u64> {
        let connection = call.connection?;
        // On loopback a datagram is sent before its call returns.
        if gives(&call.name) && self.is_udp(connection) {
            let own = self.segments.iter().filter(|(at, segment)| {
                *at >= begin
                    && segment.connection == connection
                    && segment.from == call.program
                    && segment.data == call.data
            });
            return own.map(|(at, _)| *at).next();
        }
        // A connect that succeeds has sent its ACK before it returns.
        let own = call.name == "connect" && result == "0";
        let heard = self.segments.iter().filter(|(_, segment)| {
            let side = if own { &segment.from } else { &segment.to };
            segment.connection == connection && *side == call.program
        });
        let mut datagrams = 0;
        let mut heard = heard.filter(|(at, segment)| match call.name.as_str() {
            "connect" => *at >= begin && (!own || segment.has('.')),
            "accept" | "accept4" => segment.has('.'),
            name if takes(name) && segment.has('U') => {
                datagrams += 1;
                datagrams >= taken.get(&connection).copied().unwrap_or(0)
            }
            name if takes(name) && result == "0" => segment.has('F'),
            name if takes(name) && result == "ECONNREFUSED" => {
                *at >= begin && segment.has('I')
            }
            name if takes(name) && result == "ECONNRESET" => segment.has('R'),
            name if takes(name) => {
                let count = u64::from(segment.seq) + u64::from(segment.length);
                let needed = taken.get(&connection).copied().unwrap_or(0);
                segment.length > 0 && count > needed
            }
            _ => false,
        });
        heard.next().map(|(at, _)| *at)
    }
}

/// What the call is about; none for a call that is not kept.
fn call(
    it: &CallLine<'_>,
    wire: &Wire<'_>,
    sockets: &mut HashMap<i64, Socket>,
) -> Option<Call> {
    let (name, args, result) = (it.name, it.args, it.result);
    let connections = wire.connections;
    let first = args.first().map_or("", String::as_str);
    let made: Option<i64> = result.parse().ok().filter(|number| *number >= 0);
    let mut call = Call::default();
    match name {
        "socket" => {
            if !first.starts_with("AF_INET") {
                return None; // of the resolver
            }
            if let Some(made) = made {
                sockets.insert(made, Socket::default());
            }
            return Some(call);
        }
        "poll" | "ppoll" | "select" | "pselect6" | "epoll_wait" | "epoll_pwait"
        | "clock_nanosleep" => {
            let took = it.end.map_or(u64::MAX, |end| end - it.begin);
            return (took >= A_SLEEP).then_some(call);
        }
        _ => {}
    }
    let descriptor: i64 = first.parse().ok()?;
    let socket = sockets.get_mut(&descriptor)?;
    call.descriptor = Some(descriptor);
    let address = args.iter().find_map(|arg| calls::address(arg));
    match name {
        "dup" | "dup2" | "dup3" | "fcntl" => {
            let copies = name != "fcntl" || args.get(1)?.starts_with("F_DUPFD");
            let socket = socket.clone();
            sockets.insert(made.filter(|_| copies)?, socket);
            return None;
        }
        "accept" | "accept4" => {
            let port = address.as_ref().map(|(_, port)| *port);
            let latest = it.latest;
            let index = connections
                .iter()
                .rposition(|it| Some(it.client) == port && it.began <= latest);
            if let Some(made) = made {
                let connection = index.map(number);
                call.connection = connection;
                sockets.insert(made, Socket { connection });
            }
        }
        "connect" => {
            let port = address.as_ref().map(|(_, port)| *port);
            let syn = wire.raws.iter().find(|raw| {
                it.has_at(raw.at) && raw.flags & SYN != 0 && Some(raw.to.1) == port
            });
            socket.connection = syn.and_then(|raw| find(connections, raw)).map(number);
        }
        "close" => {
            call.connection = socket.connection;
            sockets.remove(&descriptor);
            return Some(call);
        }
        _ if gives(name) => {
            let mut bytes = calls::bytes(args.get(1)?);
            bytes.truncate(result.parse().unwrap_or(0));
            call.data = escape(&bytes);
            // Of datagrams: the one that left during this call.
            let sent = wire.raws.iter().find(|raw| {
                raw.udp && !raw.icmp && it.has_at(raw.at) && raw.data == bytes
            });
            if let Some(index) = sent.and_then(|raw| find(connections, raw)) {
                socket.connection = Some(number(index));
            }
        }
        _ if takes(name) => {
            let port = address.as_ref().map(|(_, port)| *port);
            let known = connections
                .iter()
                .rposition(|it| it.udp && Some(it.client) == port);
            if let Some(index) = known {
                socket.connection = Some(number(index));
            }
        }
        _ => {}
    }
    if call.connection.is_none() && !name.starts_with("accept") {
        call.connection = sockets.get(&descriptor)?.connection;
    }
    if let Some((host, port)) = address {
        call.address = shown_address(&host, port, connections);
    }
    Some(call)
}

/// Ports that the kernel chose become 50001, 50002 …, as in the transcripts.
fn shown_address(host: &str, port: u16, connections: &[Connection]) -> String {
    let index = connections.iter().position(|it| it.client == port);
    let port = index.map_or(u32::from(port), |index| 50_000 + number(index));
    match host.contains(':') {
        true => format!("[{host}]:{port}"),
        false => format!("{host}:{port}"),
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
            for (index, it) in connections.iter().enumerate() {
                let newer = connections[index + 1..].iter().any(|newer| {
                    (newer.client, newer.server) == (it.client, it.server)
                        && newer.began <= note.at
                });
                if newer || it.udp {
                    continue;
                }
                for (program, local, remote) in [
                    (&it.programs[0], it.client, it.server),
                    (&it.programs[1], it.server, it.client),
                ] {
                    let row =
                        |row: &&network::Row| (row.local, row.remote) == (local, remote);
                    if let Some(row) = rows.iter().find(row) {
                        let kernel = What::Kernel {
                            program: program.clone(),
                            connection: number(index),
                            state: row.state.to_string(),
                            unread: row.unread,
                        };
                        events.push((note.at, 3, kernel));
                    }
                }
            }
            return;
        }
    };
    events.push((note.at, 0, what));
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
