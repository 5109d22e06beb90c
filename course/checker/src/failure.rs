//! What went wrong: what was expected, what was seen, and the likely cause.

use std::fmt::Write;
use std::time::Instant;

/// Why a step failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// The kind of the failure.
    pub kind: Kind,
    /// When it was seen.
    pub when: Instant,
    /// What the checker waited for or wanted to see, as a clause: `the line "a\n"`.
    pub expected: String,
    /// What it saw, as a clause.
    pub seen: String,
    /// The two byte strings that should be equal, where that is the matter.
    pub bytes: Option<(Vec<u8>, Vec<u8>)>,
    /// The likely cause in one sentence; empty: nobody knows.
    pub cause: String,
    /// Whether the step knows its cause better than a panic tells it.
    pub certain: bool,
    /// The hint that helps most against it: 1 to 3.
    pub hint: u8,
    /// The heading of the section to read, where it is another than the exercise's own.
    pub section: Option<&'static str>,
}

/// The verdicts that are no pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The program did something else than its task says.
    Fail,
    /// It ended by a panic or a signal.
    Crash,
    /// It did nothing until a deadline.
    Timeout,
    /// The checker itself could not do its work: nothing is said of the program.
    CheckerError,
}

impl Kind {
    /// The word in capitals that the learner sees.
    pub fn word(self) -> &'static str {
        match self {
            Self::Fail => "FAIL",
            Self::Crash => "CRASH",
            Self::Timeout => "TIMEOUT",
            Self::CheckerError => "CHECKER-ERROR",
        }
    }

    /// The kind that this word stands for.
    pub fn of_word(word: &str) -> Option<Self> {
        let all = [Self::Fail, Self::Crash, Self::Timeout, Self::CheckerError];
        all.into_iter().find(|kind| kind.word() == word)
    }
}

impl Failure {
    /// A plain failure: this was expected, that was seen.
    pub fn new(expected: impl Into<String>, seen: impl Into<String>) -> Self {
        Self {
            kind: Kind::Fail,
            when: Instant::now(),
            expected: expected.into(),
            seen: seen.into(),
            bytes: None,
            cause: String::new(),
            certain: false,
            hint: 1,
            section: None,
        }
    }

    /// The program did nothing within the deadline.
    pub fn timeout(expected: impl Into<String>, seen: impl Into<String>) -> Self {
        Self {
            kind: Kind::Timeout,
            ..Self::new(expected, seen)
        }
    }

    /// The checker's own failure.
    pub fn checker(what: impl Into<String>, error: &std::io::Error) -> Self {
        Self {
            kind: Kind::CheckerError,
            ..Self::new(what, error.to_string())
        }
    }

    /// Whether the right bytes came, and then the end of the connection in place of the others.
    pub fn is_cut_off(&self) -> bool {
        let right = |(expected, heard): &(Vec<u8>, Vec<u8>)| expected.starts_with(heard);
        self.kind == Kind::Fail && self.bytes.as_ref().is_some_and(right)
    }

    /// Whether bytes were to come, and none came.
    pub fn has_nothing(&self) -> bool {
        let nothing = |(_, heard): &(Vec<u8>, Vec<u8>)| heard.is_empty();
        self.bytes.as_ref().is_some_and(nothing)
    }

    /// The same with a cause, where none is known yet.
    #[must_use]
    pub fn likely(mut self, cause: impl Into<String>) -> Self {
        if self.cause.is_empty() {
            self.cause = cause.into();
        }
        self
    }

    /// The same with this cause, in place of what was supposed before. If the program has
    /// panicked, its own words tell more.
    #[must_use]
    pub fn probably(mut self, cause: impl Into<String>) -> Self {
        self.cause = cause.into();
        self
    }

    /// The same with this cause, whatever was supposed before.
    #[must_use]
    pub fn certain(mut self, cause: impl Into<String>) -> Self {
        self.cause = cause.into();
        self.certain = true;
        self
    }

    /// The same with the level of the hint that helps against it.
    #[must_use]
    pub fn hint(mut self, level: u8) -> Self {
        self.hint = level;
        self
    }

    /// The same with another section to read.
    #[must_use]
    pub fn read(mut self, section: &'static str) -> Self {
        self.section = Some(section);
        self
    }
}

/// Bytes as a person reads them: `"OK... a\r\n"`, a long one cut in the middle, never
/// longer than a line of a terminal.
pub fn quoted(bytes: &[u8]) -> String {
    const MOST: usize = 44;
    if bytes.is_empty() {
        return "nothing".into();
    }
    let shown = |byte: &u8| byte.escape_ascii().to_string();
    // No more than decides whether it is too long: it may be megabytes.
    let whole: String = bytes.iter().take(MOST + 1).map(shown).collect();
    if whole.len() <= MOST {
        return format!("\"{whole}\"");
    }
    let up_to = |most: usize, text: &mut String, part: String| {
        (text.len() + part.len() <= most).then(|| text.push_str(&part))
    };
    let (mut head, mut tail) = (String::new(), Vec::new());
    for byte in bytes {
        if up_to(MOST * 2 / 3, &mut head, shown(byte)).is_none() {
            break;
        }
    }
    let mut length = 0;
    for byte in bytes.iter().rev().map(shown) {
        length += byte.len();
        if length > MOST / 3 {
            break;
        }
        tail.push(byte);
    }
    tail.reverse();
    format!("\"{head}\" … \"{}\" ({} bytes)", tail.concat(), bytes.len())
}

/// The two byte strings around their first difference, in hex and as text.
pub fn difference(expected: &[u8], seen: &[u8]) -> String {
    let same = expected
        .iter()
        .zip(seen)
        .take_while(|(one, other)| one == other)
        .count();
    let mut text = String::new();
    let what = match (expected.get(same), seen.get(same)) {
        (Some(_), None) => "it ends too early".to_string(),
        (None, Some(_)) => "there is more than expected".to_string(),
        (Some(one), Some(other)) => format!("{one:02x} was expected, {other:02x} came"),
        (None, None) => "there is no difference".to_string(),
    };
    // A row has 12 bytes: this start leaves the difference among them, after at most 11.
    let start = same.saturating_sub(8) / 4 * 4;
    writeln!(text, "the first difference is at byte {same}: {what}").expect("a string");
    for (name, bytes) in [("expected", expected), ("came", seen)] {
        let part = &bytes[start.min(bytes.len())..(start + 12).min(bytes.len())];
        let hex: Vec<_> = part.iter().map(|byte| format!("{byte:02x}")).collect();
        let plain = |byte: &u8| {
            if (b' '..=b'~').contains(byte) {
                char::from(*byte)
            } else {
                '.'
            }
        };
        let plain: String = part.iter().map(plain).collect();
        writeln!(
            text,
            "  {name:8} {start:6}  {:35}  |{plain}|",
            hex.join(" ")
        )
        .expect("a string");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_difference_shows_both_sides_around_it() {
        let text = difference(b"OK... hello, you there\n", b"OK... hello, you\n");
        assert!(
            text.starts_with("the first difference is at byte 16: 20 was"),
            "{text}"
        );
        let rows: Vec<_> = text.lines().skip(1).collect();
        assert!(rows[0].ends_with("|llo, you the|"), "{text}");
        assert!(rows[1].ends_with("|llo, you.|"), "{text}");
    }

    #[test]
    fn the_rows_hold_the_difference_wherever_it_is() {
        for place in 0..40 {
            let (mut one, mut other) = ([b'.'; 40], [b'.'; 40]);
            (one[place], other[place]) = (b'1', b'2');
            let text = difference(&one, &other);
            let rows: Vec<_> = text.lines().skip(1).collect();
            assert!(rows[0].contains('1') && rows[0].contains("31"), "{text}");
            assert!(rows[1].contains('2') && rows[1].contains("32"), "{text}");
        }
    }

    #[test]
    fn an_answer_that_is_too_short_or_too_long_is_called_so() {
        assert!(difference(b"ab", b"a").contains("at byte 1: it ends too early"));
        assert!(difference(b"a", b"ab").contains("at byte 1: there is more"));
    }

    #[test]
    fn long_bytes_are_cut_in_the_middle() {
        assert_eq!(quoted(b"a\r\n\xff"), r#""a\r\n\xff""#);
        assert_eq!(quoted(b""), "nothing");
        assert!(quoted(&[b'x'; 1000]).ends_with("(1000 bytes)"));
    }
}
