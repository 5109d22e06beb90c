//! What happened in a run, as data: the events, what they are about, and the bytes in them.

mod json;

use std::collections::HashMap;

pub use json::{read, write};

/// Something that happened, `at` so many microseconds after the run's start.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    pub at: u64,
    pub what: What,
}

/// What can happen. The first seven are the transcripts' verbs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// A program is started by this command line.
    Starts { program: String, text: String },
    /// A line is typed to it.
    Types { program: String, text: String },
    /// A key is pressed, ^C or ^D; or a cable is pulled.
    Presses { program: String, text: String },
    /// It prints a line.
    Prints { program: String, text: String },
    /// It ends with this exit code, or by this signal.
    Ends { program: String, text: String },
    /// A step of a check ends here, and what came of it: `ok`, or how it failed.
    Step { text: String, verdict: String },
    /// The picture begins here; what was before is for the checks.
    Begins,
    /// The picture ends here.
    Stops,
    /// A system call begins.
    Calls(Call),
    /// The call with this number returns, after so many microseconds.
    Returns {
        program: String,
        call: u32,
        result: String,
        data: String,
        took: u64,
    },
    /// A signal is delivered to the program.
    Signal { program: String, name: String },
    /// A TCP segment or a datagram.
    Segment(Segment),
    /// What the kernel says of one end of a connection (`/proc/net/tcp`), while all programs
    /// sleep: its state, and how many bytes wait for the program.
    Kernel {
        program: String,
        connection: u32,
        state: String,
        unread: u64,
    },
}

/// The begin of a system call.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Call {
    pub program: String,
    /// Its number in the run, for its return.
    pub call: u32,
    /// 0 for the program's first thread.
    pub thread: u32,
    pub name: String,
    pub descriptor: Option<i64>,
    /// The connection that it is about; none for a listener.
    pub connection: Option<u32>,
    /// The address, for bind, connect and the like; the option's name for setsockopt, and
    /// the half for shutdown.
    pub address: String,
    /// What select is asked about (`[3 4]`), and which half shutdown ends (`Write`).
    pub asks: String,
    /// The bytes that are given to the kernel, escaped.
    pub data: String,
}

/// A segment on its way: on loopback it arrives when it is sent.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Segment {
    pub from: String,
    pub to: String,
    pub connection: u32,
    /// As packetdrill and tcpdump write them: `S`, `S.`, `.`, `P.`, `F.`, `R.`; `U` for a
    /// datagram of UDP, `I` for ICMP's answer that nobody has its port.
    pub flags: String,
    /// Counted from the sender's SYN, which is 0.
    pub seq: u32,
    /// Counted from the peer's SYN.
    pub ack: u32,
    pub length: u32,
    /// Escaped, a byte for a byte.
    pub data: String,
    /// Whether this one closes the sender's window, or opens it again.
    pub window: Option<Window>,
}

/// How much more the sender of a segment has room for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Window {
    /// Nothing: the peer has to stop.
    Closes,
    /// Something again, after a window of 0.
    Opens,
}

impl Segment {
    pub fn has(&self, flag: char) -> bool {
        self.flags.contains(flag)
    }

    /// A datagram, or what ICMP says of one.
    pub fn is_no_tcp(&self) -> bool {
        self.has('U') || self.has('I')
    }

    /// Nothing but an acknowledgement.
    pub fn is_pure_ack(&self) -> bool {
        self.length == 0 && self.flags == "."
    }
}

impl Event {
    /// The program that it is about; of a segment, its sender.
    pub fn program(&self) -> Option<&str> {
        match &self.what {
            What::Step { .. } | What::Begins | What::Stops => None,
            What::Starts { program, .. }
            | What::Types { program, .. }
            | What::Presses { program, .. }
            | What::Prints { program, .. }
            | What::Ends { program, .. }
            | What::Returns { program, .. }
            | What::Signal { program, .. }
            | What::Kernel { program, .. } => Some(program),
            What::Calls(call) => Some(&call.program),
            What::Segment(segment) => Some(&segment.from),
        }
    }
}

/// Whether a call gives bytes to the kernel.
pub fn gives(name: &str) -> bool {
    ["write", "writev", "sendto", "send", "sendmsg"].contains(&name)
}

/// Whether it takes bytes from the kernel.
pub fn takes(name: &str) -> bool {
    ["read", "readv", "recvfrom", "recv", "recvmsg"].contains(&name)
}

/// The result of each call that has returned, and how long it took.
pub fn returns(events: &[Event]) -> HashMap<u32, (&str, u64)> {
    let returns = events.iter().filter_map(|event| match &event.what {
        What::Returns {
            call, result, took, ..
        } => Some((*call, (result.as_str(), *took))),
        _ => None,
    });
    returns.collect()
}

/// Of a long row of one letter that letter.
pub fn one_letter(data: &str) -> Option<char> {
    let letter = data.chars().next()?;
    let is_row = data.len() > 64 && data.chars().all(|it| it == letter);
    is_row.then_some(letter)
}

/// Bytes as text, a byte for a byte: what is not printable ASCII is escaped as in Rust.
pub fn escape(bytes: &[u8]) -> String {
    bytes.escape_ascii().to_string()
}

/// How many bytes an escaped text stands for.
pub fn length(escaped: &str) -> usize {
    letters(escaped).count()
}

/// The pieces of an escaped text, each of which stands for one byte.
pub fn letters(escaped: &str) -> impl Iterator<Item = &str> {
    let mut rest = escaped;
    std::iter::from_fn(move || {
        let size = match rest.as_bytes() {
            [] => return None,
            [b'\\', b'x', ..] => 4,
            [b'\\', ..] => 2,
            _ => 1,
        };
        let (letter, after) = rest.split_at(size.min(rest.len()));
        rest = after;
        Some(letter)
    })
}
