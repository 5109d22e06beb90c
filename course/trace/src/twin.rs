//! The twin of a picture in text: packetdrill's notation, with the programs' names.
//!
//! A line is a call (`0.000...1.566 server: recv(4, …) = 20` where it slept) or a segment
//! (`one > server: P. 1:21(20) ack 1`), in the order of the picture.

use std::collections::HashMap;

use crate::check::{gives, takes};
use crate::draw::{
    Picture, happens_at_its_end, in_text, plain_name, takes_time, waiting,
};
use crate::event::{Call, Event, Segment, What, Window};

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
    let start = begin.map_or_else(|| events.first().map_or(0, |it| it.at), |it| it.at);
    let mut calls: HashMap<u32, (&Event, &Call)> = HashMap::new();
    let mut returns = HashMap::new();
    for event in events {
        if let What::Returns {
            call, result, took, ..
        } = &event.what
        {
            returns.insert(*call, (result.as_str(), *took));
        }
    }
    let mut shown = begin.is_none();
    let mut lines = Vec::new();
    let seconds = |at: u64| {
        let micros = i128::from(at) - i128::from(start);
        format!("{:.3}", micros as f64 / 1e6)
    };
    for event in events {
        let line = match &event.what {
            What::Begins => {
                shown = true;
                continue;
            }
            What::Stops => break,
            What::Step { text, verdict } => {
                let text = format!("{} {verdict}: {text}", seconds(event.at));
                lines.push(Line { event, text });
                continue;
            }
            What::Calls(call) => {
                let returned = returns.get(&call.call).copied();
                let at_its_end = takes_time(call, returned) || happens_at_its_end(call);
                let Some((result, _)) = returned.filter(|_| !at_its_end) else {
                    calls.insert(call.call, (event, call));
                    continue;
                };
                if picture.hidden(call) {
                    continue;
                }
                let (at, program) = (seconds(event.at), &call.program);
                format!("{at} {program}: {} = {result}", call_text(call, ""))
            }
            What::Returns {
                program,
                call,
                result,
                data,
                took,
            } => {
                let Some((begun, call)) = calls.remove(call) else {
                    continue;
                };
                let at = begun.at;
                let slept = takes_time(call, Some((result, *took)));
                if picture.hidden(call) || !slept && !happens_at_its_end(call) {
                    continue;
                }
                let when = match took {
                    _ if at < start => format!("...{}", seconds(event.at)),
                    10_000.. => format!("{}...{}", seconds(at), seconds(event.at)),
                    _ => seconds(event.at),
                };
                format!("{when} {program}: {} = {result}", call_text(call, data))
            }
            What::Segment(segment) => {
                let (from, to) = (&segment.from, &segment.to);
                let text = segment_text(segment);
                format!("{} {from} > {to}: {text}", seconds(event.at))
            }
            What::Kernel {
                program,
                connection,
                state,
                unread,
            } if waiting(state, *unread) > 0 => {
                let (at, unread) = (seconds(event.at), waiting(state, *unread));
                format!(
                    "{at} {program}: connection {connection} is {state}, {unread} bytes unread"
                )
            }
            What::Types { program, text } => {
                format!("{} {program}: types {text}", seconds(event.at))
            }
            What::Presses { program, text } => {
                format!("{} {program}: {text}", seconds(event.at))
            }
            What::Signal { program, name } => {
                format!("{} {program}: {name}", seconds(event.at))
            }
            What::Ends { program, text } => {
                format!("{} {program}: ends: {text}", seconds(event.at))
            }
            _ => continue,
        };
        let known = |name: &str| picture.lifelines.iter().any(|it| it == name);
        if shown && event.program().is_some_and(known) {
            lines.push(Line { event, text: line });
        }
    }
    let mut open: Vec<_> = calls.into_values().collect();
    open.sort_by_key(|(event, _)| event.at);
    for (event, call) in open {
        if !picture.hidden(call) {
            let text = call_text(call, "");
            let text = format!("{}... {}: {text}", seconds(event.at), call.program);
            lines.push(Line { event, text });
        }
    }
    lines
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
