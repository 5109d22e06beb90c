//! Help for lesson 10: what peers say, printed as lines, and what ends a connection.

use std::io;

use shared::{explain, println, visible, would_block};

/// What a peer says, printed line by line with the peer's name in front, whatever the
/// pieces in which it comes.
///
/// A line that has no end yet is kept, and printed when its end comes, when it is longer
/// than 4096 bytes, or when this is dropped.
#[derive(Debug)]
pub struct LinePrinter {
    name: String,
    start: Vec<u8>,
}

impl LinePrinter {
    const LONGEST: usize = 4096;

    /// No line yet, of a peer of this name.
    pub fn of(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            start: Vec::new(),
        }
    }

    /// The peer's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The next bytes that came: prints the lines that end in there.
    pub fn print(&mut self, piece: &[u8]) {
        for line in self.take(piece) {
            println!("{}: {line}", self.name);
        }
    }

    fn take(&mut self, piece: &[u8]) -> Vec<String> {
        let mut lines = Vec::new();
        for part in piece.split_inclusive(|byte| *byte == b'\n') {
            self.start.extend(part);
            if part.ends_with(b"\n") || self.start.len() > Self::LONGEST {
                lines.push(self.take_start());
            }
        }
        lines
    }

    fn take_start(&mut self) -> String {
        let text = String::from_utf8_lossy(self.start.trim_ascii_end()).into_owned();
        self.start.clear();
        visible(&text)
    }
}

impl Drop for LinePrinter {
    fn drop(&mut self) {
        if !self.start.is_empty() {
            let rest = self.take_start();
            println!("{}: {rest}", self.name);
        }
    }
}

/// Whether a nonblocking call has met the end of a connection, or of the keyboard; then
/// it says so. It is not lost where there was only [nothing to do](would_block).
///
/// The kernel reports the error of a connection once, to the call that comes first: look at
/// what write says, too.
pub fn is_lost(name: &str, error: &io::Error) -> bool {
    if would_block(error) {
        return false;
    }
    println!("[{name} is lost: {}]", explain(error));
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_become_lines_and_a_letter_may_come_in_two() {
        let mut lines = LinePrinter::of("somebody");
        assert!(lines.take("caf\u{e9}".as_bytes()[..4].as_ref()).is_empty());
        assert_eq!(lines.take(b"\xa9\r\n\ntwo\nth"), ["caf\u{e9}", "", "two"]);
        assert_eq!(lines.take(b"ree\n"), ["three"]);
    }

    #[test]
    fn a_line_without_an_end_is_not_kept_for_ever() {
        let mut lines = LinePrinter::of("somebody");
        let pieces = (0..100).flat_map(|_| lines.take(&[b'x'; 1000]));
        assert_eq!(pieces.map(|line| line.len()).max(), Some(5000));
        assert!(lines.start.len() <= LinePrinter::LONGEST);
    }
}
