//! An event as a line of JSON: what each kind is written as, and below it how it is read again.
//!
//! A key that would say what is usual (no address, the first thread, no data) is left out.

use serde_json::{Map, Value, json};

use super::{Call, Event, Segment, What, Window, one_letter};

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

impl Event {
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
            What::Calls(call) => call.to_json(),
            What::Returns {
                program,
                call,
                result,
                data,
                took,
            } => without_nulls(json!({
                "program": program, "returns": result, "call": call, "took": took,
                "data": some(data).map(packed),
            })),
            What::Segment(segment) => segment.to_json(),
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

/// What the recorder adds: the marks of the picture, segments, calls, and the kernel's word.
fn others(object: &Map<String, Value>) -> Option<What> {
    if let Some((text, verdict)) = text(object, "step").zip(text(object, "verdict")) {
        return Some(What::Step { text, verdict });
    }
    if let Some(picture) = text(object, "picture") {
        let begins = picture == "begins";
        return Some(if begins { What::Begins } else { What::Stops });
    }
    if let Some(flags) = text(object, "segment") {
        return Segment::from_json(object, flags).map(What::Segment);
    }
    let program = text(object, "program")?;
    if let Some(name) = text(object, "calls") {
        return Call::from_json(object, program, name).map(What::Calls);
    }
    if let Some(result) = text(object, "returns") {
        return Some(What::Returns {
            program,
            call: number(object, "call")?,
            result,
            data: data(object),
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

impl Call {
    fn to_json(&self) -> Value {
        without_nulls(json!({
            "program": self.program,
            "calls": self.name,
            "call": self.call,
            "thread": (self.thread > 0).then_some(self.thread),
            "descriptor": self.descriptor,
            "connection": self.connection,
            "address": some(&self.address),
            "asks": some(&self.asks),
            "data": some(&self.data).map(packed),
        }))
    }

    fn from_json(
        object: &Map<String, Value>,
        program: String,
        name: String,
    ) -> Option<Self> {
        Some(Self {
            program,
            call: number(object, "call")?,
            thread: number(object, "thread").unwrap_or(0),
            name,
            descriptor: object.get("descriptor").and_then(Value::as_i64),
            connection: number(object, "connection"),
            address: text(object, "address").unwrap_or_default(),
            asks: text(object, "asks").unwrap_or_default(),
            data: data(object),
        })
    }
}

impl Segment {
    fn to_json(&self) -> Value {
        let carries = self.length > 0;
        without_nulls(json!({
            "from": self.from,
            "to": self.to,
            "connection": self.connection,
            "segment": self.flags,
            "seq": self.seq,
            "ack": self.ack,
            "length": carries.then_some(self.length),
            "data": carries.then(|| packed(&self.data)),
            "window": self.window.map(Window::name),
        }))
    }

    fn from_json(object: &Map<String, Value>, flags: String) -> Option<Self> {
        Some(Self {
            from: text(object, "from")?,
            to: text(object, "to")?,
            connection: number(object, "connection")?,
            flags,
            seq: number(object, "seq")?,
            ack: number(object, "ack")?,
            length: number(object, "length").unwrap_or(0),
            data: data(object),
            window: text(object, "window").as_deref().and_then(Window::of),
        })
    }
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

/// The text, if there is one.
fn some(text: &str) -> Option<&str> {
    (!text.is_empty()).then_some(text)
}

fn without_nulls(mut object: Value) -> Value {
    let keys = object.as_object_mut().expect("`json!` has made an object");
    keys.retain(|_, value| !value.is_null());
    object
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

fn data(object: &Map<String, Value>) -> String {
    object.get("data").and_then(unpacked).unwrap_or_default()
}

fn text(object: &Map<String, Value>, key: &str) -> Option<String> {
    Some(object.get(key)?.as_str()?.to_string())
}

fn number(object: &Map<String, Value>, key: &str) -> Option<u32> {
    u32::try_from(object.get(key)?.as_u64()?).ok()
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
