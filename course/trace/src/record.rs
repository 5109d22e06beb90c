//! From what strace, the packet socket and the stage have kept to one order of events.

use std::collections::HashMap;

use crate::calls::{self, Kind, Line};
use crate::check::{End, NOBODY, gives, takes};
use crate::event::{Call, Event, Segment, What, Window, escape};
use crate::network::{self, ACK, FIN, PSH, RST, Raw, SYN, read};
use crate::runs::Cut;
use crate::stage::{Note, Noted, Recorded, Recording};

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
    /// Whose window is closed.
    closed: [bool; 2],
}

/// What a descriptor of a program stands for.
#[derive(Clone, Default)]
struct Socket {
    connection: Option<u32>,
    /// The end with which the program has connected to itself.
    own_client: bool,
}

/// A program, and what strace saw of it.
struct Program<'a> {
    name: &'a str,
    /// The name of its end where it connects to itself.
    itself: &'a str,
    lines: Vec<Line>,
}

impl<'a> Program<'a> {
    fn of(actor: &'a Recorded) -> Self {
        let mut lines = calls::parse(&actor.strace);
        // What a program starts has descriptors of its own: the same numbers mean others.
        let first = lines.first().map(|line| line.thread);
        let starts = |line: &&Line| matches!(&line.what, Kind::Call { name, .. } if name == "execve");
        let processes: Vec<_> = lines
            .iter()
            .filter(starts)
            .map(|line| line.thread)
            .collect();
        lines.retain(|line| {
            Some(line.thread) == first || !processes.contains(&line.thread)
        });
        Self {
            name: &actor.name,
            itself: &actor.itself,
            lines,
        }
    }
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
    let mut events = Vec::new();
    let mut next_call = 0;
    for program in &actors {
        of_program(program, &wire, &mut next_call, &mut events);
    }
    for (at, segment) in &segments {
        events.push((*at, 1, What::Segment(segment.clone())));
    }
    for note in &recording.notes {
        of_note(note, &connections, &mut events);
        if let Noted::Starts(text) = &note.what {
            starts_both(note, text, &wire, &actors, &mut events);
        }
    }
    let start = recording.notes.first().map_or(0, |note| note.at);
    events.sort_by_key(|(at, class, _)| (*at, *class));
    let events = events.into_iter().map(|(at, _, what)| Event {
        at: at.saturating_sub(start),
        what,
    });
    let mut events: Vec<_> = events.collect();
    number_calls(&mut events);
    name_ports(&mut events, &connections);
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
fn connections(raws: &[Raw], actors: &[Program<'_>]) -> Vec<Connection> {
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
        let caller = actors.iter().find(|program| {
            program.lines.iter().enumerate().any(|(index, line)| {
                let Kind::Call { name, .. } = &line.what else {
                    return false;
                };
                let later = &program.lines[index + 1..];
                sends(name) && (line.begin..=latest_end(line, later)).contains(&raw.at)
            })
        });
        let listener = of_port(server);
        let caller = match caller {
            None => of_port(client),
            Some(it) if it.name == listener => it.itself.to_string(),
            Some(it) => it.name.to_string(),
        };
        connections.push(Connection {
            udp: raw.udp,
            client,
            server,
            began: raw.at,
            programs: [caller, listener],
            first: [Some(raw.seq), None],
            closed: [false; 2],
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
fn listeners(actors: &[Program<'_>]) -> HashMap<u16, String> {
    let mut listeners = HashMap::new();
    for actor in actors {
        let program = actor.name;
        let mut bound = HashMap::new();
        for line in &actor.lines {
            let Kind::Call { name, args, result } = &line.what else {
                continue;
            };
            let fd = args.first().cloned().unwrap_or_default();
            let place = args.get(1).and_then(|arg| calls::address(arg));
            match (name.as_str(), place) {
                ("bind", Some((_, port))) if result == "0" => {
                    bound.insert(fd, ());
                    if port != 0 {
                        listeners.insert(port, program.to_string());
                    }
                }
                ("getsockname", Some((_, port))) if bound.contains_key(&fd) => {
                    listeners.insert(port, program.to_string());
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
    let numbers = connection.first;
    let first = |side: usize| numbers[side].unwrap_or(0);
    let acks = raw.flags & ACK != 0;
    // That of a reset means nothing.
    let counts = acks && raw.flags & RST == 0;
    let closed = if counts {
        raw.window == 0
    } else {
        connection.closed[own]
    };
    let window = match (
        std::mem::replace(&mut connection.closed[own], closed),
        closed,
    ) {
        (false, true) => Some(Window::Closes),
        (true, false) => Some(Window::Opens),
        _ => None,
    };
    Some(Segment {
        window,
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

/// The calls, signals and the end of a program.
fn of_program(
    actor: &Program<'_>,
    wire: &Wire<'_>,
    next_call: &mut u32,
    events: &mut Vec<Timed>,
) {
    let (program, lines) = (actor.name, &actor.lines);
    let mut sockets: HashMap<i64, Socket> = HashMap::new();
    // Until accept returns, its descriptor may be another thread's.
    let mut accepted: Vec<(Option<u64>, i64, Socket)> = Vec::new();
    // The first one is the program's own. The others are counted when they first call
    // something that is kept: python3 may be a script that starts others on its way.
    let mut threads: Vec<u32> = lines.iter().take(1).map(|line| line.thread).collect();
    let mut own_threads = Vec::new();
    let mut taken: HashMap<End, u64> = HashMap::new();
    for (index, line) in lines.iter().enumerate() {
        let returned = |it: &mut (Option<u64>, _, _)| it.0 <= Some(line.begin);
        for (_, made, socket) in accepted.extract_if(.., returned) {
            sockets.insert(made, socket);
        }
        let (name, args, result) = match &line.what {
            Kind::Signal(name) if name == "SIGCHLD" => continue, // of a process that it started
            Kind::Signal(name) => {
                let (program, name) = (program.to_string(), name.clone());
                events.push((line.begin, 0, What::Signal { program, name }));
                continue;
            }
            Kind::Exit(text) => {
                if threads.first() == Some(&line.thread) {
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
        let Some(call) = call(&it, wire, actor.itself, &mut sockets) else {
            continue;
        };
        if name.starts_with("accept")
            && let Ok(made) = result.parse()
        {
            let connection = call.connection;
            let own_client = false;
            let socket = Socket {
                connection,
                own_client,
            };
            accepted.push((line.end, made, socket));
        }
        // What it does as its own client stands on another lifeline.
        let (program, thread) = match call.program.as_str() {
            "" => (program.to_string(), place_of(line.thread, &mut threads)),
            own => (own.to_string(), place_of(line.thread, &mut own_threads)),
        };
        let call = Call {
            program: program.clone(),
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
                *taken.entry((program.clone(), connection)).or_default() += count;
            }
            let cause = wire.cause(&call, result, &taken, line.begin);
            let end = cause.map_or(end, |cause| end.max(cause)).min(latest);
            let returns = What::Returns {
                program,
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

/// The place of a thread in a list; the first time it is put there.
fn place_of(thread: u32, threads: &mut Vec<u32>) -> usize {
    let known = threads.iter().position(|known| *known == thread);
    known.unwrap_or_else(|| {
        threads.push(thread);
        threads.len() - 1
    })
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
        taken: &HashMap<End, u64>,
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
        let end = (call.program.clone(), connection);
        let needed = taken.get(&end).copied().unwrap_or(0);
        let mut datagrams = 0;
        let mut heard = heard.filter(|(at, segment)| match call.name.as_str() {
            "connect" => *at >= begin && (!own || segment.has('.')),
            "accept" | "accept4" => segment.has('.'),
            name if takes(name) && segment.has('U') => {
                datagrams += 1;
                datagrams >= needed
            }
            name if takes(name) && result == "0" => segment.has('F'),
            name if takes(name) && result == "ECONNREFUSED" => {
                *at >= begin && segment.has('I')
            }
            name if takes(name) && result == "ECONNRESET" => segment.has('R'),
            name if takes(name) => {
                let count = u64::from(segment.seq) + u64::from(segment.length);
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
    itself: &str,
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
            if ["select", "pselect6"].contains(&name) {
                call.asks = args.get(1).cloned().unwrap_or_default();
            }
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
            call.connection = made.and(index.map(number));
        }
        "connect" => {
            let port = address.as_ref().map(|(_, port)| *port);
            let syn = wire.raws.iter().find(|raw| {
                it.has_at(raw.at) && raw.flags & SYN != 0 && Some(raw.to.1) == port
            });
            let index = syn.and_then(|raw| find(connections, raw));
            socket.connection = index.map(number);
            socket.own_client =
                index.is_some_and(|it| connections[it].programs[0] == itself);
        }
        "shutdown" => {
            let half = match args.get(1)?.as_str() {
                "SHUT_WR" => "Write",
                "SHUT_RD" => "Read",
                _ => "Both",
            };
            call.asks = half.to_string();
        }
        "close" => {
            call.connection = socket.connection;
            if socket.own_client {
                call.program = itself.to_string();
            }
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
        "setsockopt" => {
            let option = args.get(2)?;
            let option = option.strip_suffix("_OLD").unwrap_or(option); // strace's names
            call.address = option.to_string();
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
    let socket = sockets.get(&descriptor)?;
    if call.connection.is_none() && !name.starts_with("accept") {
        call.connection = socket.connection;
    }
    if socket.own_client {
        call.program = itself.to_string();
    }
    if let Some((host, port)) = address {
        call.address = shown_address(&host, port, connections);
    }
    Some(call)
}

/// Ports that the kernel chose become 50001, 50002 …, as in the transcripts; a listener's
/// 60001, 60002 …
fn shown_address(host: &str, port: u16, connections: &[Connection]) -> String {
    // The lowest of them, where nobody has set another: ip(7), ip_local_port_range.
    const FIRST: u16 = 32_768;
    let client = connections.iter().position(|it| it.client == port);
    let server = connections.iter().position(|it| it.server == port);
    let port = match (client, server.filter(|_| port >= FIRST)) {
        (Some(index), _) => 50_000 + number(index),
        (None, Some(index)) => 60_000 + number(index),
        (None, None) => u32::from(port),
    };
    match host.contains(':') {
        true => format!("[{host}]:{port}"),
        false => format!("{host}:{port}"),
    }
}

/// Some programs send an address, as a name or in words.
fn name_ports(events: &mut [Event], connections: &[Connection]) {
    let names: Vec<_> = connections
        .iter()
        .enumerate()
        .map(|(index, it)| {
            let shown = 50_000 + number(index);
            (format!(":{}", it.client), format!(":{shown}"))
        })
        .collect();
    for event in events {
        let data = match &mut event.what {
            What::Calls(call) => &mut call.data,
            What::Returns { data, .. } => data,
            What::Segment(segment) => &mut segment.data,
            _ => continue,
        };
        for (port, shown) in &names {
            if port.len() == shown.len() && data.contains(port) {
                *data = data.replace(port, shown);
            }
        }
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

#[cfg(test)]
mod tests {
    use super::*;

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
