//! The calls of a program, as strace has written them, with what its descriptors stood for.

use std::collections::HashMap;

use super::Timed;
use super::connections::{Connection, find, number, shown_address};
use crate::calls::{self, Kind, Line};
use crate::event::{Call, Segment, What, escape, gives, takes};
use crate::headers::{Raw, SYN};
use crate::stage::Recorded;
use crate::states::End;

/// A sleep is worth a word from here on: 10 ms.
const A_SLEEP: u64 = 10_000;

/// A program, and what strace saw of it.
pub struct Program<'a> {
    pub name: &'a str,
    /// The name of its end where it connects to itself.
    pub itself: &'a str,
    pub lines: Vec<Line>,
}

impl<'a> Program<'a> {
    pub fn of(actor: &'a Recorded) -> Self {
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
pub struct Wire<'a> {
    pub raws: &'a [Raw],
    pub connections: &'a [Connection],
    pub segments: &'a [(u64, Segment)],
}

/// A program's run, from its first call on: what its descriptors stand for by then.
pub struct Replay<'a> {
    program: &'a Program<'a>,
    wire: &'a Wire<'a>,
    sockets: HashMap<i64, Socket>,
    /// Until accept returns, its descriptor may be another thread's.
    accepted: Vec<(Option<u64>, i64, Socket)>,
    /// The first one is the program's own. The others are counted when they first call
    /// something that is kept: python3 may be a script that starts others on its way.
    threads: Vec<u32>,
    /// Those of its end that has connected to the program itself.
    own_threads: Vec<u32>,
    /// How many bytes an end has taken from a connection, or how many datagrams.
    taken: HashMap<End, u64>,
}

/// What a descriptor of a program stands for.
#[derive(Clone, Default)]
struct Socket {
    connection: Option<u32>,
    /// The end with which the program has connected to itself.
    own_client: bool,
}

impl<'a> Replay<'a> {
    pub fn new(program: &'a Program<'a>, wire: &'a Wire<'a>) -> Self {
        let first = program.lines.iter().take(1);
        Self {
            program,
            wire,
            sockets: HashMap::new(),
            accepted: Vec::new(),
            threads: first.map(|line| line.thread).collect(),
            own_threads: Vec::new(),
            taken: HashMap::new(),
        }
    }

    /// Adds the calls, signals and the end of the program.
    pub fn run(mut self, next_call: &mut u32, events: &mut Vec<Timed>) {
        let lines = &self.program.lines;
        for (index, line) in lines.iter().enumerate() {
            let returned = |it: &mut (Option<u64>, _, _)| it.0 <= Some(line.begin);
            for (_, made, socket) in self.accepted.extract_if(.., returned) {
                self.sockets.insert(made, socket);
            }
            let program = self.program.name.to_string();
            match &line.what {
                Kind::Signal(name) if name == "SIGCHLD" => {} // of a process that it started
                Kind::Signal(name) => {
                    let name = name.clone();
                    events.push((line.begin, 0, What::Signal { program, name }));
                }
                Kind::Exit(text) => {
                    if self.threads.first() == Some(&line.thread) {
                        let text = text.clone();
                        events.push((line.begin, 2, What::Ends { program, text }));
                    }
                }
                Kind::Call { name, args, result } => {
                    let it = CallLine {
                        thread: line.thread,
                        name,
                        args,
                        result,
                        begin: line.begin,
                        end: line.end,
                        latest: line.latest_end(&lines[index + 1..]),
                    };
                    self.call(&it, next_call, events);
                }
            }
        }
    }

    /// The begin of a call, and its return.
    fn call(&mut self, it: &CallLine<'_>, next_call: &mut u32, events: &mut Vec<Timed>) {
        let Some(call) = self.about(it) else {
            return;
        };
        if it.name.starts_with("accept")
            && let Ok(made) = it.result.parse()
        {
            let socket = Socket {
                connection: call.connection,
                own_client: false,
            };
            self.accepted.push((it.end, made, socket));
        }
        // What it does as its own client stands on another lifeline.
        let (program, thread) = match call.program.as_str() {
            "" => (self.program.name, place_of(it.thread, &mut self.threads)),
            own => (own, place_of(it.thread, &mut self.own_threads)),
        };
        let call = Call {
            program: program.to_string(),
            call: *next_call,
            thread: u32::try_from(thread).unwrap_or(u32::MAX),
            name: it.name.to_string(),
            ..call
        };
        if let Some(end) = it.end {
            let (at, what) = self.returns(&call, it, end);
            events.push((at, 2, what));
        }
        events.push((it.begin, 0, What::Calls(call)));
        *next_call += 1;
    }

    /// The return of a call, not before the segment came that it has waited for.
    fn returns(&mut self, call: &Call, it: &CallLine<'_>, end: u64) -> (u64, What) {
        let data = it.taken();
        let mut taken = 0;
        if let Some(connection) = call.connection {
            let own = (call.program.clone(), connection);
            let before = self.taken.entry(own).or_default();
            if takes(it.name) {
                let is_udp = self.wire.is_udp(connection);
                *before += if is_udp { 1 } else { data.len() as u64 };
            }
            taken = *before;
        }
        let cause = self.wire.cause(call, it, taken);
        let end = cause.map_or(end, |cause| end.max(cause)).min(it.latest);
        let what = What::Returns {
            program: call.program.clone(),
            call: call.call,
            result: it.result.to_string(),
            data: escape(&data),
            took: end - it.begin,
        };
        (end, what)
    }

    /// What the call is about; none for a call that is not kept.
    fn about(&mut self, it: &CallLine<'_>) -> Option<Call> {
        match it.name {
            "socket" => {
                let is_internet = it.first().starts_with("AF_INET"); // the resolver has others
                if let Some(made) = it.made().filter(|_| is_internet) {
                    self.sockets.insert(made, Socket::default());
                }
                is_internet.then(Call::default)
            }
            "poll" | "ppoll" | "select" | "pselect6" | "epoll_wait" | "epoll_pwait"
            | "clock_nanosleep" => {
                let took = it.end.map_or(u64::MAX, |end| end - it.begin);
                let mut call = Call::default();
                if ["select", "pselect6"].contains(&it.name) {
                    call.asks = it.args.get(1).cloned().unwrap_or_default();
                }
                (took >= A_SLEEP).then_some(call)
            }
            _ => self.about_a_socket(it),
        }
    }

    /// What a call is about whose first argument is a socket.
    fn about_a_socket(&mut self, it: &CallLine<'_>) -> Option<Call> {
        let descriptor: i64 = it.first().parse().ok()?;
        let socket = self.sockets.get(&descriptor)?.clone();
        let address = it.args.iter().find_map(|arg| calls::address(arg));
        let port = address.as_ref().map(|(_, port)| *port);
        let mut call = Call {
            descriptor: Some(descriptor),
            ..Call::default()
        };
        match it.name {
            "dup" | "dup2" | "dup3" | "fcntl" => {
                let copies = it.name != "fcntl" || it.args.get(1)?.starts_with("F_DUPFD");
                self.sockets.insert(it.made().filter(|_| copies)?, socket);
                return None;
            }
            "shutdown" => call.asks = half(it.args.get(1)?).to_string(),
            "setsockopt" => call.address = option(it.args.get(2)?).to_string(),
            name if gives(name) => call.data = escape(&it.bytes()?),
            _ => {}
        }
        let socket = self.wire.after(it, port, self.program.itself, socket);
        call.connection = match it.name.starts_with("accept") {
            true => self.wire.accepted(it, port),
            false => socket.connection,
        };
        if socket.own_client {
            call.program = self.program.itself.to_string();
        }
        if let Some((host, port)) = address {
            call.address = shown_address(&host, port, self.wire.connections);
        }
        match it.name {
            "close" => self.sockets.remove(&descriptor),
            _ => self.sockets.insert(descriptor, socket),
        };
        Some(call)
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

/// Which half of a connection shutdown ends.
fn half(how: &str) -> &'static str {
    match how {
        "SHUT_WR" => "Write",
        "SHUT_RD" => "Read",
        _ => "Both",
    }
}

/// An option's name, without the ending that strace gives some of them.
fn option(name: &str) -> &str {
    name.strip_suffix("_OLD").unwrap_or(name)
}

/// A call as strace has seen it.
struct CallLine<'a> {
    thread: u32,
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

    fn first(&self) -> &str {
        self.args.first().map_or("", String::as_str)
    }

    /// The descriptor that the call has made.
    fn made(&self) -> Option<i64> {
        self.result.parse().ok().filter(|number| *number >= 0)
    }

    /// The bytes that the kernel has handed out.
    fn taken(&self) -> Vec<u8> {
        let taken = takes(self.name).then(|| self.bytes());
        taken.flatten().unwrap_or_default()
    }

    /// The bytes that went to the kernel, or came from it: the result says how many.
    fn bytes(&self) -> Option<Vec<u8>> {
        let mut bytes = calls::bytes(self.args.get(1)?);
        bytes.truncate(self.result.parse().unwrap_or(0));
        Some(bytes)
    }
}

impl Wire<'_> {
    fn is_udp(&self, connection: u32) -> bool {
        let index = connection as usize - 1;
        self.connections.get(index).is_some_and(|it| it.udp)
    }

    /// The connection that an accept has made, with this port of the client's.
    fn accepted(&self, it: &CallLine<'_>, port: Option<u16>) -> Option<u32> {
        let (connections, latest) = (self.connections, it.latest);
        let index = connections
            .iter()
            .rposition(|it| Some(it.client) == port && it.began <= latest);
        it.made().and(index.map(number))
    }

    /// What a socket stands for after a call: connect gives it a connection, and so does a
    /// datagram that leaves, or comes.
    fn after(
        &self,
        it: &CallLine<'_>,
        port: Option<u16>,
        itself: &str,
        before: Socket,
    ) -> Socket {
        let connection = match it.name {
            "connect" => return self.connected(it, port, itself),
            name if gives(name) => self.datagram(it),
            name if takes(name) => self.datagrams_of(port),
            _ => None,
        };
        Socket {
            connection: connection.or(before.connection),
            ..before
        }
    }

    /// What a socket stands for after a connect to this port: its SYN left meanwhile.
    fn connected(&self, it: &CallLine<'_>, port: Option<u16>, itself: &str) -> Socket {
        let syn = self.raws.iter().find(|raw| {
            it.has_at(raw.at) && raw.flags & SYN != 0 && Some(raw.to.1) == port
        });
        let index = syn.and_then(|raw| find(self.connections, raw));
        Socket {
            connection: index.map(number),
            own_client: index
                .is_some_and(|it| self.connections[it].programs[0] == itself),
        }
    }

    /// Where the datagram belongs that left during this call, if it was one.
    fn datagram(&self, it: &CallLine<'_>) -> Option<u32> {
        let bytes = it.bytes()?;
        let sent = self
            .raws
            .iter()
            .find(|raw| raw.udp && !raw.icmp && it.has_at(raw.at) && raw.data == bytes);
        let index = sent.and_then(|raw| find(self.connections, raw));
        index.map(number)
    }

    /// The datagrams of a client with this port.
    fn datagrams_of(&self, port: Option<u16>) -> Option<u32> {
        let mut connections = self.connections.iter();
        let known = connections.rposition(|it| it.udp && Some(it.client) == port);
        known.map(number)
    }

    /// When the segment came without which the call could not have returned: the end of the
    /// handshake for a connect, or its refusal, the peer's ACK for an accept, the bytes or
    /// the end for a recv. `taken` is how much its end has taken with it.
    fn cause(&self, call: &Call, it: &CallLine<'_>, taken: u64) -> Option<u64> {
        let connection = call.connection?;
        if gives(&call.name) && self.is_udp(connection) {
            return self.left(call, connection, it.begin);
        }
        // A connect that succeeds has sent its ACK before it returns.
        let own = it.name == "connect" && it.result == "0";
        let heard = self.segments.iter().filter(|(_, segment)| {
            let side = if own { &segment.from } else { &segment.to };
            segment.connection == connection && *side == call.program
        });
        let mut datagrams = 0;
        let mut causes = heard.filter(|(at, segment)| match it.name {
            "connect" => *at >= it.begin && (!own || segment.has('.')),
            "accept" | "accept4" => segment.has('.'),
            name if takes(name) && segment.has('U') => {
                datagrams += 1;
                datagrams >= taken
            }
            name if takes(name) => match it.result {
                "0" => segment.has('F'),
                "ECONNREFUSED" => *at >= it.begin && segment.has('I'),
                "ECONNRESET" => segment.has('R'),
                _ => {
                    let count = u64::from(segment.seq) + u64::from(segment.length);
                    segment.length > 0 && count > taken
                }
            },
            _ => false,
        });
        causes.next().map(|(at, _)| *at)
    }

    /// When the datagram of a call left: on loopback before the call returns.
    fn left(&self, call: &Call, connection: u32, begin: u64) -> Option<u64> {
        let mut own = self.segments.iter().filter(|(at, segment)| {
            *at >= begin
                && segment.connection == connection
                && segment.from == call.program
                && segment.data == call.data
        });
        own.next().map(|(at, _)| *at)
    }
}
