//! The twin's lines on a terminal: colours for what they are, none in a pipe or with NO_COLOR
//! (no-color.org).

use std::io::{self, Write};

use anstyle::{AnsiColor, Style};

use crate::event::{Event, What};

const TIME: Style = Style::new().dimmed();
const DATA: Style = AnsiColor::Blue.on_default();
const SEGMENT: Style = AnsiColor::Cyan.on_default();
const BAD: Style = AnsiColor::Red.on_default().bold();
const USER: Style = Style::new().italic();
const CALL: Style = Style::new();

/// A line, coloured by what it is. When nobody reads, the run goes on.
pub fn show(event: &Event, text: &str) {
    let (time, rest) = text.split_once(' ').unwrap_or(("", text));
    let style = match &event.what {
        What::Segment(it) if it.has('R') || it.has('I') => BAD,
        What::Segment(it) if it.length > 0 => DATA,
        What::Segment(_) => SEGMENT,
        What::Returns { result, .. } if result.starts_with('E') => BAD,
        What::Types { .. } | What::Presses { .. } | What::Signal { .. } => USER,
        _ => CALL,
    };
    let mut out = anstream::AutoStream::auto(io::stdout());
    let line = format!("{TIME}{time}{TIME:#} {style}{rest}{style:#}\n");
    out.write_all(line.as_bytes())
        .and_then(|()| out.flush())
        .ok();
}
