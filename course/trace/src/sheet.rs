//! The rows of a picture: a row is something that happens, and where nothing happens for a
//! while, a row says for how long.

use std::collections::{HashMap, HashSet};

use crate::draw::Picture;
use crate::event::{Call, Event, Segment, What, returns, takes};
use crate::states::States;
use crate::words::{
    begun, done, happens_at_its_end, short, short_state, takes_time, waiting, wrapped,
};

/// A pause gets a row from here on, in microseconds.
const PAUSE: u64 = 20_000;
/// So many rows there are at most; of more, the first and the last ones.
const MOST_ROWS: usize = 60;
const FIRST_ROWS: usize = 14;
/// So many letters fit in a line across the picture.
const WIDE: usize = 56;

/// The rows, and what goes on from one to another.
#[derive(Debug, Default)]
pub struct Sheet {
    pub rows: Vec<Row>,
    pub bars: Vec<Bar>,
    /// The row in which a program has ended.
    pub ends: HashMap<usize, usize>,
    last: Option<u64>,
}

/// One row of the picture.
#[derive(Debug)]
pub enum Row {
    Plates(Vec<Plate>),
    Arrow(Arrow),
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
pub struct Plate {
    pub column: usize,
    pub thread: u32,
    pub text: String,
    pub times: u32,
    pub class: &'static str,
}

/// A segment from one lifeline to another, and the states that its ends have then.
#[derive(Debug)]
pub struct Arrow {
    pub segment: Segment,
    /// It only asks whether the peer is there.
    pub probes: bool,
    pub from: usize,
    pub to: usize,
    pub states: Vec<(usize, &'static str)>,
}

/// Some thread's sleep in a call, from row to row.
#[derive(Debug)]
pub struct Bar {
    pub column: usize,
    pub thread: u32,
    pub from: usize,
    pub to: Option<usize>,
}

/// Arranges the events of the picture in rows.
pub fn sheet(picture: &Picture, events: &[Event]) -> Sheet {
    let mut arranger = Arranger {
        picture,
        sheet: Sheet::default(),
        begun: !events.iter().any(|event| event.what == What::Begins),
        calls: calls(events),
        returns: returns(events),
        asleep: Vec::new(),
        states: States::default(),
        unread: HashMap::new(),
    };
    for event in events {
        if event.what == What::Stops {
            break;
        }
        arranger.add(event);
    }
    let mut sheet = arranger.sheet;
    sheet.shorten();
    sheet
}

fn calls(events: &[Event]) -> HashMap<u32, &Call> {
    let calls = events.iter().filter_map(|event| match &event.what {
        What::Calls(call) => Some((call.call, call)),
        _ => None,
    });
    calls.collect()
}

/// What is known at some event of a run. What was before the picture is not shown, and counts.
struct Arranger<'a> {
    picture: &'a Picture,
    sheet: Sheet,
    /// Whether the picture has begun.
    begun: bool,
    calls: HashMap<u32, &'a Call>,
    returns: HashMap<u32, (&'a str, u64)>,
    /// Which calls are slept in, and on which lifelines.
    asleep: Vec<(&'a Call, usize)>,
    states: States,
    /// How many bytes waited at an end of a connection, the last time that somebody looked.
    unread: HashMap<(&'a str, u32), u64>,
}

impl<'a> Arranger<'a> {
    fn add(&mut self, event: &'a Event) {
        let at = event.at;
        match &event.what {
            What::Begins => self.begin(at),
            What::Step { text, verdict } => {
                self.sheet.step(self.picture, at, text, verdict);
            }
            What::Calls(call) => self.call(at, call),
            What::Returns {
                call, result, data, ..
            } => self.returned(at, *call, result, data),
            What::Segment(segment) => self.segment(at, segment),
            What::Kernel {
                program,
                connection,
                state,
                unread,
            } => self.wait(program, *connection, waiting(state, *unread)),
            _ => self.said(event),
        }
    }

    /// What they sleep in when the picture begins stands in its first row.
    fn begin(&mut self, at: u64) {
        self.begun = true;
        self.sheet.last = Some(at);
        let mut columns = HashSet::new();
        for (call, column) in &self.asleep {
            let plate = Plate::of(call, *column, begun(call), "");
            // The second thread of a program needs a row of its own.
            let is_first = columns.insert(*column);
            let rows = &mut self.sheet.rows;
            match rows.first_mut() {
                Some(Row::Plates(plates)) if is_first => plates.push(plate),
                _ => rows.push(Row::Plates(vec![plate])),
            }
            let from = if is_first { 0 } else { rows.len() - 1 };
            self.sheet.open_bar(*column, call.thread, from);
        }
    }

    /// The begin of a call: if it sleeps, a bar begins.
    fn call(&mut self, at: u64, call: &'a Call) {
        let Some(column) = self.shown(call) else {
            return;
        };
        let returned = self.returns.get(&call.call).copied();
        if takes_time(call, returned) {
            self.asleep.push((call, column));
            if self.begun {
                self.sheet
                    .word(at, Plate::of(call, column, begun(call), ""));
                self.sheet
                    .open_bar(column, call.thread, self.sheet.last_row());
            }
        } else if self.begun && !happens_at_its_end(call) {
            let result = returned.map_or("?", |(result, _)| result);
            let text = done(self.picture.lifelines.len(), call, result);
            self.sheet
                .word(at, Plate::of(call, column, text, class(result)));
        }
    }

    /// The end of a call that has slept, or that stands where it returns.
    fn returned(&mut self, at: u64, call: u32, result: &str, data: &str) {
        let Some(&call) = self.calls.get(&call) else {
            return;
        };
        let Some(column) = self.shown(call) else {
            return;
        };
        let asleep = self.asleep.iter().position(|(it, _)| it.call == call.call);
        let slept = asleep.map(|place| self.asleep.remove(place)).is_some();
        if !self.begun || !slept && !happens_at_its_end(call) {
            return;
        }
        let mut text = done(self.picture.lifelines.len(), call, result);
        // Who asks for a sender asks for a datagram: which one was it?
        if takes(&call.name) && !call.address.is_empty() {
            text += &format!(" {}", short(data));
        }
        self.sheet
            .word(at, Plate::of(call, column, text, class(result)));
        if slept {
            self.sheet.close_bar(column, call.thread);
        }
    }

    fn segment(&mut self, at: u64, segment: &Segment) {
        let probes = self.states.probes(segment);
        let changed = self.states.pass(segment);
        let news = !changed.is_empty() || self.picture.acks || segment.window.is_some();
        let column = |program: &str| self.picture.column(program);
        let (Some(from), Some(to)) = (column(&segment.from), column(&segment.to)) else {
            return;
        };
        if !self.begun || segment.is_pure_ack() && !news {
            return;
        }
        let states = changed
            .into_iter()
            .filter_map(|(program, state)| Some((column(&program)?, short_state(state))));
        let arrow = Arrow {
            segment: segment.clone(),
            probes,
            from,
            to,
            states: states.collect(),
        };
        self.sheet.push(at, Row::Arrow(arrow));
    }

    /// So many bytes wait for a program: that is a row where it is news.
    fn wait(&mut self, program: &'a str, connection: u32, bytes: u64) {
        let before = self.unread.insert((program, connection), bytes);
        let Some(column) = self.picture.column(program) else {
            return;
        };
        if self.begun && bytes > 0 && before != Some(bytes) {
            // The look was ours, nothing happened then.
            let plate = Plate::new(column, format!("{bytes} bytes wait"), "k");
            self.sheet.rows.push(Row::Plates(vec![plate]));
        }
    }

    /// What is said to a program, and its end.
    fn said(&mut self, event: &Event) {
        let program = event.program().unwrap_or_default();
        let Some(column) = self.picture.column(program).filter(|_| self.begun) else {
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
        self.sheet.word(event.at, Plate::new(column, text, class));
        if matches!(event.what, What::Ends { .. }) {
            self.sheet.end(column);
        }
    }

    /// The lifeline on which a call is shown.
    fn shown(&self, call: &Call) -> Option<usize> {
        let column = self.picture.column(&call.program);
        column.filter(|_| !self.picture.hidden(call))
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
        let row = self.last_row();
        for column in 0..picture.lifelines.len() {
            self.ends.entry(column).or_insert(row);
        }
        for bar in &mut self.bars {
            bar.to.get_or_insert(row);
        }
        self.rows.extend(wrapped(text, WIDE).map(Row::Words));
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

    fn last_row(&self) -> usize {
        self.rows.len() - 1
    }

    /// A lifeline ends here, and what is open on it.
    fn end(&mut self, column: usize) {
        let row = self.last_row();
        self.ends.insert(column, row);
        for bar in self.bars.iter_mut().filter(|bar| bar.column == column) {
            bar.to.get_or_insert(row);
        }
    }

    fn open_bar(&mut self, column: usize, thread: u32, from: usize) {
        self.bars.push(Bar {
            column,
            thread,
            from,
            to: None,
        });
    }

    fn close_bar(&mut self, column: usize, thread: u32) {
        let row = self.last_row();
        let mut open = self.bars.iter_mut().rev().filter(|bar| bar.to.is_none());
        if let Some(bar) = open.find(|bar| (bar.column, bar.thread) == (column, thread)) {
            bar.to = Some(row);
        }
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

/// Errors stand out. EINPROGRESS is none: the kernel has begun.
fn class(result: &str) -> &'static str {
    if result.starts_with('E') && result != "EINPROGRESS" {
        "e"
    } else {
        ""
    }
}
