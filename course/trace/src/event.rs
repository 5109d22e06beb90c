//! What happened in a run, as data: one JSON object a line.

use serde_json::{Map, Value, json};

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

impl Window {
    fn name(self) -> &'static str {
        match self {
            Self::Closes => "closes",
            Self::Opens => "opens",
        }
    }

    fn of(name: &str) -> Option<Self> {
        [Self::Closes, Self::Opens]
            .into_iter()
            .find(|it| it.name() == name)
    }
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

    pub fn to_json(&self) -> String {
        let said = |verb: &str, program: &str, text: &str| json!({ "program": program, verb: text });
        let mut object = match &self.what {
            What::Starts { program, text } => said("starts", program, text),
            What::Types { program, text } => said("types", program, text),
            What::Presses { program, text } => said("presses", program, text),
            What::Prints { program, text } => said("prints", program, text),
            What::Ends { program, text } => said("ends", program, text),
            What::Signal { program, name } => said("signal", program, name),
            What::Step { text, verdict } => json!({ "step": text, "verdict": verdict }),
            What::Begins => json!({ "picture": "begins" }),
            What::Stops => json!({ "picture": "ends" }),
            What::Calls(call) => {
                let mut object = json!({
                    "program": call.program, "calls": call.name, "call": call.call,
                });
                let map = object.as_object_mut().expect("an object");
                let mut add = |key: &str, value: Value| map.insert(key.into(), value);
                if call.thread > 0 {
                    add("thread", call.thread.into());
                }
                if let Some(descriptor) = call.descriptor {
                    add("descriptor", descriptor.into());
                }
                if let Some(connection) = call.connection {
                    add("connection", connection.into());
                }
                if !call.address.is_empty() {
                    add("address", call.address.clone().into());
                }
                if !call.asks.is_empty() {
                    add("asks", call.asks.clone().into());
                }
                if !call.data.is_empty() {
                    add("data", packed(&call.data));
                }
                object
            }
            What::Returns {
                program,
                call,
                result,
                data,
                took,
            } => {
                let mut object = json!({
                    "program": program, "returns": result, "call": call, "took": took,
                });
                if !data.is_empty() {
                    object["data"] = packed(data);
                }
                object
            }
            What::Segment(it) => {
                let mut object = json!({
                    "from": it.from, "to": it.to, "connection": it.connection,
                    "segment": it.flags, "seq": it.seq, "ack": it.ack,
                });
                if it.length > 0 {
                    object["length"] = it.length.into();
                    object["data"] = packed(&it.data);
                }
                if let Some(window) = it.window {
                    object["window"] = window.name().into();
                }
                object
            }
            What::Kernel {
                program,
                connection,
                state,
                unread,
            } => json!({
                "program": program, "connection": connection, "kernel": state,
                "unread": unread,
            }),
        };
        object["at"] = self.at.into();
        object.to_string()
    }

    /// None for a line that is no event.
    pub fn from_json(line: &str) -> Option<Self> {
        let object: Value = serde_json::from_str(line).ok()?;
        let object = object.as_object()?;
        let at = object.get("at")?.as_u64()?;
        let what = said(object).or_else(|| others(object))?;
        Some(Self { at, what })
    }
}

fn text(object: &Map<String, Value>, key: &str) -> Option<String> {
    Some(object.get(key)?.as_str()?.to_string())
}

/// Of a long row of one letter that letter.
pub fn one_letter(data: &str) -> Option<char> {
    let letter = data.chars().next()?;
    let is_row = data.len() > 64 && data.chars().all(|it| it == letter);
    is_row.then_some(letter)
}

/// A long row of one letter becomes the letter and its number: `{"x": 300000}`.
fn packed(data: &str) -> Value {
    match one_letter(data) {
        Some(letter) => json!({ letter.to_string(): data.len() }),
        None => data.into(),
    }
}

fn unpacked(data: &Value) -> Option<String> {
    if let Some(text) = data.as_str() {
        return Some(text.to_string());
    }
    let (letter, count) = data.as_object()?.iter().next()?;
    Some(letter.repeat(usize::try_from(count.as_u64()?).ok()?))
}

fn number(object: &Map<String, Value>, key: &str) -> Option<u32> {
    u32::try_from(object.get(key)?.as_u64()?).ok()
}

/// The transcripts' verbs.
fn said(object: &Map<String, Value>) -> Option<What> {
    let program = text(object, "program")?;
    if let Some(text) = text(object, "starts") {
        return Some(What::Starts { program, text });
    }
    if let Some(text) = text(object, "types") {
        return Some(What::Types { program, text });
    }
    if let Some(text) = text(object, "presses") {
        return Some(What::Presses { program, text });
    }
    if let Some(text) = text(object, "prints") {
        return Some(What::Prints { program, text });
    }
    if let Some(text) = text(object, "ends") {
        return Some(What::Ends { program, text });
    }
    let name = text(object, "signal")?;
    Some(What::Signal { program, name })
}

fn others(object: &Map<String, Value>) -> Option<What> {
    if let Some((text, verdict)) = text(object, "step").zip(text(object, "verdict")) {
        return Some(What::Step { text, verdict });
    }
    if let Some(picture) = text(object, "picture") {
        let begins = picture == "begins";
        return Some(if begins { What::Begins } else { What::Stops });
    }
    let data = object.get("data").and_then(unpacked).unwrap_or_default();
    if let Some(flags) = text(object, "segment") {
        return Some(What::Segment(Segment {
            from: text(object, "from")?,
            to: text(object, "to")?,
            connection: number(object, "connection")?,
            flags,
            seq: number(object, "seq")?,
            ack: number(object, "ack")?,
            length: number(object, "length").unwrap_or(0),
            data,
            window: text(object, "window").as_deref().and_then(Window::of),
        }));
    }
    let program = text(object, "program")?;
    if let Some(name) = text(object, "calls") {
        return Some(What::Calls(Call {
            program,
            call: number(object, "call")?,
            thread: number(object, "thread").unwrap_or(0),
            name,
            descriptor: object.get("descriptor").and_then(Value::as_i64),
            connection: number(object, "connection"),
            address: text(object, "address").unwrap_or_default(),
            asks: text(object, "asks").unwrap_or_default(),
            data,
        }));
    }
    if let Some(result) = text(object, "returns") {
        return Some(What::Returns {
            program,
            call: number(object, "call")?,
            result,
            data,
            took: object.get("took")?.as_u64()?,
        });
    }
    Some(What::Kernel {
        program,
        connection: number(object, "connection")?,
        state: text(object, "kernel")?,
        unread: object.get("unread")?.as_u64()?,
    })
}

/// The events of a file, and a complaint about a line that is none.
pub fn read(text: &str) -> Result<Vec<Event>, String> {
    let event = |(index, line)| {
        Event::from_json(line)
            .ok_or_else(|| format!("line {} is no event: {line}", index + 1))
    };
    text.lines().enumerate().map(event).collect()
}

/// The file of some events.
pub fn write(events: &[Event]) -> String {
    events.iter().map(|event| event.to_json() + "\n").collect()
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_row_of_one_letter_is_kept_as_its_length() {
        let row = "x".repeat(300_000);
        assert_eq!(packed(&row).to_string(), r#"{"x":300000}"#);
        assert_eq!(unpacked(&packed(&row)), Some(row));
        assert_eq!(packed("xxx"), "xxx");
        let two = "x".repeat(100) + "y";
        assert_eq!(packed(&two), two);
    }
}
