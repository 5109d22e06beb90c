use crate::{println, visible};

/// What a peer says, printed line by line with the peer's name in front, whatever the
/// pieces in which it comes. For the lessons after the one about framing (09).
///
/// A line that has no end yet is kept, and printed when its end comes, when it is longer
/// than 4096 bytes, or when this is dropped.
#[derive(Debug)]
pub struct Lines {
    name: String,
    start: Vec<u8>,
}

impl Lines {
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
        for part in piece.split_inclusive(|byte| *byte == b'\n') {
            self.start.extend(part);
            if part.ends_with(b"\n") || self.start.len() > Self::LONGEST {
                self.print_start();
            }
        }
    }

    fn print_start(&mut self) {
        let text = String::from_utf8_lossy(self.start.trim_ascii_end()).into_owned();
        println!("{}: {}", self.name, visible(&text));
        self.start.clear();
    }
}

impl Drop for Lines {
    fn drop(&mut self) {
        if !self.start.is_empty() {
            self.print_start();
        }
    }
}
