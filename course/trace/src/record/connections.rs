//! Who talks to whom: the connections of a recording, and their segments.

use std::collections::{HashMap, HashSet};

use super::program::Program;
use crate::calls::{self, Kind};
use crate::event::{Segment, Window, escape, gives};
use crate::headers::{ACK, FIN, PSH, RST, Raw, SYN};
use crate::stage::{Note, Noted};
use crate::states::NOBODY;

/// A connection of TCP, or two ports that exchange datagrams.
pub struct Connection {
    pub udp: bool,
    pub client: u16,
    pub server: u16,
    pub began: u64,
    pub programs: [String; 2],
    /// The first sequence numbers of the client and of the server.
    first: [Option<u32>; 2],
    /// Whose window is closed.
    closed: [bool; 2],
}

/// The connections, from the SYNs and the programs' own words.
pub fn connections(raws: &[Raw], actors: &[Program<'_>]) -> Vec<Connection> {
    let listeners = listeners(actors);
    let of_port = |port: u16| {
        let known = listeners.get(&port).cloned();
        known.unwrap_or_else(|| format!("{NOBODY}{port}"))
    };
    let mut connections: Vec<Connection> = Vec::new();
    for raw in raws {
        if !begins_one(raw, &connections) {
            continue;
        }
        let (client, server) = (raw.from.1, raw.to.1);
        let listener = of_port(server);
        let caller = match actors.iter().find(|actor| sends(actor, raw)) {
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

/// Whether a connection begins with this packet: with a SYN that is not sent again, or with
/// the first datagram between two ports.
fn begins_one(raw: &Raw, connections: &[Connection]) -> bool {
    let known = find(connections, raw);
    if raw.udp {
        return !raw.icmp && known.is_none();
    }
    let again = known.is_some_and(|known| connections[known].first[0] == Some(raw.seq));
    raw.flags & (SYN | ACK) == SYN && !again
}

/// Whether the packet left while the program was in a call that sends such a one.
fn sends(actor: &Program<'_>, raw: &Raw) -> bool {
    let sends = |name: &str| match raw.udp {
        true => gives(name),
        false => name == "connect",
    };
    actor.lines.iter().enumerate().any(|(index, line)| {
        let latest = || line.latest_end(&actor.lines[index + 1..]);
        matches!(&line.what, Kind::Call { name, .. } if sends(name))
            && (line.begin..=latest()).contains(&raw.at)
    })
}

/// Which program has bound which port.
fn listeners(actors: &[Program<'_>]) -> HashMap<u16, String> {
    let mut listeners = HashMap::new();
    for actor in actors {
        let program = actor.name;
        let mut bound = HashSet::new();
        for line in &actor.lines {
            let Kind::Call { name, args, result } = &line.what else {
                continue;
            };
            let fd = args.first().cloned().unwrap_or_default();
            let place = args.get(1).and_then(|arg| calls::address(arg));
            match (name.as_str(), place) {
                ("bind", Some((_, port))) if result == "0" => {
                    bound.insert(fd);
                    if port != 0 {
                        listeners.insert(port, program.to_string());
                    }
                }
                ("getsockname", Some((_, port))) if bound.contains(&fd) => {
                    listeners.insert(port, program.to_string());
                }
                _ => {}
            }
        }
    }
    listeners
}

/// Gives the ports of who was not looked at by strace the names of their programs.
pub fn name_ends(connections: &mut [Connection], notes: &[Note]) {
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

/// The last connection with these ports, in any direction.
pub fn find(connections: &[Connection], raw: &Raw) -> Option<usize> {
    let (from, to) = (raw.from.1, raw.to.1);
    connections.iter().rposition(|it| {
        let ports = (it.client, it.server);
        it.udp == raw.udp
            && it.began <= raw.at
            && (ports == (from, to) || ports == (to, from))
    })
}

/// The number of a connection, from 1.
pub fn number(index: usize) -> u32 {
    u32::try_from(index).unwrap_or(u32::MAX).saturating_add(1)
}

/// A packet as a segment of its connection: with the names of both ends, and with numbers that
/// are counted from the SYNs.
pub fn segment(raw: &Raw, connections: &mut [Connection]) -> Option<Segment> {
    let index = find(connections, raw)?;
    let connection = &mut connections[index];
    let own = usize::from(raw.from.1 != connection.client);
    let peer = 1 - own;
    if raw.flags & SYN != 0 {
        connection.first[own] = Some(raw.seq);
    }
    let window = connection.window(own, raw);
    // A reset of who never spoke has the number 0 already.
    let first = |side: usize| connection.first[side].unwrap_or(0);
    let acks = raw.flags & ACK != 0;
    Some(Segment {
        window,
        from: connection.programs[own].clone(),
        to: connection.programs[peer].clone(),
        connection: number(index),
        flags: flags(raw),
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

/// The flags, as packetdrill and tcpdump write them.
fn flags(raw: &Raw) -> String {
    let letters = [(FIN, 'F'), (SYN, 'S'), (RST, 'R'), (PSH, 'P'), (ACK, '.')];
    let set = letters.iter().filter(|(flag, _)| raw.flags & flag != 0);
    let mut flags: String = set.map(|(_, letter)| letter).collect();
    if raw.udp {
        flags.push(if raw.icmp { 'I' } else { 'U' });
    }
    flags
}

impl Connection {
    /// Whether a packet closes its sender's window, or opens it again.
    fn window(&mut self, own: usize, raw: &Raw) -> Option<Window> {
        // It counts from the acknowledgement on (RFC 9293, section 3.1); in a reset it means
        // nothing.
        let counts = raw.flags & ACK != 0 && raw.flags & RST == 0;
        let closes = counts && raw.window == 0;
        let opens = counts && raw.window != 0;
        match self.closed[own] {
            false if closes => {
                self.closed[own] = true;
                Some(Window::Closes)
            }
            true if opens => {
                self.closed[own] = false;
                Some(Window::Opens)
            }
            _ => None,
        }
    }
}

/// Ports that the kernel chose become 50001, 50002 …, as in the transcripts; a listener's
/// 60001, 60002 …
pub fn shown_address(host: &str, port: u16, connections: &[Connection]) -> String {
    // The lowest of them, where nobody has set another: ip(7), ip_local_port_range.
    const FIRST: u16 = 32_768;
    let client = connections.iter().position(|it| it.client == port);
    let server = connections.iter().position(|it| it.server == port);
    let port = match (client, server.filter(|_| port >= FIRST)) {
        (Some(index), _) => shown_port(index),
        (None, Some(index)) => 60_000 + number(index),
        (None, None) => u32::from(port),
    };
    match host.contains(':') {
        true => format!("[{host}]:{port}"),
        false => format!("{host}:{port}"),
    }
}

/// The port of a connection's client, as it is shown.
pub fn shown_port(index: usize) -> u32 {
    50_000 + number(index)
}
