//! From events to a picture: a figure of HTML with inline SVG and its twin in text.
//!
//! The same events give the same picture, byte for byte. Rows have equal heights; the sheet
//! says what stands in them.
//!
//! What is absent: colours and sizes of letters. They are classes, in
//! `docs/theme/course.css`, made from mdBook's own variables, so that each theme is right.

use std::fmt::Write;

use crate::event::{Call, Event, Segment, What};
use crate::sheet::{Arrow, Bar, Row, Sheet, sheet};
use crate::twin;
use crate::words::{label, pause_in_words, plain_name};

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

impl Picture {
    /// Whether a call is left out.
    pub fn hidden(&self, call: &Call) -> bool {
        self.hides.iter().any(|(program, name)| {
            (program == "*" || *program == call.program)
                && (*name == call.name || name == plain_name(call))
        })
    }

    /// Which of the lifelines is the program's.
    pub fn column(&self, program: &str) -> Option<usize> {
        self.lifelines.iter().position(|name| name == program)
    }
}

const WIDTH: i32 = 360;
const ROW: i32 = 22;
/// Where the first row is: below the names.
const TOP: i32 = 42;
/// A letter of the calls' type.
const LETTER: i32 = 6;

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
    for it in &sheet.bars {
        bar(&mut svg, picture, it, height);
    }
    for (index, it) in sheet.rows.iter().enumerate() {
        row(&mut svg, picture, y(index), it);
    }
    svg.push_str("</svg>\n");
    svg
}

fn row(svg: &mut String, picture: &Picture, y: i32, row: &Row) {
    match row {
        Row::Plates(plates) => {
            for it in plates {
                let x = x(picture, it.column) + beside(it.thread);
                let text = match it.times {
                    1 => it.text.clone(),
                    times => format!("{} ×{times}", it.text),
                };
                plate(svg, x, y, &text, it.class);
            }
        }
        Row::Arrow(it) => {
            let (from, to) = (x(picture, it.from), x(picture, it.to));
            arrow(svg, (from, to), y, it);
            for (column, name) in &it.states {
                match *column == it.from {
                    true => state(svg, (from, to), y, name),
                    false => state(svg, (to, from), y, name),
                }
            }
        }
        Row::Pause(time) => gap(svg, picture, y, &pause_in_words(*time)),
        Row::Left(rows) => gap(svg, picture, y, &format!("{rows} more")),
        Row::Across(verdict) => across(svg, y, verdict),
        Row::Words(text) => words(svg, y, text),
    }
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

/// The names, with their commands, and the lines below them.
fn lifelines(
    svg: &mut String,
    picture: &Picture,
    events: &[Event],
    sheet: &Sheet,
    height: i32,
) {
    for (column, name) in picture.lifelines.iter().enumerate() {
        let x = x(picture, column);
        let command = escape(&started_by(picture, events, name));
        let name = escape(name);
        line(
            svg,
            &format!("<text class=\"n\" x=\"{x}\" y=\"14\">{name}</text>"),
        );
        line(
            svg,
            &format!("<text class=\"c\" x=\"{x}\" y=\"28\">{command}</text>"),
        );
        let end = sheet.ends.get(&column).map_or(height, |row| y(*row));
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

/// The command that has started a program, as short as it has room.
fn started_by(picture: &Picture, events: &[Event], name: &str) -> String {
    let mut starts = events.iter().filter_map(|event| match &event.what {
        What::Starts { program, text } if program == name => Some(command(text)),
        _ => None,
    });
    let command = starts.next();
    command.map_or("no program".to_string(), |command| {
        fitting(&command, picture.lifelines.len())
    })
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

/// The time that a thread sleeps.
fn bar(svg: &mut String, picture: &Picture, bar: &Bar, height: i32) {
    let x = x(picture, bar.column) - 6 + beside(bar.thread);
    let from = y(bar.from);
    let tall = bar.to.map_or(height, y) - from;
    line(
        svg,
        &format!(
            "<rect class=\"z\" x=\"{x}\" y=\"{from}\" width=\"12\" height=\"{tall}\"/>"
        ),
    );
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
fn arrow(svg: &mut String, (from, to): (i32, i32), y: i32, arrow: &Arrow) {
    let class = class(&arrow.segment);
    let back = if to > from { -8 } else { 8 };
    let (start, end) = (y + 3, y + 8);
    let tip = to - if to > from { 1 } else { -1 };
    let neck = tip + back;
    let middle = i32::midpoint(from, to);
    let (label, whole) = label(&arrow.segment, arrow.probes);
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

fn class(segment: &Segment) -> &'static str {
    match segment {
        it if it.has('R') || it.has('I') => "r",
        it if it.length > 0 || it.has('U') => "d",
        it if it.is_pure_ack() => "a",
        _ => "f",
    }
}

/// The name of a state, outside of its end's lifeline.
fn state(svg: &mut String, (own, peer): (i32, i32), y: i32, name: &str) {
    let (x, anchor) = match own < peer {
        true => (own - 9, "e"),
        false => (own + 9, "b"),
    };
    let y = y + 6;
    line(
        svg,
        &format!("<text class=\"s {anchor}\" x=\"{x}\" y=\"{y}\">{name}</text>"),
    );
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

/// For HTML, and against mdBook's own marks (`{{`).
pub fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
        .replace('{', "&#123;")
}
