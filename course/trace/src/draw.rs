//! From events to a picture: a figure of HTML with inline SVG and its twin in text.
//!
//! The same events give the same picture, byte for byte. Rows have equal heights: a row is
//! something that happens, and where nothing happens for a while, a row says for how long.
//!
//! What is absent: colours and sizes of letters. They are classes, in
//! `docs/theme/course.css`, made from mdBook's own variables, so that each theme is right.

use std::collections::HashMap;
use std::fmt::Write;

use crate::check::{States, gives, takes};
use crate::event::{Call, Event, Segment, What, Window, letters, one_letter};
use crate::twin;

/// What a picture is about, and what it leaves out.
#[derive(Debug, Clone, Default)]
pub struct Picture {
    /// In front of all ids.
    pub name: String,
    pub title: String,
    /// What there is to see, in a sentence or two: for who hears it.
    pub desc: String,
    /// The line below it.
    pub caption: String,
    /// The lifelines, from left to right.
    pub lifelines: Vec<String>,
    /// Calls that are not shown: of a program, or of all (`*`).
    pub hides: Vec<(String, String)>,
    /// Whether acknowledgements without data are shown where no state changes.
    pub acks: bool,
}

const WIDTH: i32 = 360;
const ROW: i32 = 22;
/// Where the first row is: below the names.
const TOP: i32 = 42;
/// A letter of the calls' type.
const LETTER: i32 = 6;
/// A pause gets a row from here on, in microseconds.
const PAUSE: u64 = 20_000;
/// A call is shown as two rows and the sleep between them from here on.
const SLEEP: u64 = 10_000;
/// So many rows there are at most; of more, the first and the last ones.
const MOST_ROWS: usize = 60;
const FIRST_ROWS: usize = 14;
/// So many letters fit in a line across the picture.
const WIDE: usize = 56;
/// So many letters of data are shown.
const MOST_LETTERS: usize = 14;
/// And so many in text, where a whole message has room.
const MOST_IN_TEXT: usize = 300;

/// One row of the picture.
#[derive(Debug)]
enum Row {
    Plates(Vec<Plate>),
    Arrow {
        segment: Segment,
        /// It only asks whether the peer is there.
        probes: bool,
        from: usize,
        to: usize,
        states: Vec<(usize, &'static str)>,
    },
    Pause(u64),
    /// So many rows are left out.
    Left(usize),
    /// A line across: the verdict of a step.
    Across(String),
    /// What stands below it.
    Words(String),
}

/// Words on a lifeline; those of a second thread stand a little to the right.
#[derive(Debug)]
struct Plate {
    column: usize,
    thread: u32,
    text: String,
    times: u32,
    class: &'static str,
}

/// Some thread's sleep in a call, from row to row.
#[derive(Debug)]
struct Bar {
    column: usize,
    thread: u32,
    from: usize,
    to: Option<usize>,
}

#[derive(Debug, Default)]
struct Sheet {
    rows: Vec<Row>,
    bars: Vec<Bar>,
    /// The row in which a program has ended.
    ends: HashMap<usize, usize>,
    last: Option<u64>,
}

/// The whole figure: the picture, its line, and its twin in text.
pub fn figure(picture: &Picture, events: &[Event]) -> String {
    let svg = svg(picture, events);
    let twin = escape(&twin::text(picture, events));
    let name = &picture.name;
    let caption = escape(&picture.caption);
    format!(
        "<figure class=\"run\" id=\"{name}\">\n{svg}<figcaption>{caption}</figcaption>\n\
         <details><summary>The same as text</summary>\n<pre>{twin}</pre>\n</details>\n\
         </figure>\n"
    )
}

/// The picture alone.
pub fn svg(picture: &Picture, events: &[Event]) -> String {
    let sheet = sheet(picture, events);
    let height = TOP + ROW * i32::try_from(sheet.rows.len()).unwrap_or(0) + 6;
    let name = &picture.name;
    let mut svg = format!(
        "<svg viewBox=\"0 0 {WIDTH} {height}\" role=\"img\" \
         aria-labelledby=\"{name}-title {name}-desc\">\n\
         <title id=\"{name}-title\">{}</title>\n<desc id=\"{name}-desc\">{}</desc>\n",
        escape(&picture.title),
        escape(&picture.desc),
    );
    lifelines(&mut svg, picture, events, &sheet, height);
    for bar in &sheet.bars {
        let x = x(picture, bar.column) - 6 + beside(bar.thread);
        let from = y(bar.from);
        let to = bar.to.map_or(height, y);
        let tall = to - from;
        line(
            &mut svg,
            &format!(
                "<rect class=\"z\" x=\"{x}\" y=\"{from}\" width=\"12\" height=\"{tall}\"/>"
            ),
        );
    }
    for (index, row) in sheet.rows.iter().enumerate() {
        match row {
            Row::Plates(plates) => {
                for it in plates {
                    let x = x(picture, it.column) + beside(it.thread);
                    let text = match it.times {
                        1 => it.text.clone(),
                        times => format!("{} ×{times}", it.text),
                    };
                    plate(&mut svg, x, y(index), &text, it.class);
                }
            }
            Row::Arrow {
                segment,
                probes,
                from,
                to,
                states,
            } => {
                let places = (x(picture, *from), x(picture, *to));
                arrow(&mut svg, places, y(index), (segment, *probes));
                for (column, state) in states {
                    let (own, peer) = if column == from {
                        (places.0, places.1)
                    } else {
                        (places.1, places.0)
                    };
                    let (at, anchor) = if own < peer {
                        (own - 9, "e")
                    } else {
                        (own + 9, "b")
                    };
                    let y = y(index) + 6;
                    line(
                        &mut svg,
                        &format!(
                            "<text class=\"s {anchor}\" x=\"{at}\" y=\"{y}\">{state}</text>"
                        ),
                    );
                }
            }
            Row::Pause(time) => {
                gap(&mut svg, picture, y(index), &pause_in_words(*time));
            }
            Row::Left(rows) => {
                gap(&mut svg, picture, y(index), &format!("{rows} more"));
            }
            Row::Across(verdict) => across(&mut svg, y(index), verdict),
            Row::Words(text) => words(&mut svg, y(index), text),
        }
    }
    svg.push_str("</svg>\n");
    svg
}

/// The middle of a row.
fn y(row: usize) -> i32 {
    TOP + ROW * i32::try_from(row).unwrap_or(0) + ROW / 2
}

/// Where a lifeline stands. Three leave room for the names of the states outside.
fn x(picture: &Picture, column: usize) -> i32 {
    let places: &[i32] = match picture.lifelines.len() {
        0 | 1 => &[180],
        2 => &[86, 274],
        _ => &[68, 180, 292],
    };
    places[column.min(places.len() - 1)]
}

/// How far to the right a thread stands of the first one.
fn beside(thread: u32) -> i32 {
    i32::try_from(thread).unwrap_or(0) * 13
}

fn line(svg: &mut String, text: &str) {
    svg.push_str(text);
    svg.push('\n');
}

fn lifelines(
    svg: &mut String,
    picture: &Picture,
    events: &[Event],
    sheet: &Sheet,
    height: i32,
) {
    for (column, name) in picture.lifelines.iter().enumerate() {
        let x = x(picture, column);
        let end = sheet.ends.get(&column).map_or(height, |row| y(*row));
        let command = events.iter().find_map(|event| match &event.what {
            What::Starts { program, text } if program == name => {
                Some(fitting(&command(text), picture.lifelines.len()))
            }
            _ => None,
        });
        let command = command.unwrap_or_else(|| "no program".to_string());
        line(
            svg,
            &format!(
                "<text class=\"n\" x=\"{x}\" y=\"14\">{}</text>",
                escape(name)
            ),
        );
        line(
            svg,
            &format!(
                "<text class=\"c\" x=\"{x}\" y=\"28\">{}</text>",
                escape(&command)
            ),
        );
        // Where nothing happens for a while, the line is dotted.
        let mut path = format!("M{x} 34");
        for (index, row) in sheet.rows.iter().enumerate() {
            if matches!(row, Row::Pause(_) | Row::Left(_)) && y(index) < end {
                let (above, below) = (y(index) - 7, y(index) + 7);
                write!(path, "V{above}M{x} {below}").expect("a String takes all");
            }
        }
        line(svg, &format!("<path class=\"l\" d=\"{path}V{end}\"/>"));
    }
}

/// The program in a command line: what it is called, without its way.
fn command(text: &str) -> String {
    let mut words = text.split_whitespace();
    let first = words.next().unwrap_or_default();
    let word = match (first, text.split_once("--bin "), text.split_once("-p ")) {
        ("cargo", Some((_, rest)), _) | ("cargo", None, Some((_, rest))) => {
            rest.split_whitespace().next().unwrap_or_default()
        }
        ("python3", ..) => words.next().unwrap_or(first),
        _ => first,
    };
    word.rsplit('/').next().unwrap_or(word).to_string()
}

/// A command that fits between its neighbours: of a long name the last words.
fn fitting(command: &str, lifelines: usize) -> String {
    let most = if lifelines < 3 { 30 } else { 18 };
    if command.chars().count() <= most {
        return command.to_string();
    }
    let starts = command.match_indices('-').map(|(at, _)| &command[at + 1..]);
    let mut fits = starts.filter(|rest| rest.chars().count() < most);
    fits.next().map_or_else(
        || command.chars().take(most - 1).collect(),
        |rest| format!("…{rest}"),
    )
}

fn plate(svg: &mut String, x: i32, y: i32, text: &str, class: &str) {
    let letters = i32::try_from(text.chars().count()).unwrap_or(0);
    let width = letters * LETTER + 8;
    let left = (x - width / 2).clamp(1, (WIDTH - 1 - width).max(1));
    let (top, middle, base) = (y - 8, left + width / 2, y + 4);
    line(
        svg,
        &format!(
            "<rect class=\"p {class}\" x=\"{left}\" y=\"{top}\" width=\"{width}\" height=\"16\" rx=\"3\"/>\
         <text class=\"t {class}\" x=\"{middle}\" y=\"{base}\">{}</text>",
            escape(text)
        ),
    );
}

/// A segment: its width and dashes say what it carries, also without colours.
fn arrow(
    svg: &mut String,
    (from, to): (i32, i32),
    y: i32,
    (segment, probes): (&Segment, bool),
) {
    let class = match segment {
        it if it.has('R') || it.has('I') => "r",
        it if it.length > 0 || it.has('U') => "d",
        it if it.is_pure_ack() => "a",
        _ => "f",
    };
    let back = if to > from { -8 } else { 8 };
    let (start, end) = (y + 3, y + 8);
    let tip = to - if to > from { 1 } else { -1 };
    let neck = tip + back;
    let middle = i32::midpoint(from, to);
    let (label, whole) = label(segment, probes);
    let title = if whole == label {
        String::new()
    } else {
        format!("<title>{}</title>", escape(&whole))
    };
    let above = y + 1;
    line(
        svg,
        &format!(
            "<g>{title}<path class=\"{class}\" d=\"M{from} {start}L{neck} {end}\"/>\
         <path class=\"h\" d=\"M{tip} {end}l{back}-4v8z\"/>\
         <text class=\"m\" x=\"{middle}\" y=\"{above}\">{}</text></g>",
            escape(&label)
        ),
    );
}

/// What stands at the arrow: in short, and whole.
fn label(segment: &Segment, probes: bool) -> (String, String) {
    let mut words = Vec::new();
    for (flag, word) in [('S', "SYN"), ('F', "FIN"), ('R', "RST")] {
        if segment.has(flag) {
            words.push(word);
        }
    }
    // An ACK stands in every segment but the first; it is news in these.
    if probes {
        words.push("probe");
    } else if segment.is_pure_ack() || segment.flags == "S." {
        words.push("ACK");
    }
    if segment.has('I') {
        words.push("unreachable");
    }
    match segment.window {
        Some(Window::Closes) => words.push("window 0"),
        Some(Window::Opens) => words.push("window > 0"),
        None => {}
    }
    let words = words.join(" ");
    if segment.length == 0 {
        let empty = segment.has('U');
        let words = if empty { "(empty)".to_string() } else { words };
        return (words.clone(), words);
    }
    let join = if words.is_empty() { "" } else { " " };
    let whole = format!("{}{join}{words}", in_text(&segment.data));
    (format!("{}{join}{words}", short(&segment.data)), whole)
}

/// The first letters of some data, as many as a picture has room for. Of a long row of
/// one letter only its length says something.
fn short(data: &str) -> String {
    match one_letter(data) {
        Some(_) => format!("{} bytes", data.len()),
        // As C and Rust write it: a length has room for its number, and words are words.
        None => cut(
            &data.replace("\\x00", "\\0").replace("\\'", "'"),
            MOST_LETTERS,
        ),
    }
}

/// The first letters of some data, as many as a text has room for.
pub fn in_text(data: &str) -> String {
    match one_letter(data) {
        Some(letter) => format!("{letter}{letter}{letter}…"),
        None => cut(data, MOST_IN_TEXT),
    }
}

/// The first letters of some data. What is escaped takes more room.
fn cut(data: &str, most: usize) -> String {
    let mut short = String::new();
    for (index, letter) in letters(data).enumerate() {
        if index == most || short.len() + letter.len() > most + 4 {
            short.push('…');
            break;
        }
        short.push_str(letter);
    }
    short
}

/// A dotted line with a word for what is not shown.
fn gap(svg: &mut String, picture: &Picture, y: i32, text: &str) {
    let base = y + 4;
    let (first, second) = (x(picture, 0), x(picture, 1));
    let middle = match picture.lifelines.len() {
        0 | 1 => first / 2,
        _ => i32::midpoint(first, second),
    };
    let (left, right) = (middle - 30, middle + 30);
    line(
        svg,
        &format!(
            "<path class=\"g\" d=\"M4 {y}H{left}M{right} {y}H{}\"/>\
         <text class=\"w\" x=\"{middle}\" y=\"{base}\">{}</text>",
            WIDTH - 4,
            escape(text)
        ),
    );
}

/// A line over the whole width, with the verdict in it.
fn across(svg: &mut String, y: i32, verdict: &str) {
    line(
        svg,
        &format!("<path class=\"v\" d=\"M4 {y}H{}\"/>", WIDTH - 4),
    );
    plate(svg, WIDTH / 2, y, verdict, "e");
}

fn words(svg: &mut String, y: i32, text: &str) {
    let (middle, base) = (WIDTH / 2, y + 2);
    let text = escape(text);
    line(
        svg,
        &format!("<text class=\"m\" x=\"{middle}\" y=\"{base}\">{text}</text>"),
    );
}

/// Two digits are enough.
pub fn pause_in_words(micros: u64) -> String {
    match micros {
        1_000_000.. => format!("{:.1} s", micros as f64 / 1e6),
        100_000.. => format!("{:.1} s", micros as f64 / 1e6),
        _ => format!("{:.0} ms", micros as f64 / 1e3),
    }
}

/// A call by the name that the lessons use: accept4 is accept, and who gives no address to
/// sendto means send.
pub fn plain_name(call: &Call) -> &str {
    match call.name.as_str() {
        "accept4" => "accept",
        "sendto" if call.address.is_empty() => "send",
        "recvfrom" => "recv",
        "clock_nanosleep" => "sleep",
        "ppoll" => "poll",
        "pselect6" => "select",
        "epoll_pwait" => "epoll_wait",
        name => name,
    }
}

impl Picture {
    pub fn hidden(&self, call: &Call) -> bool {
        self.hides.iter().any(|(program, name)| {
            (program == "*" || *program == call.program)
                && (*name == call.name || name == plain_name(call))
        })
    }

    fn column(&self, program: &str) -> Option<usize> {
        self.lifelines.iter().position(|name| name == program)
    }
}

impl Sheet {
    /// A row for something that happens at that time; before it one for the pause, where
    /// there was one.
    fn push(&mut self, at: u64, row: Row) {
        if let Some(last) = self.last
            && at.saturating_sub(last) >= PAUSE
        {
            self.rows.push(Row::Pause(at - last));
        }
        self.last = Some(at);
        self.rows.push(row);
    }

    /// The end of a step: all lifelines end here, and what is open.
    fn step(&mut self, picture: &Picture, at: u64, text: &str, verdict: &str) {
        self.push(at, Row::Across(verdict.to_string()));
        let row = self.rows.len() - 1;
        for column in 0..picture.lifelines.len() {
            self.ends.entry(column).or_insert(row);
        }
        for bar in &mut self.bars {
            bar.to.get_or_insert(row);
        }
        self.rows.extend(wrapped(text).map(Row::Words));
    }

    /// Leaves out the rows in the middle of a long run.
    fn shorten(&mut self) {
        let Some(left) = self
            .rows
            .len()
            .checked_sub(MOST_ROWS)
            .filter(|left| *left > 0)
        else {
            return;
        };
        let more = FIRST_ROWS + left;
        self.rows.splice(FIRST_ROWS..more, [Row::Left(left)]);
        let place = |row: &mut usize| {
            if *row >= more {
                *row -= left - 1;
            } else {
                *row = (*row).min(FIRST_ROWS);
            }
        };
        self.ends.values_mut().for_each(place);
        for bar in &mut self.bars {
            place(&mut bar.from);
            bar.to.as_mut().map(place);
        }
        self.bars.retain(|bar| bar.to != Some(bar.from));
    }

    /// The same again is no row of its own, but ×2, ×3 …
    fn word(&mut self, at: u64, plate: Plate) {
        if let Some(Row::Plates(plates)) = self.rows.last_mut()
            && let [known] = plates.as_mut_slice()
            && (known.column, known.thread) == (plate.column, plate.thread)
            && known.text == plate.text
        {
            known.times += 1;
            return;
        }
        self.push(at, Row::Plates(vec![plate]));
    }
}

impl Plate {
    fn new(column: usize, text: String, class: &'static str) -> Self {
        let (thread, times) = (0, 1);
        Self {
            column,
            thread,
            text,
            times,
            class,
        }
    }

    fn of(call: &Call, column: usize, text: String, class: &'static str) -> Self {
        let thread = call.thread;
        Self {
            thread,
            ..Self::new(column, text, class)
        }
    }
}

/// A text in lines that fit in the picture.
fn wrapped(text: &str) -> impl Iterator<Item = String> {
    // Two lines of the same length are better than a long one and a word.
    let length = text.chars().count();
    let wide = length / length.div_ceil(WIDE).max(1) + 6;
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        let line = lines.last_mut().expect("one at least");
        if !line.is_empty() && line.chars().count() + word.chars().count() >= wide {
            lines.push(word.to_string());
        } else {
            line.push_str(if line.is_empty() { "" } else { " " });
            line.push_str(word);
        }
    }
    lines.into_iter()
}

/// Arranges the events of the picture in rows.
fn sheet(picture: &Picture, events: &[Event]) -> Sheet {
    let mut sheet = Sheet::default();
    let mut states = States::default();
    let mut returns = HashMap::new();
    for event in events {
        if let What::Returns {
            call, result, took, ..
        } = &event.what
        {
            returns.insert(*call, (result.as_str(), *took));
        }
    }
    let mut shown = !events.iter().any(|event| event.what == What::Begins);
    let mut asleep: Vec<(&Call, usize)> = Vec::new();
    let mut unread = HashMap::new();
    for event in events {
        let at = event.at;
        match &event.what {
            What::Begins => {
                shown = true;
                begin(&mut sheet, &asleep);
                sheet.last = Some(at);
            }
            What::Stops => break,
            What::Step { text, verdict } => sheet.step(picture, at, text, verdict),
            What::Calls(call) => {
                let Some(column) = picture.column(&call.program) else {
                    continue;
                };
                if picture.hidden(call) {
                    continue;
                }
                let returned = returns.get(&call.call);
                if takes_time(call, returned.copied()) {
                    asleep.push((call, column));
                    if shown {
                        sheet.word(at, Plate::of(call, column, begun(call), ""));
                        open_bar(&mut sheet, column, call);
                    }
                } else if shown && !happens_at_its_end(call) {
                    let result = returned.map_or("?", |(result, _)| result);
                    let text = done(picture, call, result);
                    sheet.word(at, Plate::of(call, column, text, class(result)));
                }
            }
            What::Returns {
                call, result, data, ..
            } => {
                let was = asleep.iter().position(|(begun, _)| begun.call == *call);
                let begun = events.iter().find_map(|event| match &event.what {
                    What::Calls(begun) if begun.call == *call => Some(begun),
                    _ => None,
                });
                let Some(begun) = begun.filter(|begun| !picture.hidden(begun)) else {
                    continue;
                };
                let Some(column) = picture.column(&begun.program) else {
                    continue;
                };
                if let Some(was) = was {
                    asleep.remove(was);
                } else if !happens_at_its_end(begun) {
                    continue;
                }
                if shown {
                    let mut text = done(picture, begun, result);
                    // Who asks for a sender asks for a datagram: which one was it?
                    if takes(&begun.name) && !begun.address.is_empty() {
                        text += &format!(" {}", short(data));
                    }
                    sheet.word(at, Plate::of(begun, column, text, class(result)));
                    if was.is_some() {
                        close_bar(&mut sheet, column, begun.thread);
                    }
                }
            }
            What::Segment(segment) => {
                let probes = states.probes(segment);
                let changed = states.pass(segment);
                let handshake = changed.iter().any(|(_, state)| *state == "ESTABLISHED");
                let news = !changed.is_empty()
                    || picture.acks
                    || handshake
                    || segment.window.is_some();
                let (Some(from), Some(to)) =
                    (picture.column(&segment.from), picture.column(&segment.to))
                else {
                    continue;
                };
                if !shown || segment.is_pure_ack() && !news {
                    continue;
                }
                let states = changed.into_iter().filter_map(|(program, state)| {
                    Some((picture.column(&program)?, short_state(state)))
                });
                let states = states.collect();
                let segment = segment.clone();
                sheet.push(
                    at,
                    Row::Arrow {
                        segment,
                        probes,
                        from,
                        to,
                        states,
                    },
                );
            }
            What::Kernel {
                program,
                connection,
                state,
                unread: now,
            } => {
                let now = &waiting(state, *now);
                let before = unread.insert((program, connection), *now);
                let column = picture.column(program);
                if let Some(column) = column
                    && shown
                    && *now > 0
                    && before != Some(*now)
                {
                    // The look was ours, nothing happened then.
                    let plate = Plate::new(column, format!("{now} bytes wait"), "k");
                    sheet.rows.push(Row::Plates(vec![plate]));
                }
            }
            _ => said(picture, &mut sheet, event, shown),
        }
    }
    sheet.shorten();
    sheet
}

/// How many bytes wait for a program: the kernel counts a FIN that nobody has read as one.
pub fn waiting(state: &str, unread: u64) -> u64 {
    match state {
        "CLOSE_WAIT" | "LAST_ACK" | "CLOSING" => unread.saturating_sub(1),
        _ => unread,
    }
}

/// What is said to a program, and its end.
fn said(picture: &Picture, sheet: &mut Sheet, event: &Event, shown: bool) {
    let program = event.program().unwrap_or_default();
    let Some(column) = picture.column(program).filter(|_| shown) else {
        return;
    };
    let (text, class) = match &event.what {
        What::Types { text, .. } if text.is_empty() => ("Enter".to_string(), "u"),
        What::Types { text, .. } => (format!("types {}", short(text)), "u"),
        What::Presses { text, .. } => (text.replace('^', "Ctrl+"), "u"),
        What::Signal { name, .. } => (name.clone(), "u"),
        What::Ends { text, .. } => (format!("ends: {text}"), "x"),
        _ => return,
    };
    sheet.word(event.at, Plate::new(column, text, class));
    if matches!(event.what, What::Ends { .. }) {
        let row = sheet.rows.len() - 1;
        sheet.ends.insert(column, row);
        for bar in sheet.bars.iter_mut().filter(|bar| bar.column == column) {
            bar.to.get_or_insert(row);
        }
    }
}

/// What they sleep in when the picture begins stands in its first row.
fn begin(sheet: &mut Sheet, asleep: &[(&Call, usize)]) {
    let mut again = std::collections::HashSet::new();
    for (call, column) in asleep {
        let plate = Plate::of(call, *column, begun(call), "");
        // The second thread of a program needs a row of its own.
        let is_first = again.insert(*column);
        match sheet.rows.first_mut() {
            Some(Row::Plates(plates)) if is_first => plates.push(plate),
            _ => sheet.rows.push(Row::Plates(vec![plate])),
        }
        let from = if is_first { 0 } else { sheet.rows.len() - 1 };
        sheet.bars.push(Bar {
            column: *column,
            thread: call.thread,
            from,
            to: None,
        });
    }
}

fn open_bar(sheet: &mut Sheet, column: usize, call: &Call) {
    sheet.bars.push(Bar {
        column,
        thread: call.thread,
        from: sheet.rows.len() - 1,
        to: None,
    });
}

fn close_bar(sheet: &mut Sheet, column: usize, thread: u32) {
    let row = sheet.rows.len() - 1;
    let bar = sheet
        .bars
        .iter_mut()
        .rev()
        .find(|bar| bar.column == column && bar.thread == thread && bar.to.is_none());
    if let Some(bar) = bar {
        bar.to = Some(row);
    }
}

/// Whether a call is shown with a begin and an end: it slept, or connects and waits for the
/// answer.
pub fn takes_time(call: &Call, returned: Option<(&str, u64)>) -> bool {
    match returned {
        None => true,
        Some(("EINPROGRESS", _)) => false,
        // On a socket of UDP connect sends nothing, and waits for nothing.
        Some((_, took)) => {
            took >= SLEEP || call.name == "connect" && call.connection.is_some()
        }
    }
}

/// A call that takes something stands where it returns, one that gives where it begins.
pub fn happens_at_its_end(call: &Call) -> bool {
    takes(&call.name) || call.name.starts_with("accept")
}

fn begun(call: &Call) -> String {
    format!("{} …", asking(call))
}

/// A call by its name, and what it asks: select its set, shutdown a half.
fn asking(call: &Call) -> String {
    match call.asks.as_str() {
        "" => plain_name(call).to_string(),
        asks => format!("{} {asks}", plain_name(call)),
    }
}

/// A call with what it gave, and its result where that is news.
fn done(picture: &Picture, call: &Call, result: &str) -> String {
    let name = plain_name(call);
    let is_error = result.starts_with('E');
    if gives(&call.name) && !is_error {
        return match picture.lifelines.len() {
            3.. => format!("{name} {result}"),
            _ => format!("{name} {}", short(&call.data)),
        };
    }
    if name == "setsockopt" && !call.address.is_empty() && !is_error {
        return format!("{name} {}", call.address);
    }
    if let Some((mapped, _)) = call.address.rsplit_once("]:")
        && mapped.starts_with("[::ffff:")
        && name == "accept"
    {
        return format!("{name} {mapped}]"); // an IPv4 client of an IPv6 socket
    }
    let news = is_error || result != "0" || takes(&call.name) || name == "connect";
    if news {
        format!("{name} = {result}")
    } else {
        asking(call)
    }
}

/// Errors stand out. EINPROGRESS is none: the kernel has begun.
fn class(result: &str) -> &'static str {
    if result.starts_with('E') && result != "EINPROGRESS" {
        "e"
    } else {
        ""
    }
}

/// As ss(8) writes it.
fn short_state(state: &str) -> &'static str {
    match state {
        "ESTABLISHED" => "ESTAB",
        "SYN_SENT" => "SYN-SENT",
        "SYN_RECV" => "SYN-RECV",
        "FIN_WAIT1" => "FIN-WAIT-1",
        "FIN_WAIT2" => "FIN-WAIT-2",
        "TIME_WAIT" => "TIME-WAIT",
        "CLOSE_WAIT" => "CLOSE-WAIT",
        "LAST_ACK" => "LAST-ACK",
        "CLOSING" => "CLOSING",
        _ => "CLOSED",
    }
}

/// For HTML, and against mdBook's own marks (`{{`).
pub fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
        .replace('{', "&#123;")
}
