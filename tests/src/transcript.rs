//! Transcripts: the book's pictures of a terminal, made by running the programs.
//!
//! A run is kept as data, one JSON object a line (`transcripts/NAME.jsonl`): which
//! terminal, what was started, typed, pressed or printed, in which order. The text that
//! the chapter includes (`transcripts/NAME.txt`) is made from it.
//!
//! A test repeats the run and fails when it prints something else than the book shows.
//! `TRANSCRIPTS=write cargo test --workspace` writes them anew.
//!
//! What changes from run to run is made equal: ports that the kernel chose get the
//! numbers 50001, 50002 … in the order in which they appear (or the one that
//! [`Transcript::port`] gives them) before they are kept. Durations and descriptor numbers
//! are kept as they were in the run that was recorded, and not compared.

use std::cell::RefCell;
use std::collections::HashMap;
use std::fs;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitStatus;
use std::rc::Rc;

use once_cell::sync::Lazy;
use regex_lite::{Captures, Regex};
use serde_json::{Value, json};
use similar::TextDiff;

use crate::{ANSWER, Program, Running, WHOLE, root};

/// A run of one or more programs, each in a terminal of its own.
#[derive(Debug)]
pub struct Transcript {
    folder: PathBuf,
    name: String,
    run: Rc<RefCell<Run>>,
}

#[derive(Debug, Default)]
struct Run {
    events: Vec<Event>,
    ports: HashMap<String, String>,
    masks: Vec<(Regex, String)>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Event {
    terminal: String,
    what: What,
    text: String,
}

/// What can happen in a terminal. The names are those in the data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum What {
    /// A command line is entered.
    Starts,
    /// The program prints a line.
    Prints,
    /// The program prints text without a line end, and waits behind it.
    Prompts,
    /// A line is typed to the program.
    Types,
    /// A key is pressed: ^C, ^D.
    Presses,
    /// The program ends with this exit code, or by this signal.
    Ends,
}

const WHATS: [(What, &str); 6] = [
    (What::Starts, "starts"),
    (What::Prints, "prints"),
    (What::Prompts, "prompts"),
    (What::Types, "types"),
    (What::Presses, "presses"),
    (What::Ends, "ends"),
];

impl Transcript {
    /// A run that is kept as `lessons/LESSON/transcripts/NAME`.
    pub fn new(lesson: &str, name: &str) -> Self {
        Self::in_room(&format!("lessons/{lesson}"), name)
    }

    /// A run that is kept as `ROOM/transcripts/NAME`: for the pages around the lessons.
    pub fn in_room(room: &str, name: &str) -> Self {
        Self {
            folder: root().join(room).join("transcripts"),
            name: name.to_string(),
            run: Rc::default(),
        }
    }

    /// Shows the port that the kernel chose as the one that the chapter talks about.
    pub fn port(&self, actual: u16, shown: u16) {
        self.run
            .borrow_mut()
            .ports
            .insert(actual.to_string(), shown.to_string());
    }

    /// Replaces what a pattern matches before it is kept: for what else changes from
    /// machine to machine (a user's name, a process id).
    pub fn mask(&self, pattern: &str, shown: &str) {
        let pattern = Regex::new(pattern).expect("a regular expression");
        self.run
            .borrow_mut()
            .masks
            .push((pattern, shown.to_string()));
    }

    /// Opens a terminal, enters the command line that the reader would type, and starts
    /// the program. With several terminals the label stands in front of each line.
    ///
    /// `shown` may differ from what is started: it is `cargo run -p NAME` where the test
    /// starts the binary itself, with port 0.
    pub fn start(&self, label: &str, shown: &str, program: Program) -> Terminal {
        let program = program.start_with_one_output();
        let run = Rc::clone(&self.run);
        let terminal = Terminal {
            label: label.into(),
            run,
            program,
            read_up_to: 0,
        };
        terminal.happens(What::Starts, shown);
        terminal
    }

    /// The whole of a run with one program, from its start to its end.
    pub fn of_one(self, shown: &str, program: Program, exit_code: i32) {
        let mut terminal = self.start("", shown, program);
        terminal.closes_keyboard();
        terminal.ends(exit_code);
        self.check();
    }

    /// Compares the run with the one that is kept, and that one's text with the data; or
    /// keeps it, where `TRANSCRIPTS=write` says so.
    #[track_caller]
    pub fn check(self) {
        let run = self.run.borrow();
        let (data, text) = (self.file("jsonl"), self.file("txt"));
        let kept = fs::read_to_string(&data).unwrap_or_default();
        let kept: Vec<_> = kept.lines().filter_map(Event::from_json).collect();
        let (was, is) = (comparable(&kept), comparable(&run.events));
        if std::env::var("TRANSCRIPTS").is_ok_and(|value| value == "write") {
            // A run that differs in durations alone is no reason for a new file.
            let events = if was == is { &kept } else { &run.events };
            fs::create_dir_all(&self.folder).expect("the folder of the transcripts");
            let lines: String =
                events.iter().map(|event| event.to_json() + "\n").collect();
            fs::write(data, lines).expect("the data");
            fs::write(text, page(events)).expect("the text");
            return;
        }
        assert!(
            was == is,
            "{}: a run no longer prints what the book shows \
             (TRANSCRIPTS=write cargo test … writes it anew)\n{}",
            data.display(),
            TextDiff::from_lines(&was, &is)
                .unified_diff()
                .header("the book", "this run")
        );
        let shown = fs::read_to_string(&text).unwrap_or_default();
        assert_eq!(
            shown,
            page(&kept),
            "{} is not made from its data",
            text.display()
        );
    }

    fn file(&self, extension: &str) -> PathBuf {
        self.folder.join(format!("{}.{extension}", self.name))
    }
}

/// One program of a [`Transcript`], and the terminal it runs in.
#[derive(Debug)]
pub struct Terminal {
    label: String,
    run: Rc<RefCell<Run>>,
    program: Running,
    read_up_to: usize,
}

impl Terminal {
    /// Waits until the program has printed `text`, and records every line up to there.
    /// Text at the start of an unfinished line (a prompt) counts, too.
    #[track_caller]
    pub fn prints(&mut self, text: &str) -> String {
        let start = self.read_up_to;
        let found = self.program.tape().wait_for(ANSWER, |all| {
            let mut end = start;
            for line in all[start..].split_inclusive(|byte| *byte == b'\n') {
                end += line.len();
                if String::from_utf8_lossy(line).contains(text) {
                    return Some((all[start..end].to_vec(), end));
                }
            }
            None
        });
        let Some((bytes, end)) = found else {
            let all = String::from_utf8_lossy(&self.program.printed()).into_owned();
            panic!(
                "{}: {text:?} was never printed; all of it:\n{all}",
                self.label
            );
        };
        self.read_up_to = end;
        self.record(&bytes);
        let bytes = String::from_utf8_lossy(&bytes);
        bytes.lines().last().unwrap_or_default().to_string()
    }

    /// Waits for `Listening on ADDRESS`, records it with `shown` as its port, and returns
    /// the real address.
    #[track_caller]
    pub fn listens(&mut self, shown: u16) -> SocketAddr {
        let address = self.program.address();
        self.run
            .borrow_mut()
            .ports
            .insert(address.port().to_string(), shown.to_string());
        self.prints("Listening on ");
        address
    }

    /// Types a line.
    pub fn types(&mut self, line: &str) {
        self.happens(What::Types, line);
        self.program.types(format!("{line}\n"));
    }

    /// Presses Ctrl+D: the end of the keyboard.
    pub fn presses_ctrl_d(&mut self) {
        self.happens(What::Presses, "^D");
        self.program.close_keyboard();
    }

    /// Presses Ctrl+C.
    #[cfg(unix)]
    pub fn presses_ctrl_c(&mut self) {
        self.happens(What::Presses, "^C");
        self.program.interrupt();
    }

    /// Closes the keyboard without showing it: for programs that read none.
    pub fn closes_keyboard(&mut self) {
        self.program.close_keyboard();
    }

    /// The program itself, for what is not shown.
    pub fn program(&mut self) -> &mut Running {
        &mut self.program
    }

    /// Waits for the end of the program, and records what it printed until then.
    #[track_caller]
    pub fn ends(mut self, exit_code: i32) {
        let status = self.program.wait(WHOLE);
        self.program.tape().wait_for_end(ANSWER);
        let all = self.program.printed();
        self.record(&all[self.read_up_to..]);
        let printed = String::from_utf8_lossy(&all);
        assert_eq!(
            status.code(),
            Some(exit_code),
            "{}: {status}\n{printed}",
            self.label
        );
        self.happens(What::Ends, &ended(status));
    }

    /// Waits for the end of the program, and records nothing more: where the order of its
    /// last lines is a matter of chance.
    #[track_caller]
    pub fn ends_unshown(mut self, exit_code: i32) {
        let status = self.program.wait(WHOLE);
        assert_eq!(status.code(), Some(exit_code), "{}: {status}", self.label);
    }

    /// Waits until Ctrl+C has ended the program, which has no handler for it.
    #[cfg(unix)]
    #[track_caller]
    pub fn ends_by_signal(mut self) {
        use std::os::unix::process::ExitStatusExt;
        let status = self.program.wait(WHOLE);
        self.program.tape().wait_for_end(ANSWER);
        let all = self.program.printed();
        self.record(&all[self.read_up_to..]);
        let printed = String::from_utf8_lossy(&all);
        assert_eq!(
            status.signal(),
            Some(2),
            "{}: {status}\n{printed}",
            self.label
        );
    }

    fn record(&self, bytes: &[u8]) {
        // What telnet negotiates and a terminal would not show stays out.
        let text = String::from_utf8_lossy(bytes).replace('\r', "");
        for line in text.split_inclusive('\n') {
            match line.strip_suffix('\n') {
                Some(line) => self.happens(What::Prints, line),
                None => self.happens(What::Prompts, line),
            }
        }
    }

    fn happens(&self, what: What, text: &str) {
        let mut run = self.run.borrow_mut();
        // A command line is shown as the test gave it.
        let mut text = match what {
            What::Starts => text.to_string(),
            _ => run.with_equal_ports(text),
        };
        for (pattern, shown) in &run.masks {
            text = pattern.replace_all(&text, shown.as_str()).into_owned();
        }
        run.events.push(Event {
            terminal: self.label.clone(),
            what,
            text,
        });
    }
}

fn ended(status: ExitStatus) -> String {
    status
        .code()
        .map_or_else(|| status.to_string(), |code| code.to_string())
}

impl Run {
    /// Gives each port that the kernel chose the next number from 50001 on.
    fn with_equal_ports(&mut self, text: &str) -> String {
        // 127.0.0.1:40226, [::1]:40226, Python's ('127.0.0.1', 40226), "port 40226".
        static PORT: Lazy<Regex> = Lazy::new(|| {
            Regex::new(r"(?:[0-9a-z\]]:|', |\bport )([1-9][0-9]{4})\b")
                .expect("a pattern")
        });
        static NUMBER: Lazy<Regex> =
            Lazy::new(|| Regex::new(r"\b[1-9][0-9]{2,4}\b").expect("a pattern"));
        for found in PORT.captures_iter(text) {
            if found[1].parse::<u16>().is_err() {
                continue; // 70000 is no port
            }
            let next = self
                .ports
                .values()
                .filter(|shown| shown.starts_with("500"))
                .count();
            let next = (50_001 + next).to_string();
            self.ports.entry(found[1].to_string()).or_insert(next);
        }
        let equal = |number: &Captures<'_>| {
            let number = &number[0];
            self.ports
                .get(number)
                .map_or(number, String::as_str)
                .to_string()
        };
        NUMBER.replace_all(text, equal).into_owned()
    }
}

impl Event {
    fn to_json(&self) -> String {
        let what = WHATS
            .iter()
            .find(|(what, _)| *what == self.what)
            .expect("all are there");
        json!({ "terminal": self.terminal, what.1: self.text }).to_string()
    }

    fn from_json(line: &str) -> Option<Self> {
        let object: Value = serde_json::from_str(line).ok()?;
        let terminal = object.get("terminal")?.as_str()?.to_string();
        WHATS.iter().find_map(|(what, name)| {
            let text = object.get(*name)?.as_str()?.to_string();
            Some(Self {
                terminal: terminal.clone(),
                what: *what,
                text,
            })
        })
    }
}

/// The text of the page: what the reader's terminals would show.
fn page(events: &[Event]) -> String {
    let width = events
        .iter()
        .map(|event| event.terminal.len())
        .max()
        .unwrap_or(0);
    let mut page = String::new();
    let mut prompt: Option<&Event> = None;
    for event in events {
        let line = match event.what {
            What::Prompts => {
                prompt = Some(event);
                continue;
            }
            What::Starts => format!("$ {}", event.text),
            What::Ends if event.text == "0" => String::new(),
            What::Ends => format!("[exit code {}]", event.text),
            What::Prints | What::Types | What::Presses => event.text.clone(),
        };
        let before = match prompt.take() {
            Some(prompt) if prompt.terminal == event.terminal => prompt.text.as_str(),
            Some(other) => {
                push_line(&mut page, width, &other.terminal, &other.text);
                ""
            }
            None => "",
        };
        let nothing = event.what == What::Ends && line.is_empty() && before.is_empty();
        if !nothing {
            push_line(
                &mut page,
                width,
                &event.terminal,
                &format!("{before}{line}"),
            );
        }
    }
    page
}

fn push_line(page: &mut String, width: usize, terminal: &str, line: &str) {
    if width > 0 {
        page.push_str(format!("{terminal:width$} | {line}").trim_end());
    } else {
        page.push_str(line.trim_end());
    }
    page.push('\n');
}

/// The events as text, without what differs between two honest runs.
fn comparable(events: &[Event]) -> String {
    static DIFFERS: Lazy<[(Regex, &str); 5]> = Lazy::new(|| {
        let pattern = |pattern| Regex::new(pattern).expect("a pattern");
        [
            (
                pattern(r"\b\d+(\.\d+)? ?(ns|µs|us|ms|s|seconds?)\b"),
                "TIME",
            ),
            (pattern(r"\b(descriptor|fd)([ =])\d+\b"), "$1${2}N"),
            (pattern(r"\b\d+ kB\b"), "SIZE"),
            (pattern(r"\b\d+\.\d+%"), "SHARE"),
            (pattern(r" +"), " "),
        ]
    });
    let mut all: String = events.iter().map(|event| event.to_json() + "\n").collect();
    for (pattern, with) in DIFFERS.iter() {
        all = pattern.replace_all(&all, *with).into_owned();
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(terminal: &str, what: What, text: &str) -> Event {
        Event {
            terminal: terminal.into(),
            what,
            text: text.into(),
        }
    }

    #[test]
    fn an_event_is_the_same_after_a_journey_through_json() {
        for (what, _) in WHATS {
            let event = event("server", what, "a \"b\" é\t");
            assert_eq!(Event::from_json(&event.to_json()), Some(event));
        }
    }

    #[test]
    fn one_terminal_is_shown_as_it_is_and_several_have_labels() {
        let one = [
            event("", What::Starts, "cat"),
            event("", What::Prompts, ">>: "),
            event("", What::Types, "hello"),
            event("", What::Prints, "hello"),
            event("", What::Ends, "1"),
        ];
        assert_eq!(page(&one), "$ cat\n>>: hello\nhello\n[exit code 1]\n");
        let two = [
            event("server", What::Starts, "s"),
            event("one", What::Prints, "hi"),
        ];
        assert_eq!(page(&two), "server | $ s\none    | hi\n");
    }

    #[test]
    fn ports_of_the_kernel_are_numbered_and_known_ones_are_named() {
        let mut run = Run::default();
        run.ports.insert("41234".into(), "8888".into());
        let text = "127.0.0.1:41234 [::1]:33333 ('127.0.0.1', 34444) 33333 10000 1:70000";
        let equal = "127.0.0.1:8888 [::1]:50001 ('127.0.0.1', 50002) 50001 10000 1:70000";
        assert_eq!(run.with_equal_ports(text), equal);
    }

    #[test]
    fn durations_and_descriptors_are_not_compared_and_words_are() {
        let took = |text| comparable(&[event("", What::Prints, text)]);
        assert_eq!(took("after 1.02 s"), took("after 980 ms"));
        assert_eq!(took("descriptor 3"), took("descriptor 14"));
        assert_ne!(took("3 answers"), took("4 answers"));
    }
}
