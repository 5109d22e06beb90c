//! The twin of a picture in text: packetdrill's notation, with the programs' names.
//!
//! A line is a call (`0.000...1.566 server: recv(4, …) = 20` where it slept) or a segment
//! (`one > server: P. 1:21(20) ack 1`), in the order of the picture.

use std::collections::HashMap;

use crate::draw::Picture;
use crate::event::{Call, Event, Segment, What, Window, gives, returns, takes};
use crate::words::{happens_at_its_end, in_text, plain_name, takes_time, waiting};

/// So many lines there are at most; of more, the first and the last ones.
const MOST_LINES: usize = 400;
const FIRST_LINES: usize = 100;

/// A line of the twin, and the event that it stands for: of a call that has not returned, its
/// begin.
pub struct Line<'a> {
    pub event: &'a Event,
    pub text: String,
}

/// The whole text; times are seconds since the picture's begin.
pub fn text(picture: &Picture, events: &[Event]) -> String {
    let lines = lines(picture, events);
    shortened(lines.into_iter().map(|line| line.text + "\n").collect())
}

/// The lines, and at the end those of the calls that have not returned.
pub fn lines<'a>(picture: &Picture, events: &'a [Event]) -> Vec<Line<'a>> {
    let begin = events.iter().find(|event| event.what == What::Begins);
    let mut writer = Writer {
        picture,
        start: begin.or(events.first()).map_or(0, |it| it.at),
        begun: begin.is_none(),
        returns: returns(events),
        open: HashMap::new(),
    };
    let mut lines = Vec::new();
    for event in events {
        match &event.what {
            What::Begins => writer.begun = true,
            What::Stops => break,
            _ => {
                let text = writer.text(event);
                let text = text.filter(|_| writer.shows(event));
                lines.extend(text.map(|text| Line { event, text }));
            }
        }
    }
    lines.extend(writer.not_returned());
    lines
}

/// What is known at some event of a run.
struct Writer<'a, 'p> {
    picture: &'p Picture,
    /// When the picture begins.
    start: u64,
    /// Whether it has begun.
    begun: bool,
    returns: HashMap<u32, (&'a str, u64)>,
    /// The calls whose line is written when they return.
    open: HashMap<u32, (&'a Event, &'a Call)>,
}

impl<'a> Writer<'a, '_> {
    /// The line of an event, if it has one.
    fn text(&mut self, event: &'a Event) -> Option<String> {
        let at = self.seconds(event.at);
        Some(match &event.what {
            What::Step { text, verdict } => format!("{at} {verdict}: {text}"),
            What::Calls(call) => return self.called(event, call),
            What::Returns {
                program,
                call,
                result,
                data,
                took,
            } => {
                let (when, call) = self.returned(event.at, *call, result, *took)?;
                format!("{when} {program}: {} = {result}", call_text(call, data))
            }
            What::Segment(segment) => {
                let (from, to) = (&segment.from, &segment.to);
                format!("{at} {from} > {to}: {}", segment_text(segment))
            }
            What::Kernel {
                program,
                connection,
                state,
                unread,
            } => {
                let unread = waiting(state, *unread);
                if unread == 0 {
                    return None;
                }
                format!(
                    "{at} {program}: connection {connection} is {state}, {unread} bytes unread"
                )
            }
            What::Types { program, text } => format!("{at} {program}: types {text}"),
            What::Presses { program, text } => format!("{at} {program}: {text}"),
            What::Signal { program, name } => format!("{at} {program}: {name}"),
            What::Ends { program, text } => format!("{at} {program}: ends: {text}"),
            _ => return None,
        })
    }

    /// Whether the picture shows the line: it has begun, and has a lifeline for it.
    fn shows(&self, event: &Event) -> bool {
        let has_lifeline =
            |name: &str| self.picture.lifelines.iter().any(|it| it == name);
        let is_step = matches!(event.what, What::Step { .. });
        is_step || self.begun && event.program().is_some_and(has_lifeline)
    }

    /// The line of a call that has it where it begins; others have it at their return.
    fn called(&mut self, event: &'a Event, call: &'a Call) -> Option<String> {
        let returned = self.returns.get(&call.call).copied();
        let at_its_end = takes_time(call, returned) || happens_at_its_end(call);
        let Some((result, _)) = returned.filter(|_| !at_its_end) else {
            self.open.insert(call.call, (event, call));
            return None;
        };
        let (at, program) = (self.seconds(event.at), &call.program);
        let text = format!("{at} {program}: {} = {result}", call_text(call, ""));
        (!self.picture.hidden(call)).then_some(text)
    }

    /// When a call took place that has its line at its return, and the call.
    fn returned(
        &mut self,
        now: u64,
        call: u32,
        result: &str,
        took: u64,
    ) -> Option<(String, &'a Call)> {
        let (begun, call) = self.open.remove(&call)?;
        let slept = takes_time(call, Some((result, took)));
        if self.picture.hidden(call) || !slept && !happens_at_its_end(call) {
            return None;
        }
        let end = self.seconds(now);
        let when = match took {
            _ if begun.at < self.start => format!("...{end}"),
            10_000.. => format!("{}...{end}", self.seconds(begun.at)),
            _ => end,
        };
        Some((when, call))
    }

    /// The lines of the calls that are open at the end.
    fn not_returned(self) -> Vec<Line<'a>> {
        let mut open: Vec<_> = self.open.values().collect();
        open.retain(|(_, call)| !self.picture.hidden(call));
        open.sort_by_key(|(event, _)| event.at);
        let line = |(event, call): &(&'a Event, &Call)| {
            let (at, program) = (self.seconds(event.at), &call.program);
            let text = format!("{at}... {program}: {}", call_text(call, ""));
            Line { event, text }
        };
        open.into_iter().map(line).collect()
    }

    /// Seconds since the picture's begin.
    fn seconds(&self, at: u64) -> String {
        let micros = i128::from(at) - i128::from(self.start);
        format!("{:.3}", micros as f64 / 1e6)
    }
}

/// Leaves out the middle of a very long text.
fn shortened(lines: String) -> String {
    let count = lines.lines().count();
    let Some(left) = count.checked_sub(MOST_LINES).filter(|left| *left > 0) else {
        return lines;
    };
    let mut short = String::new();
    for (index, line) in lines.lines().enumerate() {
        if index == FIRST_LINES {
            short += &format!("... {left} lines more\n");
        }
        if index < FIRST_LINES || index >= FIRST_LINES + left {
            short += &format!("{line}\n");
        }
    }
    short
}

fn call_text(call: &Call, returned: &str) -> String {
    let mut args = Vec::new();
    if let Some(descriptor) = call.descriptor {
        args.push(descriptor.to_string());
    }
    if gives(&call.name) {
        args.push(format!("\"{}\"", in_text(&call.data)));
    } else if takes(&call.name) && !returned.is_empty() {
        args.push(format!("\"{}\"", in_text(returned)));
    }
    for more in [&call.address, &call.asks] {
        if !more.is_empty() {
            args.push(more.clone());
        }
    }
    format!("{}({})", plain_name(call), args.join(", "))
}

fn segment_text(segment: &Segment) -> String {
    let (seq, length) = (segment.seq, segment.length);
    if segment.has('U') {
        return format!("udp ({length}) \"{}\"", in_text(&segment.data));
    }
    if segment.has('I') {
        return "icmp port unreachable".to_string();
    }
    let end = seq.wrapping_add(length);
    let mut text = format!("{} {seq}:{end}({length})", segment.flags);
    if segment.has('.') {
        text += &format!(" ack {}", segment.ack);
    }
    if length > 0 {
        text += &format!(" \"{}\"", in_text(&segment.data));
    }
    match segment.window {
        Some(Window::Closes) => text += " win 0",
        Some(Window::Opens) => text += " win > 0",
        None => {}
    }
    text
}
