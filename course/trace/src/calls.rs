//! What strace has written, as calls with a begin, an end and their bytes.

use std::collections::HashMap;

/// A system call, or another line of strace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    pub thread: u32,
    /// Microseconds since 1970.
    pub begin: u64,
    /// None: it never returned.
    pub end: Option<u64>,
    pub what: Kind,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    Call {
        name: String,
        args: Vec<String>,
        result: String,
    },
    Signal(String),
    /// The exit code, or the signal.
    Exit(String),
}

impl Line {
    /// When a call has returned at the latest: before its thread does the next thing.
    pub fn latest_end(&self, later: &[Self]) -> u64 {
        let Some(end) = self.end else {
            return u64::MAX;
        };
        let mut next = later.iter().filter(|next| next.thread == self.thread);
        let next = next.find(|next| next.begin > end);
        next.map_or(u64::MAX, |next| next.begin - 1)
    }
}

/// The programs' network and descriptor calls, and what they may sleep in. A restarted
/// call appears once, with all of its time: for the program it is one call.
pub fn parse(text: &str) -> Vec<Line> {
    let mut parser = Parser::default();
    for (thread, at, rest) in text.lines().filter_map(head) {
        parser.line(thread, at, rest);
    }
    // What still sleeps when the recording ends.
    for (thread, (begin, call)) in std::mem::take(&mut parser.unfinished) {
        parser.call(thread, begin, Returned::Never, &call);
    }
    let mut lines = parser.lines;
    lines.sort_by_key(|line| line.begin);
    lines
}

#[derive(Default)]
struct Parser {
    lines: Vec<Line>,
    /// What each thread has begun: strace ends the line when another thread calls something.
    unfinished: HashMap<u32, (u64, String)>,
    /// Which line is the call that the kernel restarts for a thread.
    restarting: HashMap<u32, usize>,
}

/// Whether strace has seen a call's end.
#[derive(PartialEq)]
enum Returned {
    Yes,
    Never,
}

impl Parser {
    /// A line of a thread, without its head.
    fn line(&mut self, thread: u32, at: u64, rest: &str) {
        if let Some(signal) = rest.strip_prefix("--- ") {
            let name = signal.split(' ').next().unwrap_or_default().to_string();
            self.push(thread, at, Kind::Signal(name));
        } else if let Some(exit) = rest.strip_prefix("+++ ") {
            let exit = exit.trim_end_matches(" +++");
            let exit = exit.strip_prefix("exited with ").unwrap_or(exit);
            // What it slept in has ended with it.
            if let Some((begin, call)) = self.unfinished.remove(&thread) {
                self.call(thread, begin, Returned::Never, &call);
            }
            self.push(thread, at, Kind::Exit(exit.to_string()));
        } else if let Some(begun) = rest.strip_suffix("<unfinished ...>") {
            self.unfinished.insert(thread, (at, begun.to_string()));
        } else if let Some(resumed) = rest.strip_prefix("<... ") {
            if let Some((begin, begun)) = self.unfinished.remove(&thread) {
                let resumed = resumed.split_once("resumed>").map_or("", |(_, it)| it);
                self.call(thread, begin, Returned::Yes, &(begun + resumed));
            }
        } else {
            self.call(thread, at, Returned::Yes, rest);
        }
    }

    fn push(&mut self, thread: u32, begin: u64, what: Kind) {
        self.lines.push(Line {
            thread,
            begin,
            end: None,
            what,
        });
    }

    /// A call: a new one, or again the one that was restarted.
    fn call(&mut self, thread: u32, begin: u64, returned: Returned, text: &str) {
        let Some((name, args, result, took)) = call(text) else {
            return;
        };
        let restarts = result.starts_with("ERESTART");
        // Without a restart it never came back to its program: that was killed.
        let took = took.filter(|_| returned == Returned::Yes && !restarts);
        // strace cuts microseconds off.
        let end = took.map(|took| begin + took + 2);
        let is_same = |earlier: &usize| matches!(&self.lines[*earlier].what, Kind::Call { name: known, .. } if *known == name);
        let earlier = self.restarting.get(&thread).copied().filter(is_same);
        let what = Kind::Call { name, args, result };
        if let Some(earlier) = earlier {
            let line = &mut self.lines[earlier];
            (line.end, line.what) = (end, what);
            if !restarts {
                self.restarting.remove(&thread);
            }
            return;
        }
        if restarts {
            self.restarting.insert(thread, self.lines.len());
        }
        self.lines.push(Line {
            thread,
            begin,
            end,
            what,
        });
    }
}

/// `PID SECONDS.MICROSECONDS REST`
fn head(line: &str) -> Option<(u32, u64, &str)> {
    let (thread, rest) = line.trim_start().split_once(' ')?;
    let (at, rest) = rest.trim_start().split_once(' ')?;
    let (seconds, micros) = at.split_once('.')?;
    let seconds: u64 = seconds.parse().ok()?;
    let micros: u64 = micros.parse().ok()?;
    Some((thread.parse().ok()?, seconds * 1_000_000 + micros, rest))
}

/// `NAME(ARGS) = RESULT <TOOK>`; of a call that has not returned `NAME(ARGS`.
fn call(text: &str) -> Option<(String, Vec<String>, String, Option<u64>)> {
    let (name, rest) = text.split_once('(')?;
    let (rest, took) = match rest.rsplit_once(" <") {
        Some((rest, took)) if took.ends_with('>') => (rest, seconds(took)),
        _ => (rest, None),
    };
    let (args, result) = match rest.rfind(" = ") {
        Some(at) => (rest[..at].trim_end(), rest[at + 3..].trim()),
        None => (rest, "?"),
    };
    let args = split(args.strip_suffix(')').unwrap_or(args));
    Some((name.to_string(), args, plain_result(result), took))
}

fn seconds(took: &str) -> Option<u64> {
    let (seconds, micros) = took.trim_end_matches('>').split_once('.')?;
    let seconds: u64 = seconds.parse().ok()?;
    Some(seconds * 1_000_000 + micros.parse::<u64>().ok()?)
}

/// The number, or the name of the error.
fn plain_result(result: &str) -> String {
    let mut words = result.split(' ');
    match (words.next(), words.next()) {
        (Some("-1"), Some(error)) => error.to_string(),
        (Some("?"), Some(error)) if error.starts_with("ERESTART") => error.to_string(),
        (Some(number), _) => number.to_string(),
        _ => "?".to_string(),
    }
}

/// The arguments, at the commas that stand in no brackets and no quotes.
fn split(text: &str) -> Vec<String> {
    let (mut args, mut depth, mut quoted, mut escaped) =
        (vec![String::new()], 0, false, false);
    for letter in text.chars() {
        let last = args.last_mut().expect("one at least");
        match letter {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => quoted = !quoted,
            '{' | '[' | '(' if !quoted => depth += 1,
            '}' | ']' | ')' if !quoted => depth -= 1,
            ',' if depth == 0 && !quoted => {
                args.push(String::new());
                continue;
            }
            _ => {}
        }
        last.push(letter);
    }
    args.iter().map(|arg| arg.trim().to_string()).collect()
}

/// The bytes between all quotes of an argument: of a buffer, or of several.
pub fn bytes(arg: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut letters = arg.bytes().peekable();
    let mut quoted = false;
    while let Some(letter) = letters.next() {
        match letter {
            b'"' => quoted = !quoted,
            b'\\' if quoted => bytes.extend(match letters.next() {
                Some(b'n') => Some(b'\n'),
                Some(b't') => Some(b'\t'),
                Some(b'r') => Some(b'\r'),
                Some(b'v') => Some(11),
                Some(b'f') => Some(12),
                Some(digit @ b'0'..=b'7') => {
                    let mut value = u32::from(digit - b'0');
                    for _ in 0..2 {
                        let Some(next @ b'0'..=b'7') = letters.peek().copied() else {
                            break;
                        };
                        value = value * 8 + u32::from(next - b'0');
                        letters.next();
                    }
                    u8::try_from(value).ok()
                }
                other => other,
            }),
            _ if quoted => bytes.push(letter),
            _ => {}
        }
    }
    bytes
}

/// The address and port in a `{sa_family=AF_INET, …}`.
pub fn address(arg: &str) -> Option<(String, u16)> {
    let port = arg.split_once("port=htons(")?.1.split_once(')')?.0;
    let (_, rest) = arg
        .split_once("inet_addr(")
        .or(arg.split_once("inet_pton("))?;
    let host = rest.split('"').nth(1)?;
    Some((host.to_string(), port.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    const STRACE: &str = r#"7 100.000010 accept4(3, 0x7ffd, [128], SOCK_CLOEXEC) = ? ERESTARTSYS (To be restarted if SA_RESTART is set) <1.000000>
7 101.000020 --- SIGINT {si_signo=SIGINT, si_code=SI_USER} ---
7 101.000030 write(6, "\0", 1) = 1 <0.000010>
7 101.000050 accept4(3,  <unfinished ...>
8 101.500000 recvfrom(5, "a, \"b\"\n\1772", 8192, 0, NULL, NULL) = 8 <0.000100>
7 102.000050 <... accept4 resumed>{sa_family=AF_INET, sin_port=htons(50608), sin_addr=inet_addr("127.0.0.1")}, [128 => 16], SOCK_CLOEXEC) = 4 <1.000000>
8 103.000000 recvfrom(5,  <unfinished ...>
8 104.000000 +++ killed by SIGKILL +++
"#;

    #[test]
    fn a_call_that_the_kernel_restarts_is_one_call() {
        let lines = parse(STRACE);
        let Kind::Call { name, args, result } = &lines[0].what else {
            panic!("{lines:?}");
        };
        assert_eq!((name.as_str(), result.as_str()), ("accept4", "4"));
        assert_eq!(address(&args[1]), Some(("127.0.0.1".into(), 50608)));
        assert_eq!(lines[0].begin, 100_000_010);
        assert_eq!(lines[0].end, Some(102_000_052));
    }

    #[test]
    fn bytes_come_out_of_c_strings_and_a_killed_call_never_returns() {
        let lines = parse(STRACE);
        let calls: Vec<_> = lines
            .iter()
            .filter_map(|line| match &line.what {
                Kind::Call { name, args, .. } if name == "recvfrom" => {
                    Some((bytes(args.get(1).map_or("", |arg| arg)), line.end))
                }
                _ => None,
            })
            .collect();
        assert_eq!(calls[0].0, b"a, \"b\"\n\x7f2");
        assert_eq!(calls[1], (Vec::new(), None));
    }
}
